//! The server of the counter: keeps the records, decides again by `rules`, and answers the page.
//!
//! `routes` is the table of addresses; `store` holds the SQL, one file a noun; `clock` is the only file that reads a clock.

pub mod audit;
pub mod backup;
mod calendar;
mod caller;
mod canonical;
pub mod clock;
pub mod closing;
pub mod config;
pub mod counter;
mod dates;
pub mod decide;
pub mod demo;
pub mod desk;
mod device;
pub mod documents;
pub mod error;
pub mod files;
mod invitation;
mod limits;
mod link;
pub mod mail;
pub mod mailbox;
pub mod message;
pub mod officer;
pub mod outbox;
pub mod page;
mod phone;
pub mod policy;
mod publishing;
mod receipt;
mod register;
pub mod replay;
pub mod request;
pub mod routes;
pub mod secrets;
pub mod serve;
pub mod sms;
pub mod smtp;
mod start;
pub mod store;
mod tidy;
pub mod transfer;
pub mod undelivered;
mod words;
