//! Records of the desk: statistics, the audit log and the import of the register.

pub mod audit;
pub mod import;
pub mod numbers;
