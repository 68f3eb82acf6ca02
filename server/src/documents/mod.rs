//! Documents that applicants send because the police asked for them: received, encrypted, checked, shown and deleted. `rules` decides
//! what may be sent; `services::upload` and the handlers of both sides call this.

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
use bytes::Bytes;
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

/// The documents of the server: their storage, their keys, and the settings of their checks.
#[derive(Clone)]
pub struct Documents {
    pub store: Store,
    pub files: Files,
    /// The key of the house, which wraps the key of each case.
    pub house_key: HouseKey,
    /// Maximum size of a file, and of all files of a case.
    pub limits: Limits,
    /// Days for which a document is kept after it arrived.
    pub keep_days: u32,
    /// The virus scanner; `None` if the office has none.
    pub scanner: Option<Scanner>,
    /// The terms of the process that inspects documents.
    pub terms: Terms,
    /// Maximum time for drawing all pages of one archive.
    pub archive_time: Duration,
    /// Notified when a document is complete.
    pub arrived: Arc<Notify>,
    pub clock: Clock,
    pub policy: InUse,
    pub templates: Arc<Templates>,
    /// Set when the server stops: no new check begins.
    pub stopping: Arc<AtomicBool>,
}

/// Returns the name of a document without its extension, which is not reliable.
pub fn stem(document: &Document) -> &str {
    document.name.rsplit_once('.').map_or(document.name.as_str(), |(stem, _)| stem)
}

/// Returns the decrypted bytes of a document. The SHA-256 was checked on arrival; here the encryption authenticates each segment. Fails if
/// the case has no key, or the key cannot be opened.
pub async fn open(
    service: &Documents,
    case: &CaseId,
    document: &DocumentId,
) -> anyhow::Result<impl Stream<Item = std::io::Result<Bytes>> + Unpin + Send + use<>> {
    let mut connection = service.store.read().await?;
    let opener = keys::opener(&service.house_key, &mut connection, case).await?;
    let all = segments::of_document(&mut connection, document).await?;
    let files = service.files.clone();
    let opened = stream::iter(all).then(move |segment| {
        let (files, opener) = (files.clone(), opener.clone());
        async move { Ok::<_, std::io::Error>(opener.open(sealed(&files, &segment.case, &segment.id).await?)) }
    });
    Ok(opened.try_flatten().boxed())
}

/// Returns the encrypted bytes of a segment.
async fn sealed(
    files: &Files,
    case: &CaseId,
    segment: &SegmentId,
) -> std::io::Result<impl Stream<Item = std::io::Result<Bytes>> + Unpin + Send + use<>> {
    let name = Name::new(case, segment).ok_or_else(|| std::io::Error::other("a segment's id is not a UUID"))?;
    let bytes = files.read(&name, None).await.map_err(std::io::Error::other)?;
    Ok(bytes.map_err(std::io::Error::other))
}
