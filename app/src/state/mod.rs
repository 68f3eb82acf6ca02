//! State that pages share: the session, the policy, the clock, fetched data and requests that a press starts. Views are
//! in `ui` and in the pages.

pub mod action;
pub mod connection;
pub mod drafts;
pub mod offices;
pub mod policy;
pub mod remote;
pub mod session;
pub mod tabs;
