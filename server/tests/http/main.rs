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
mod authenticator;
mod bad_input;
mod booking;
mod by_phone;
mod closings;
mod command_line;
mod connections;
mod database;
mod desk;
mod desk_access;
mod desk_audit;
mod desk_import;
mod desk_numbers;
mod desk_policies;
mod documents;
mod invitations;
mod law;
mod messages;
mod papers;
mod publishing;
mod races;
mod settings;
mod sign_in;
mod start;
