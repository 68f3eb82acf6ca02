//! A segment of a document as it arrives: hashed, encrypted and written as a stream, never whole in memory. The document's SHA-256
//! continues from segment to segment. The file type is recognised by the first bytes. `services::upload` calls this.
//!
//! Hashing and encrypting run where the bytes are read: with a thread of their own, several uploads at once were slower.

use std::{io, time::Duration};

use api::{
    ProblemCode,
    ids::{CaseId, SegmentId},
};
use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::{StreamExt, stream::BoxStream};
use sha1::Sha1;
use sha2::{Digest, Sha256, digest::common::hazmat::SerializableState};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::documents::{
    Documents, file_type,
    keys::{CaseKey, Sealer},
};
use crate::{
    error::{Error, Result},
    files::Name,
    secrets,
    store::segments,
};

/// Time without a byte after which the client counts as gone.
const SILENCE: Duration = Duration::from_secs(30);

/// Lease of an upload: the time after the last renewal in which no other request may continue it.
pub const LEASE: TimeDelta = TimeDelta::seconds(15);
const RENEWED_EVERY: Duration = Duration::from_secs(5);

/// Maximum number of discarded bytes. A client that is cut off while sending does not read the answer.
const MOST_DISCARDED: u64 = 32 * 1024 * 1024;

/// The bytes of a request. An error means that the client is gone.
pub type Incoming = BoxStream<'static, io::Result<Bytes>>;

/// An SHA-256 that can be interrupted and continued.
#[derive(Clone, Default)]
pub struct Hashing(Sha256);

impl Hashing {
    /// Returns the hash in a state that `state` has written; `None` for any other text.
    pub fn from_state(hexadecimal: &str) -> Option<Hashing> {
        let byte = |at: usize| u8::from_str_radix(hexadecimal.get(at..at + 2)?, 16).ok();
        let bytes: Vec<u8> = (0..hexadecimal.len()).step_by(2).map(byte).collect::<Option<_>>()?;
        Some(Hashing(Sha256::deserialize(&bytes.as_slice().try_into().ok()?).ok()?))
    }

    /// Returns the internal state in hexadecimal, to continue from.
    pub fn state(&self) -> String {
        secrets::hex(&self.0.serialize())
    }

    /// Returns the final hash in hexadecimal.
    pub fn whole(&self) -> String {
        secrets::hex(&self.0.clone().finalize())
    }
}

/// The checksum of a segment that the client declares.
pub enum Checksum {
    Sha1(Vec<u8>),
    Sha256(Vec<u8>),
}

/// The hash of an arriving segment, and the expected value.
enum Checking {
    Sha1(Sha1, Vec<u8>),
    Sha256(Sha256, Vec<u8>),
}

impl Checking {
    fn new(checksum: Checksum) -> Checking {
        match checksum {
            Checksum::Sha1(expected) => Checking::Sha1(Sha1::new(), expected),
            Checksum::Sha256(expected) => Checking::Sha256(Sha256::new(), expected),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Checking::Sha1(hash, _) => hash.update(bytes),
            Checking::Sha256(hash, _) => hash.update(bytes),
        }
    }

    /// Returns `true` if the hash has the expected value.
    fn ends_right(self) -> bool {
        match self {
            Checking::Sha1(hash, expected) => hash.finalize()[..] == expected[..],
            Checking::Sha256(hash, expected) => hash.finalize()[..] == expected[..],
        }
    }
}

/// A segment that is about to arrive.
pub struct Segment {
    /// The id of its row and of its file.
    pub id: SegmentId,
    pub case: CaseId,
    pub key: CaseKey,
    /// The number of bytes that the document still lacks.
    pub left: u64,
    /// The document's hash before the segment.
    pub hashing: Hashing,
    pub checksum: Option<Checksum>,
    /// Whether the segment is the document's first.
    pub is_first: bool,
}

/// A segment that was written.
pub struct Taken {
    /// In bytes of the document, before encryption.
    pub size: u64,
    pub hashing: Hashing,
}

/// Receives a segment and writes it. If the client goes away, the bytes until then are written, unless the segment has a checksum.
/// The caller has added the segment's row. Fails if the bytes are too many, are no document, or do not match the checksum; then no file
/// is left.
pub async fn take(service: &Documents, segment: Segment, incoming: Incoming) -> Result<Taken> {
    let name = Name::new(&segment.case, &segment.id).ok_or_else(|| Error::internal("a segment's id is not a UUID"))?;
    let id = segment.id.clone();
    let mut intake = Intake::new(segment, incoming)?;
    let sealed = futures_util::stream::try_unfold(&mut intake, |intake| async move {
        Ok::<_, Error>(intake.next().await?.map(|piece| (piece, intake)))
    });
    let mut writing = Box::pin(service.files.write(&name, sealed));
    let mut ticks = interval(RENEWED_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        tokio::select! {
            written = &mut writing => {
                written?;
                break;
            }
            _ = ticks.tick() => renew(service, &id).await?,
        }
    }
    drop(writing);
    Ok(Taken { size: intake.size, hashing: intake.hashing })
}

