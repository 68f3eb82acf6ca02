//! A chosen file with its progress. Sent by `sending`, shown by `progress`.

use ::api::{ProblemCode, ids::DocumentId};
use leptos::prelude::*;
use web_sys::File;

use crate::upload::prepared_file::PreparedFile;

/// A chosen file and its progress.
#[derive(Clone, Copy)]
pub struct Upload {
    pub number: u32,
    pub name: RwSignal<String>,
    /// Size in bytes.
    pub size: RwSignal<u64>,
    /// Bytes that have left the browser.
    pub gone: RwSignal<u64>,
    pub stage: RwSignal<Stage>,
    /// The file is a picture that is worth reducing.
    pub is_large_picture: RwSignal<bool>,
    pub file: StoredValue<File, LocalStorage>,
    pub prepared: StoredValue<Option<PreparedFile>, LocalStorage>,
    pub id: RwSignal<Option<DocumentId>>,
    /// Bytes that the server has acknowledged.
    pub there: StoredValue<u64>,
}

impl Upload {
    /// The upload's id; `None` before it has begun.
    pub fn id(self) -> Option<DocumentId> {
        self.id.get()
    }

    /// Records the number of bytes that the server has acknowledged.
    pub fn is_at(self, offset: u64) {
        self.there.try_set_value(offset);
        self.gone.try_set(offset);
    }
}

/// The state of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Chosen, and not asked for yet.
    Chosen,
    /// Queued behind other files.
    Waiting,
    /// Being read, and reduced if that was agreed to.
    Reading,
    Sending,
    /// Refused by the checks of the browser or the server.
    Refused(ProblemCode),
    /// No longer readable: it was changed or moved.
    Unreadable,
    /// Received before, as the same document.
    Known,
}
