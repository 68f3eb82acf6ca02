//! Parts of the page `/check`: its questions and the facts that they make, and the steps by which the rules decided.

pub mod questions;
pub mod trace;
