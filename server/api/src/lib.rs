//! What goes over the wire, and the one seam that parses it into the types of `rules`.
//!
//! Page and server share this crate. A value that got through here is well formed: dates exist, countries and types
//! are known. Whatever is not is refused with the name of the field at fault.

pub mod account;
pub mod appointments;
pub mod audit;
pub mod by_phone;
pub mod cases;
pub mod closings;
pub mod decision;
pub mod documents;
pub mod facts;
pub mod feedback;
pub mod fields;
pub mod health;
pub mod holds;
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
