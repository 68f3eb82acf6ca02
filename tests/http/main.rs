//! End-to-end tests over HTTP: the real server binary, a real database and real requests.
#![cfg(not(target_arch = "wasm32"))]

mod applicant;
mod authenticator;
mod bad_input;
mod booking;
mod by_phone;
mod closings;
mod command_line;
mod connections;
mod counter;
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
