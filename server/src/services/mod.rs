//! Use cases, one file each: effects in one transaction. Handlers, commands and background tasks call them. They know no HTTP; SQL
//! is in `store`, the law in `rules`.

pub mod audit_chain;
pub(crate) mod booking;
pub(crate) mod clock_drift;
pub mod closure;
pub(crate) mod invitation;
pub(crate) mod limits;
pub mod officers;
pub(crate) mod phone;
pub(crate) mod publishing;
pub(crate) mod receipt;
pub mod register;
pub(crate) mod retention;
pub(crate) mod upload;
