//! The desk: officers, their work, and their passkeys.

mod access;
mod audit;
mod authenticator;
mod by_phone;
mod closures;
mod import;
mod invitations;
mod numbers;
mod officers;
mod policies;
mod publishing;
