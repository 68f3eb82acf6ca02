//! Officers: who works here, how they sign in and what access they have.

pub mod access;
pub mod idle_warning;
pub mod join;
pub mod officers;
pub mod passkey_sign_in;
