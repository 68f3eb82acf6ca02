//! The server: keeps the records, decides again by `rules`, and answers the page.
//!
//! Modules depend on one another in one direction: `cli`, `demo` and `http` use `services` and `documents`; these use `state`, then
//! `messages`, `text`, `policy` and `files`, and `store` last. `tests/house.rs` holds this.

mod canonical_json;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod documents;
pub mod error;
pub mod files;
pub mod http;
pub mod messages;
pub mod policy;
pub mod secrets;
pub mod serve;
pub mod services;
pub mod state;
pub mod store;
mod text;
