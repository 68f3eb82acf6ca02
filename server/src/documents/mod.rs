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

use api::{
    documents::Document,
    ids::{CaseId, DocumentId, SegmentId},
};
use axum::body::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use crate::{
    files::{Files, Name},
    state::AppState,
    store::segments,
};

/// What a document is called, without the ending of its name, which says nothing of what it is.
pub fn stem(document: &Document) -> &str {
    document.name.rsplit_once('.').map_or(document.name.as_str(), |(stem, _)| stem)
}

/// A document's bytes, opened. The whole is hashed already when it came; here each part is authenticated by its own seal.
pub async fn open(
    state: &AppState,
    case: &CaseId,
    document: &DocumentId,
) -> anyhow::Result<impl Stream<Item = std::io::Result<Bytes>> + Unpin + Send + use<>> {
    let mut connection = state.store.read().await?;
    let opener = keys::opener(&state.house_key, &mut connection, case).await?;
    let parts = segments::of_document(&mut connection, document).await?;
    let files = state.files.clone();
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
