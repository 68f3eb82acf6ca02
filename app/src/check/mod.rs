//! The page `/check` besides its file: its questions with the facts they make, and how an answer came about.

pub mod questions;
pub mod trace;
