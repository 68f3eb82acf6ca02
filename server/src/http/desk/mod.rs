//! Handlers for officers. The required role is in `routes.rs`. Records of another district are answered as if they did not exist.

pub mod account;
pub mod audit;
pub mod calls;
pub mod cases;
pub mod closures;
pub mod documents;
pub mod imports;
pub mod invitations;
pub mod numbers;
pub mod officers;
pub mod offices;
pub mod passkeys;
pub mod policies;
pub mod session;
pub mod times;
