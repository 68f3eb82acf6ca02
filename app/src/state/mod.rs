//! State that pages share: the session, the policy, the clock, what is fetched and what is sent. Views stand elsewhere.

pub mod action;
pub mod attention;
pub mod clock;
pub mod connection;
pub mod offices;
pub mod policy;
pub mod remote;
pub mod session;
pub mod tabs;
