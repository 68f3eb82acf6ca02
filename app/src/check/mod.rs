//! Parts of the page `/check`: its questions and the facts that they make, the link that carries the answers, and
//! the steps by which the rules decided.

pub mod questions;
pub mod share_link;
pub mod trace;
