//! The store on both engines: every function does the same on SQLite and PostgreSQL, also under concurrency.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, an unwrap that fails is a finding"
)]

#[path = "../common/database.rs"]
mod database;

mod appointments;
mod closures;
mod fixture;
mod limits;
mod messages;
mod persons;
mod races;
mod records;
mod retention;
mod sessions;
mod slots;
