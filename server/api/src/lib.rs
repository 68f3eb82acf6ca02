//! The wire format: the types that page and server exchange, and the conversion into the types of `rules`.
//!
//! Page and server share this crate. A parsed value is well formed: its dates exist, and its countries and types are known. Other
//! input is refused with the name of the field at fault. No logic of the rules is here, and no I/O.

pub mod account;
pub mod appointments;
pub mod audit;
pub mod by_phone;
pub mod cases;
pub mod closures;
pub mod decision;
pub mod documents;
pub mod facts;
pub mod feedback;
pub mod fields;
pub mod health;
pub mod holds;
pub mod ids;
pub mod imports;
pub mod invitations;
pub mod language;
pub mod messages;
pub mod numbers;
pub mod object;
pub mod officers;
pub mod offices;
pub mod pages;
pub mod passkeys;
pub mod policies;
pub mod policy;
pub mod problem;
pub mod publishing;
pub mod receipts;
pub mod session;
pub mod situation;
pub mod trace;
pub mod typed;
pub mod ways;

pub use decision::Decision;
pub use facts::Facts;
pub use problem::{Problem, ProblemCode};
