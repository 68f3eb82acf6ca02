//! The law of the counter.
//!
//! Two public notices say who may book, attend and deliver electronically when a police immigration office works at
//! reduced capacity. This crate holds their sentences and decides by them. It knows no clock, no network, no database
//! and no screen: what day it is, is always a parameter. Browser, server and command line all call [`decide`].
//!
//! Reading order: [`facts`] is what is asked, [`decision`] what is answered; between them stands one module a subject.
//! [`policy`] holds what changes with time; it is made of documents ([`document`]), of which the notices are the first.

pub mod application;
mod attendance;
mod booking;
pub mod cancellation;
pub mod citizenship;
pub mod closure;
pub mod coded;
pub mod country;
pub mod day;
pub mod decision;
#[cfg(feature = "documents")]
pub mod document;
mod duties;
pub mod facts;
mod findings;
pub mod holiday;
pub mod notice;
pub mod policy;
pub mod published;
pub mod quarantine;
pub mod reason;
pub mod sentence;
pub mod text;
pub mod trace;
mod upload;

pub use application::{Application, ApplicationType, District};
pub use cancellation::Channel;
pub use coded::Coded;
pub use country::Country;
pub use decision::{Decision, decide, explain, first_day_allowed};
pub use facts::{Facts, Question};
pub use findings::{Ground, Outcome};
pub use policy::Policy;
pub use reason::{Duty, Reason};
