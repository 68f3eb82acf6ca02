//! Documents at the desk: requests for documents, the inbox and the review of one document.

pub mod failed_uploads;
pub mod inbox;
pub mod invitation_form;
pub mod invitation_round;
pub mod invite;
pub mod review;
