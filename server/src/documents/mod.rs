//! Documents that applicants send because the police asked for them: received, encrypted, checked, shown and deleted.
//!
//! The decision whether a document may be sent is in `rules`, and the upload protocol in `http/applicant/uploads.rs`.

mod active;
pub mod archive;
pub mod check;
mod confine;
mod file_type;
pub mod inspect;
pub mod keys;
pub mod receive;
pub mod retention;
pub mod scan;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use api::{
    documents::{Document, Limits},
    ids::{CaseId, DocumentId, SegmentId},
};
use axum::body::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use tokio::sync::Notify;

use crate::{
    clock::Clock,
    documents::{inspect::Terms, keys::HouseKey, scan::Scanner},
    files::{Files, Name},
    messages::Templates,
    policy::timeline::InUse,
    store::{Store, segments},
};

/// The document service: storage, keys, limits and checks.
#[derive(Clone)]
pub struct Documents {
    pub store: Store,
    pub files: Files,
    /// The house key, which encrypts the key of each case.
    pub house_key: HouseKey,
    /// The size limits of one file and of all files of a case.
    pub limits: Limits,
    /// The retention of a document after it was received, in days.
    pub keep_days: u32,
    /// The virus scanner; `None` if the office has none.
    pub scanner: Option<Scanner>,
    /// The sandbox and timeout of the document inspector.
    pub terms: Terms,
    /// The time limit for drawing all pages of one archive.
    pub archive_time: Duration,
    /// Notified when a document has been received.
    pub arrived: Arc<Notify>,
    pub clock: Clock,
    pub policy: InUse,
    pub templates: Arc<Templates>,
    /// Set when the server stops: no new check begins.
    pub stopping: Arc<AtomicBool>,
}

/// Returns a document's name without its extension, which says nothing about the type.
pub fn stem(document: &Document) -> &str {
    document.name.rsplit_once('.').map_or(document.name.as_str(), |(stem, _)| stem)
}

/// Returns a document's bytes, decrypted. Its hash was verified on receipt; here the encryption authenticates each segment. Fails
/// if a key or a file is missing.
pub async fn open(
    service: &Documents,
    case: &CaseId,
    document: &DocumentId,
) -> anyhow::Result<impl Stream<Item = std::io::Result<Bytes>> + Unpin + Send + use<>> {
    let mut connection = service.store.read().await?;
    let opener = keys::opener(&service.house_key, &mut connection, case).await?;
    let parts = segments::of_document(&mut connection, document).await?;
    let files = service.files.clone();
    let opened = stream::iter(parts).then(move |part| {
        let (files, opener) = (files.clone(), opener.clone());
        async move { Ok::<_, std::io::Error>(opener.open(sealed(&files, &part.case, &part.id).await?)) }
    });
    Ok(opened.try_flatten().boxed())
}

async fn sealed(
    files: &Files,
    case: &CaseId,
    segment: &SegmentId,
) -> std::io::Result<impl Stream<Item = std::io::Result<Bytes>> + Unpin + Send + use<>> {
    let name = Name::new(case, segment).ok_or_else(|| std::io::Error::other("a part without an id of ours"))?;
    let bytes = files.read(&name, None).await.map_err(std::io::Error::other)?;
    Ok(bytes.map_err(std::io::Error::other))
}
