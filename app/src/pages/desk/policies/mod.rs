//! Notices and policy documents at the desk: those in force, a draft with its effect, and its approval.

pub mod effect;
pub mod notices;
pub mod policy_draft;
