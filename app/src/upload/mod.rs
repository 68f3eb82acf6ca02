//! Upload of documents: choosing and preparing a file, sending it in segments, and the views of its progress. Used by the
//! documents page.

pub mod choice;
pub mod chosen_file;
pub mod delivery;
pub mod document_card;
pub mod picture;
pub mod prepared_file;
pub mod progress;
pub mod retries;
pub mod sending;