/// Renews the lease. A database that is out of reach for a moment does not stop the upload.
async fn renew(service: &Documents, segment: &SegmentId) -> Result<()> {
    let until = service.clock.now() + LEASE;
    let renewed = async {
        let mut transaction = service.store.write().await?;
        let renewed = segments::renew(&mut transaction, segment, until).await?;
        transaction.commit().await?;
        Ok::<_, sqlx::Error>(renewed)
    };
    match renewed.await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::new(ProblemCode::UploadBusy)),
        Err(error) => {
            tracing::warn!("cannot renew the lease of an upload: {error}");
            Ok(())
        }
    }
}

/// An arriving segment, and the state of its hashes and its encryption.
struct Intake {
    incoming: Incoming,
    /// `None` after the last byte.
    sealer: Option<Sealer>,
    checking: Option<Checking>,
    /// The first bytes of the document, until they suffice to recognise the file type.
    head: Option<Vec<u8>>,
    left: u64,
    size: u64,
    hashing: Hashing,
}

impl Intake {
    fn new(segment: Segment, incoming: Incoming) -> Result<Intake> {
        Ok(Intake {
            sealer: Some(Sealer::new(&segment.key).map_err(Error::internal)?),
            checking: segment.checksum.map(Checking::new),
            head: segment.is_first.then(Vec::new),
            left: segment.left,
            size: 0,
            hashing: segment.hashing,
            incoming,
        })
    }

    /// Returns the next encrypted chunk; `None` after the last.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            let Some(sealer) = self.sealer.as_mut() else { return Ok(None) };
            let Some(data) = next_bytes(&mut self.incoming, self.checking.is_some()).await? else {
                return self.finish().map(Some);
            };
            if data.len() as u64 > self.left - self.size {
                discard(&mut self.incoming).await;
                return Err(Error::new(ProblemCode::FileTooLarge));
            }
            self.size += data.len() as u64;
            self.hashing.0.update(&data);
            if let Some(checking) = &mut self.checking {
                checking.update(&data);
            }
            let piece = sealer.seal(&data).map_err(Error::internal)?;
            self.look_at_head(&data).await?;
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
    }

    /// Recognises the file type as soon as enough bytes are there. Fails if they are no document.
    async fn look_at_head(&mut self, data: &[u8]) -> Result<()> {
        let Some(head) = &mut self.head else { return Ok(()) };
        head.extend_from_slice(&data[..data.len().min(file_type::HEAD)]);
        if head.len() < file_type::HEAD && self.size < self.left {
            return Ok(());
        }
        let fault = file_type::kind(head).err();
        self.head = None;
        match fault {
            None => Ok(()),
            Some(fault) => {
                discard(&mut self.incoming).await;
                let is_heic = fault == api::documents::FileFault::Heic;
                Err(Error::new(if is_heic { ProblemCode::Heic } else { ProblemCode::NotADocument }))
            }
        }
    }

    /// Returns the last encrypted chunk. Fails if the checksum does not match.
    fn finish(&mut self) -> Result<Bytes> {
        if self.checking.take().is_some_and(|checking| !checking.ends_right()) {
            return Err(Error::new(ProblemCode::ChecksumWrong));
        }
        match self.sealer.take() {
            Some(sealer) => sealer.finish().map_err(Error::internal),
            None => Ok(Bytes::new()),
        }
    }
}

/// Returns the next bytes; `None` at the end, or if the client is gone. Fails with `MalformedBody` if the client is gone and the segment
/// has to be whole.
async fn next_bytes(incoming: &mut Incoming, must_be_whole: bool) -> Result<Option<Bytes>> {
    match timeout(SILENCE, incoming.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(data))) => Ok(Some(data)),
        Ok(Some(Err(_))) | Err(_) if must_be_whole => Err(Error::new(ProblemCode::MalformedBody)),
        Ok(Some(Err(_))) | Err(_) => Ok(None),
    }
}

/// Reads and discards the rest of a request, at most `MOST_DISCARDED` bytes.
pub async fn discard(incoming: &mut Incoming) {
    let mut seen = 0;
    while let Ok(Some(Ok(data))) = timeout(SILENCE, incoming.next()).await {
        seen += data.len() as u64;
        if seen > MOST_DISCARDED {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_goes_on_where_it_was() {
        let mut first = Hashing::default();
        first.0.update(b"a quarantined ");
        let mut second = Hashing::from_state(&first.state()).unwrap();
        second.0.update(b"engineer");
        assert_eq!(second.whole(), secrets::sha256_hex(b"a quarantined engineer"));
        assert!(Hashing::from_state("").is_none() && Hashing::from_state("æ").is_none());
    }
}
