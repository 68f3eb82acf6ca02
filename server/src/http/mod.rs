//! HTTP: the route table, the handlers by role, and the layers of every request. A handler parses the request, calls a service,
//! commits and answers. Decisions and effects are in `services`.

pub mod applicant;
pub(crate) mod body;
pub(crate) mod client_ip;
pub(crate) mod connections;
pub(crate) mod demo;
pub(crate) mod desk;
mod error;
pub(crate) mod idempotency;
pub mod log;
pub(crate) mod openapi;
pub(crate) mod public;
pub mod routes;
pub mod static_files;
pub(crate) mod tus;
