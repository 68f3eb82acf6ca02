//! Fixture of the server's tests and benchmarks: new databases, records in them, the server process over them, and HTTP
//! clients for people.
//!
//! It is a module and not a crate: only the tests and benchmarks of the package `server` are told by cargo which binary it
//! has built for them. Facts by chance and vectors, which need no server, are in the crate `tests`; that crate depends on
//! `api` and `rules` alone, so `server` may depend on it for its tests.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod database;
mod records;
mod test_server;
mod visitor;

pub use records::*;
#[allow(unused_imports, reason = "each test binary uses a part of it")]
pub use test_server::*;
#[allow(unused_imports, reason = "each test binary uses a part of it")]
pub use visitor::*;
