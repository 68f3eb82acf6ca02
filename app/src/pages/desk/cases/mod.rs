//! Cases at the desk: the search, one case with its history, and the people who must be called.

pub mod calls;
pub mod case_booking;
pub mod case_documents;
pub mod case_file;
pub mod find;
