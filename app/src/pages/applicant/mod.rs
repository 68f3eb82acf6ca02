//! What applicants see.

pub mod cases;
pub mod check;
pub mod confirm;
pub mod receipt;
pub mod sign_in;
pub mod start;
pub mod times;
