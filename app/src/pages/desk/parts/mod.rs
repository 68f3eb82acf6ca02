//! Parts that several desk pages share.

pub mod confirm_button;
pub mod copy_button;
pub mod delivery_progress;
pub mod fields;
pub mod preview_then_apply;
