//! Offices at the desk: their slots and their closures.

pub mod close;
pub mod closure;
pub mod slots;
