//! What is on record: figures, the log, the import of the register.

pub mod audit;
pub mod import;
pub mod numbers;
