//! One file a URL.

pub mod applicant;
pub mod desk;
