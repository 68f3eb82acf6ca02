//! Documents that people send because the police have asked for them: taken, checked, kept and deleted.

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

/// The documents of the server: where they are, how they are kept, and how they are checked.
#[derive(Clone)]
pub struct Documents {
    pub store: Store,
    pub files: Files,
    /// The key of the house, which wraps the key of each case.
    pub house_key: HouseKey,
    /// How large a file, and all files of a case together, may be.
    pub limits: Limits,
    /// Days for which a document is kept after it was received.
    pub keep_days: u32,
    /// The virus scanner; `None` if the office has none.
    pub scanner: Option<Scanner>,
    /// The terms of the program that looks into documents.
    pub terms: Terms,
    /// The time in which the pages of one archive are drawn.
    pub archive_time: Duration,
    /// Notified when a document has been received.
    pub arrived: Arc<Notify>,
    pub clock: Clock,
    pub policy: InUse,
    pub templates: Arc<Templates>,
    /// Set when the server stops: no new check begins.
    pub stopping: Arc<AtomicBool>,
}

/// What a document is called, without the ending of its name, which says nothing of what it is.
pub fn stem(document: &Document) -> &str {
    document.name.rsplit_once('.').map_or(document.name.as_str(), |(stem, _)| stem)
}

/// A document's bytes, opened. The whole is hashed already when it came; here each part is authenticated by its own seal.
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
