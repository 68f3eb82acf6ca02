//! What applicants see.

pub mod case;
pub mod cases;
pub mod check;
pub mod confirm;
pub mod profile;
pub mod receipt;
pub mod sign_in;
pub mod start;
pub mod times;
