//! Cases at the desk: found, opened, called.

pub mod calls;
pub mod case_documents;
pub mod case_file;
pub mod find;
