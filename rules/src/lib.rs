//! The rules of Skranke: a pure crate that decides what the notices allow.
//!
//! Two public notices say who may book, attend and deliver documents electronically while a police immigration office works
//! at reduced capacity. This crate holds their sentences and decides by them. It has no clock, network, database or user
//! interface; the instant is always a parameter. Browser, server and command line all call [`decide`].
//!
//! Reading order: [`facts`] is the input and [`decision`] the output, with one module for each subject between them.
//! [`policy`] holds the values that change over time. A policy is combined from policy documents ([`document`]); the
//! notices are the first of them.

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
