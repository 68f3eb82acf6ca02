//! HTTP: the table of routes, the handlers by who may call them, and what every request passes through. What is decided and done
//! stands in `services`; a handler parses the request, calls a service, and answers.

pub mod applicant;
pub(crate) mod body;
pub(crate) mod client_ip;
pub(crate) mod connections;
pub(crate) mod desk;
pub mod error;
pub(crate) mod idempotency;
pub mod log;
pub(crate) mod openapi;
pub(crate) mod public;
pub mod routes;
pub mod static_files;
pub(crate) mod tus;
