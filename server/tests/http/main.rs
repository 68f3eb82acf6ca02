//! End-to-end tests over HTTP: the server binary that cargo has just built, a real database and real requests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, an unwrap that fails is a finding"
)]

#[path = "../common/mod.rs"]
mod common;

mod applicant;
mod bad_input;
mod command_line;
mod connections;
mod database;
mod desk;
mod documents;
mod law;
mod messages;
mod races;
mod settings;
mod start;
