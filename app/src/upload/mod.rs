//! Upload of documents: preparing a file, sending it in segments, and the views of its state. Used by the documents page.

pub mod delivery;
pub mod document_card;
pub mod picture;
pub mod prepared_file;
pub mod sending;
