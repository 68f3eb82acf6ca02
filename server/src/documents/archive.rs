//! All documents of a case as one ZIP archive, made while it is sent. An unscanned document is in it as pictures of its pages. All pages
//! together have `Documents::archive_time`; the archive names those that were not drawn in time. The desk's handlers call this.

use std::{
    io::{self, Write},
    time::Instant,
};

use api::{documents::Document, ids::CaseId};
use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use tokio::{runtime::Handle, sync::mpsc};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::documents::{Documents, inspect, open, stem};
use crate::text::names;

/// Number of chunks buffered for the client.
const PIECES: usize = 16;

/// Returns the archive as a stream. An error in the middle ends the stream with an error, so no client takes half an archive for the
/// whole.
pub fn stream(service: Documents, case: CaseId, documents: Vec<Document>) -> BoxStream<'static, io::Result<Bytes>> {
    let (pieces, taken) = mpsc::channel(PIECES);
    let runtime = Handle::current();
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || {
        let _within = span.entered();
        let outcome = write(&service, &case, &documents, &runtime, Pieces(pieces.clone()));
        if let Err(error) = outcome {
            tracing::error!("cannot complete an archive of documents: {error:#}");
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
    // The documents are compressed formats already.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new_stream(pieces);
    // One limit for all pages, because each page may take the longest time.
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
            // A text file in place of the missing pages, so that nobody takes the archive for complete.
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

/// Returns the name of a document in the archive: its number, and its name without an extension. The name was validated on upload, so it
/// is no path.
fn name(number: usize, document: &Document) -> String {
    format!("{number:02} {}", stem(document))
}

/// The writer of the archive; sends each write to the stream.
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
