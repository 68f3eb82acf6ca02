//! The pages, one file for each URL. `App` renders them.

pub mod applicant;
pub mod desk;
