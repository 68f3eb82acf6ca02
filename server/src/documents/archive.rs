//! All documents of a case as one ZIP archive, generated while it is sent. An unscanned document is included as pictures of its
//! pages. The staff pages call it.

use std::{
    io::{self, Write},
    time::Instant,
};

use api::{documents::Document, ids::CaseId};
use axum::body::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use tokio::{runtime::Handle, sync::mpsc};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::documents::{Documents, inspect, open, stem};
use crate::text::names;

/// The number of pieces that are buffered ahead of the reader.
const PIECES: usize = 16;

/// Returns the archive as a stream. An error aborts the stream, so an incomplete archive cannot be mistaken for a complete one.
pub fn stream(service: Documents, case: CaseId, documents: Vec<Document>) -> BoxStream<'static, io::Result<Bytes>> {
    let (pieces, taken) = mpsc::channel(PIECES);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let outcome = write(&service, &case, &documents, &runtime, Pieces(pieces.clone()));
        if let Err(error) = outcome {
            tracing::error!("an archive of documents broke off: {error:#}");
            pieces.blocking_send(Err(io::Error::other("broken off"))).ok();
        }
    });
    futures_util::stream::unfold(taken, |mut taken| async move { taken.recv().await.map(|piece| (piece, taken)) })
        .boxed()
}

fn write(
    service: &Documents,
    case: &CaseId,
    documents: &[Document],
    runtime: &Handle,
    pieces: Pieces,
) -> anyhow::Result<()> {
    // The documents are compressed already.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new_stream(pieces);
    // The time limit covers all pages together, because each page may be as hard to draw as a page can be.
    let mut left = service.archive_time;
    for (number, document) in documents.iter().enumerate() {
        let Some(kind) = document.kind else { continue };
        let begin = || runtime.block_on(open(service, case, &document.id));
        if document.scanned {
            archive.start_file(name(number + 1, document) + kind.ending(), options.large_file(true))?;
            let mut bytes = begin()?;
            while let Some(piece) = runtime.block_on(bytes.next()) {
                archive.write_all(&piece?)?;
            }
            if !document.active.is_empty() {
                archive.start_file(name(number + 1, document) + " ADVARSEL WARNING.txt", options)?;
                archive.write_all(names::active_in_archive(&document.active).as_bytes())?;
            }
            continue;
        }
        for page in 1..=document.pages {
            // The missing pages are named, so the archive cannot be mistaken for a complete one.
            if left.is_zero() {
                let pages = format!("{} {page}-{}.txt", name(number + 1, document), document.pages);
                archive.start_file(pages, options)?;
                archive.write_all(names::NO_TIME_TO_DRAW.as_bytes())?;
                break;
            }
            let began = Instant::now();
            let drawn = runtime.block_on(inspect::draw(service.terms, page, begin()?));
            left = left.saturating_sub(began.elapsed());
            let (ending, content) = match drawn {
                Ok(Some(picture)) => ("png", picture),
                Ok(None) => ("txt", names::NOT_DRAWN.into()),
                Err(error) if error.is::<inspect::OutOfTime>() => ("txt", names::NOT_DRAWN.into()),
                Err(error) => return Err(error),
            };
            archive.start_file(format!("{} {page}.{ending}", name(number + 1, document)), options)?;
            archive.write_all(&content)?;
        }
    }
    archive.finish()?;
    Ok(())
}

/// Returns the name of a document in the archive: its number, and its own name without an extension. Names are validated on receipt
/// (`http/applicant/uploads.rs`), so none contains a path.
fn name(number: usize, document: &Document) -> String {
    format!("{number:02} {}", stem(document))
}

/// A writer that passes bytes on to the stream.
struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
