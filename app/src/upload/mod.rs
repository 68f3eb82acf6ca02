//! Sending documents: what is prepared, sent in segments, and seen by its sender.

pub mod delivery;
pub mod document_card;
pub mod picture;
pub mod prepared_file;
pub mod sending;
