//! Notices and policies at the desk: in force, drafted, approved.

pub mod effect;
pub mod notices;
pub mod policy_draft;
