//! Offices at the desk: their slots and closures.

pub mod close;
pub mod closure;
pub mod slots;
