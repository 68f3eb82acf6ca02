//! One file a URL.

pub mod applicant;
