//! Documents at the desk: asked for, received, reviewed.

pub mod failed_uploads;
pub mod inbox;
pub mod invitation_form;
pub mod invitation_round;
pub mod invite;
pub mod review;
