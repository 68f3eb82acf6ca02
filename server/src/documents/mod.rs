//! Documents that people send because the police have asked for them: taken, checked, kept and deleted.

pub mod archive;
pub mod check;
mod content;
pub mod inspect;
pub mod keep;
pub mod keys;
pub mod receive;
pub mod scan;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use crate::{
    counter::Counter,
    files::{Files, Name},
    store::{Connection, segments},
};

/// A document's bytes, opened. The whole is hashed already when it came; here each part is authenticated by its own seal.
pub async fn open(
    counter: &Counter,
    connection: &mut Connection,
    case: &str,
    document: &str,
) -> anyhow::Result<impl Stream<Item = std::io::Result<Bytes>> + Unpin + Send + use<>> {
    let opener = keys::opener(&counter.house_key, connection, case).await?;
    let parts = segments::of_document(connection, document).await?;
    let files = counter.files.clone();
    let opened = stream::iter(parts).then(move |part| {
        let (files, opener) = (files.clone(), opener.clone());
        async move { Ok::<_, std::io::Error>(opener.open(sealed(&files, &part.case, &part.id).await?)) }
    });
    Ok(opened.try_flatten().boxed())
}

async fn sealed(
    files: &Files,
    case: &str,
    segment: &str,
) -> std::io::Result<impl Stream<Item = std::io::Result<Bytes>> + Unpin + Send + use<>> {
    let name = Name::new(case, segment).ok_or_else(|| std::io::Error::other("a part without an id of ours"))?;
    let bytes = files.read(&name, None).await.map_err(std::io::Error::other)?;
    Ok(bytes.map_err(std::io::Error::other))
}
