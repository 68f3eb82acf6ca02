//! Texts by language, and how dates and sizes are written in it.

pub mod dates;
pub mod desk_texts;
pub mod document_texts;
pub mod file_size;
pub mod language;
pub mod texts;
pub mod udi;
