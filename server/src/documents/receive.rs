//! Receives a segment of a document: hashed, encrypted and written as a stream, never whole in memory. `http/applicant/uploads.rs`
//! calls it and decides what may be sent.

use std::time::Duration;

use api::{
    ProblemCode,
    ids::{CaseId, SegmentId},
};
use axum::body::{Body, Bytes};
use chrono::TimeDelta;
use http_body_util::BodyExt;
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

/// The idle timeout of a sender.
const SILENCE: Duration = Duration::from_secs(30);

/// The lease of a segment. Its writer renews it every `RENEWED_EVERY`; nobody else can continue the document before it expires.
pub const LEASE: TimeDelta = TimeDelta::seconds(15);
const RENEWED_EVERY: Duration = Duration::from_secs(5);

/// The number of bytes of a refused body that are read and discarded. A client that is cut off while it sends does not see the
/// reason.
const MOST_DISCARDED: u64 = 32 * 1024 * 1024;

/// A SHA-256 that continues from segment to segment.
#[derive(Clone, Default)]
pub struct Hashing(Sha256);

impl Hashing {
    /// Parses a state that `state` returned. Returns `None` if it is anything else.
    pub fn from_state(hexadecimal: &str) -> Option<Hashing> {
        let byte = |at: usize| u8::from_str_radix(hexadecimal.get(at..at + 2)?, 16).ok();
        let bytes: Vec<u8> = (0..hexadecimal.len()).step_by(2).map(byte).collect::<Option<_>>()?;
        Some(Hashing(Sha256::deserialize(&bytes.as_slice().try_into().ok()?).ok()?))
    }

    /// Returns the state of the hash, in hexadecimal.
    pub fn state(&self) -> String {
        secrets::hex(&self.0.serialize())
    }

    /// Returns the hash, in hexadecimal.
    pub fn whole(&self) -> String {
        secrets::hex(&self.0.clone().finalize())
    }
}

/// The hash of a segment as its sender states it.
pub enum Checksum {
    Sha1(Vec<u8>),
    Sha256(Vec<u8>),
}

/// The hash of a segment in progress, with the expected one.
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

    fn ends_right(self) -> bool {
        match self {
            Checking::Sha1(hash, expected) => hash.finalize()[..] == expected[..],
            Checking::Sha256(hash, expected) => hash.finalize()[..] == expected[..],
        }
    }
}

/// A segment to be received.
pub struct Part {
    /// The id of the segment's row and file.
    pub id: SegmentId,
    pub case: CaseId,
    pub key: CaseKey,
    /// The bytes of the document that are still missing.
    pub left: u64,
    /// The document's hash before this segment.
    pub hashing: Hashing,
    pub checksum: Option<Checksum>,
    /// `true` for the first segment of the document.
    pub is_first: bool,
}

/// A segment that was written.
pub struct Taken {
    /// The size of the segment before encryption, in bytes.
    pub size: u64,
    pub hashing: Hashing,
}

/// Receives a segment and writes it. If the sender disconnects, the bytes so far are kept, unless a checksum covers the whole
/// segment.
///
/// Its row exists before the call. Fails if the body is too large, of a refused type or wrong by its checksum, or if the lease is
/// lost. After a failure there is no file.
pub async fn take(service: &Documents, part: Part, body: Body) -> Result<Taken> {
    let name = Name::new(&part.case, &part.id).ok_or_else(|| Error::internal("a part without an id of ours"))?;
    let id = part.id.clone();
    let mut intake = Intake::new(part, body)?;
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

/// Renews the lease. Fails if it is lost; a database error is only logged, because the lease outlasts a short outage.
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
            tracing::warn!("an upload cannot be renewed now: {error}");
            Ok(())
        }
    }
}

/// A body being received.
struct Intake {
    body: Body,
    /// `None` once the body is encrypted completely.
    sealer: Option<Sealer>,
    checking: Option<Checking>,
    /// The first bytes of the document; `None` once its type is known.
    head: Option<Vec<u8>>,
    left: u64,
    size: u64,
    hashing: Hashing,
}

impl Intake {
    fn new(part: Part, body: Body) -> Result<Intake> {
        Ok(Intake {
            sealer: Some(Sealer::new(&part.key).map_err(Error::internal)?),
            checking: part.checksum.map(Checking::new),
            head: part.is_first.then(Vec::new),
            left: part.left,
            size: 0,
            hashing: part.hashing,
            body,
        })
    }

    /// Returns the next encrypted piece; `None` after the last.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            let Some(sealer) = self.sealer.as_mut() else { return Ok(None) };
            let Some(data) = frame(&mut self.body, self.checking.is_some()).await? else {
                return self.finish().map(Some);
            };
            if data.len() as u64 > self.left - self.size {
                discard(&mut self.body).await;
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

    /// Refuses a file that is no document as soon as its first bytes show it.
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
                discard(&mut self.body).await;
                let is_heic = fault == api::documents::FileFault::Heic;
                Err(Error::new(if is_heic { ProblemCode::Heic } else { ProblemCode::NotADocument }))
            }
        }
    }

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

/// Returns the next bytes; `None` at the end. If the sender disconnects, the bytes so far count, unless the body must be whole for
/// its checksum; then it fails.
async fn frame(body: &mut Body, must_be_whole: bool) -> Result<Option<Bytes>> {
    loop {
        match timeout(SILENCE, body.frame()).await {
            Ok(None) => return Ok(None),
            Ok(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
            Ok(Some(Err(_))) | Err(_) if must_be_whole => return Err(Error::new(ProblemCode::MalformedBody)),
            Ok(Some(Err(_))) | Err(_) => return Ok(None),
        }
    }
}

/// Reads and discards a refused body, up to `MOST_DISCARDED`.
pub async fn discard(body: &mut Body) {
    let mut seen = 0;
    while let Ok(Some(Ok(frame))) = timeout(SILENCE, body.frame()).await {
        seen += frame.data_ref().map_or(0, |data| data.len() as u64);
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
