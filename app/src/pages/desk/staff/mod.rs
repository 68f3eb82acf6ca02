//! Officers and their access: sign-in with a passkey, registration, the end of an idle session, and administration.

pub mod access;
pub mod idle_warning;
pub mod join;
pub mod officers;
pub mod passkey_sign_in;
