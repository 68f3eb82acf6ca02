//! The file storage: a local folder or an S3 bucket, both through `object_store`. A file is visible completely or not at all.
//!
//! Encryption, retention and ownership of files are not handled here. The documents' service decides them and calls this module.

mod address;
mod name;
pub mod private_folder;

use std::{
    io::{self, ErrorKind, SeekFrom},
    ops::Range,
    path::PathBuf,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, future, stream::BoxStream};
use object_store::{
    ClientConfigKey, GetOptions, GetResultPayload, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload,
    PutPayloadMut, RetryConfig,
    aws::{AmazonS3, AmazonS3ConfigKey},
    client::{HttpError, HttpErrorKind},
    local::LocalFileSystem,
    path::Path,
};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
    runtime::Handle,
    task::JoinHandle,
    time::sleep,
};
use tokio_util::io::ReaderStream;
use tracing::Instrument;

pub use crate::files::address::Address;
pub use crate::files::name::Name;
pub use object_store::{GetRange, aws::AmazonS3Builder};

use crate::{error::Error, secrets::settings, store::new_id};

/// Part sizes in bytes, held in memory for each upload. 5 MB is S3's minimum, and some S3-compatible servers need parts of equal
/// size. In a folder, 1 MB stays within the processor cache.
const S3_PART: usize = 5 * 1024 * 1024;
const FOLDER_PART: usize = 1024 * 1024;

/// Number of connection attempts at start, one second apart.
const TRIES: u32 = 5;

/// The file storage.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// The path of the folder; `None` for S3.
    folder: Option<PathBuf>,
}

impl Files {
    /// Opens the storage and tests it. S3 is configured by the usual environment variables: AWS_ACCESS_KEY_ID,
    /// AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL, and AWS_ALLOW_HTTP=true for an endpoint without TLS. Fails if the
    /// storage is out of reach or refuses access.
    pub async fn open(address: &Address) -> anyhow::Result<Files> {
        match address {
            Address::Folder(folder) => Files::in_folder(folder.clone()).await,
            Address::S3 { bucket, prefix } => {
                // A secret read from a file often ends with a line break, which is invalid in an HTTP header.
                for (name, value) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_"))
                {
                    let has_control = value.to_string_lossy().chars().any(char::is_control);
                    anyhow::ensure!(!has_control, "{} contains a control character", name.to_string_lossy());
                }
                let mut settings = AmazonS3Builder::from_env().with_bucket_name(bucket);
                if let Some(secret) = settings::AWS_SECRET_ACCESS_KEY.read()? {
                    settings = settings.with_secret_access_key(secret);
                }
                Files::on_s3(settings, prefix.clone()).await
            }
        }
    }

    /// Opens a folder and creates it if it is missing.
    async fn in_folder(folder: PathBuf) -> anyhow::Result<Files> {
        std::fs::create_dir_all(&folder)?;
        private_folder::keep_private(&folder)?;
        // fsync, so that an acknowledged file survives a power failure.
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true).with_automatic_cleanup(true);
        let files = Files { store: Arc::new(store), prefix: Path::default(), folder: Some(folder) };
        files.try_out().await.map_err(|error| anyhow::anyhow!("{}", in_one_line(&error)))?;
        Ok(files)
    }

    /// Opens S3 with settings that include the bucket. Fails if it is out of reach after `TRIES` attempts, or refuses access.
    pub async fn on_s3(settings: AmazonS3Builder, prefix: Path) -> anyhow::Result<Files> {
        // The test has its own retries, which print a message.
        let trial = Files { store: Arc::new(s3(settings.clone(), 0)?), prefix: prefix.clone(), folder: None };
        let mut tried = 0;
        loop {
            tried += 1;
            match trial.try_out().await {
                Ok(()) => break,
                Err(error) if is_out_of_reach(&error) => {
                    let said = in_one_line(&error);
                    if tried == TRIES {
                        bail!("cannot reach S3: {said}");
                    }
                    eprintln!("skranke: cannot reach the files ({said}); trying again, {tried} of {TRIES}");
                    sleep(Duration::from_secs(1)).await;
                }
                // An error of a listing has no kind, so the text of S3 identifies it.
                Err(error) if error.to_string().contains("NoSuchBucket") => bail!("there is no such bucket"),
                Err(error) if error.to_string().contains("403 Forbidden") => {
                    bail!("we may not read and write there; look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
                }
                Err(error) => bail!("{}", in_one_line(&error)),
            }
        }
        Ok(Files { store: Arc::new(s3(settings, 3)?), prefix, folder: None })
    }

    /// Lists, writes and deletes a file, the operations that the storage must allow.
    async fn try_out(&self) -> object_store::Result<()> {
        let folder = self.prefix.clone().join(new_id::<String>());
        self.store.list(Some(&folder)).try_next().await?;
        let file = folder.join(new_id::<String>());
        self.store.put(&file, PutPayload::from_static(b"skranke")).await?;
        self.store.delete(&file).await
    }

    /// Writes a file or replaces the one with this name. Returns its size in bytes.
    ///
    /// The file is visible only when it is complete. If the stream or the storage fails, or the caller drops the future, the old
    /// state stays. (A future dropped in the very last step may still have written the file.) A killed process leaves an
    /// invisible rest: `<name>#1` in a folder, which `delete` removes, or an unfinished multipart upload in a bucket, which S3's
    /// lifecycle rules remove.
    ///
    /// Fails with the stream's own error, or with the storage's.
    pub async fn write(&self, name: &Name, bytes: impl Stream<Item = Result<Bytes, Error>>) -> Result<u64, Error> {
        let path = name.path(&self.prefix);
        let mut bytes = pin!(bytes);
        let mut upload = Upload::default();
        let mut size = 0;
        let most = if self.folder.is_some() { FOLDER_PART } else { S3_PART };
        let mut part = new_part();
        while let Some(mut chunk) = bytes.try_next().await? {
            size += chunk.len() as u64;
            while !chunk.is_empty() {
                let room = most - part.content_length();
                add(&mut part, chunk.split_to(room.min(chunk.len())));
                if part.content_length() == most {
                    upload.put(&*self.store, &path, std::mem::replace(&mut part, new_part())).await?;
                }
            }
        }
        if upload.begun.is_none() {
            // A file of at most one part is written in one request.
            self.store.put(&path, part.into()).await?;
            return Ok(size);
        }
        if part.content_length() > 0 {
            upload.put(&*self.store, &path, part).await?;
        }
        upload.complete().await?;
        Ok(size)
    }

    /// Returns the bytes of a file, or of a range that begins within it. Fails with `object_store::Error::NotFound` if the file
    /// is missing.
    pub async fn read(
        &self,
        name: &Name,
        range: Option<GetRange>,
    ) -> object_store::Result<BoxStream<'static, object_store::Result<Bytes>>> {
        let options = GetOptions { range, ..GetOptions::default() };
        let found = self.store.get_opts(&name.path(&self.prefix), options).await?;
        match found.payload {
            GetResultPayload::File(file, _) => in_pieces(file, found.range).await,
            GetResultPayload::Stream(bytes) => Ok(bytes),
        }
    }

    /// Deletes a file, and the rest that a killed process left of it. A missing file is not an error.
    pub async fn delete(&self, name: &Name) -> object_store::Result<()> {
        if let Some(folder) = &self.folder {
            let unfinished = folder.join(format!("{}#1", name.path(&self.prefix)));
            match tokio::fs::remove_file(&unfinished).await {
                Ok(()) => {
                    // `remove_dir` fails if the folder is not empty, so it stays then.
                    if let Some(parent) = unfinished.parent() {
                        tokio::fs::remove_dir(parent).await.ok();
                    }
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(object_store::Error::Generic { store: "folder", source: Box::new(error) });
                }
            }
        }
        match self.store.delete(&name.path(&self.prefix)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            outcome => outcome,
        }
    }

    /// Returns the names of all files, unordered. Foreign files are skipped.
    pub fn list(&self) -> BoxStream<'static, object_store::Result<Name>> {
        let prefix = self.prefix.clone();
        let names = self.store.list(Some(&self.prefix));
        names.try_filter_map(move |found| future::ok(Name::at(&found.location, &prefix))).boxed()
    }
}

/// Returns the bytes of a range of a file, in pieces of 256 KB. `object_store` itself would switch threads every 8 KB.
async fn in_pieces(
    file: std::fs::File,
    range: Range<u64>,
) -> object_store::Result<BoxStream<'static, object_store::Result<Bytes>>> {
    const PIECE: usize = 256 * 1024;
    let failed = |error: io::Error| object_store::Error::Generic { store: "folder", source: error.into() };
    let mut file = File::from_std(file);
    file.set_max_buf_size(PIECE);
    file.seek(SeekFrom::Start(range.start)).await.map_err(failed)?;
    let bytes = file.take(range.end - range.start);
    Ok(ReaderStream::with_capacity(bytes, PIECE).map_err(failed).boxed())
}

/// Makes an empty part. Its block size bounds the memory that a stream of single bytes uses.
fn new_part() -> PutPayloadMut {
    PutPayloadMut::new().with_block_size(64 * 1024)
}

/// Appends a chunk to a part. Large chunks are kept as they are, small ones are copied together.
fn add(part: &mut PutPayloadMut, chunk: Bytes) {
    const LARGE: usize = 16 * 1024;
    if chunk.len() < LARGE { part.extend_from_slice(&chunk) } else { part.push(chunk) }
}

/// A multipart upload. It is aborted if it is dropped before it is complete.
#[derive(Default)]
struct Upload {
    begun: Option<Box<dyn MultipartUpload>>,
    /// The write of the previous part, which runs while the next part arrives.
    writing: Option<JoinHandle<object_store::Result<()>>>,
}

impl Upload {
    /// Starts writing a part, after the previous one is written.
    async fn put(&mut self, store: &dyn ObjectStore, path: &Path, part: PutPayloadMut) -> Result<(), Error> {
        self.written().await?;
        let mut begun = match self.begun.take() {
            Some(begun) => begun,
            None => store.put_multipart(path).await?,
        };
        self.writing = Some(tokio::spawn(begun.put_part(part.into()).in_current_span()));
        self.begun = Some(begun);
        Ok(())
    }

    /// Waits until the previous part is written.
    async fn written(&mut self) -> Result<(), Error> {
        match self.writing.take() {
            Some(writing) => Ok(writing.await.map_err(Error::internal)??),
            None => Ok(()),
        }
    }

    /// Completes the upload, which makes the file visible.
    async fn complete(&mut self) -> Result<(), Error> {
        self.written().await?;
        if let Some(begun) = &mut self.begun {
            begun.complete().await?;
        }
        self.begun = None;
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let (Some(mut begun), Ok(runtime)) = (self.begun.take(), Handle::try_current()) else { return };
        let writing = self.writing.take();
        let aborting = async move {
            if let Some(writing) = writing {
                writing.await.ok();
            }
            if let Err(error) = begun.abort().await {
                tracing::warn!(error = in_one_line(&error), "cannot abort an unfinished multipart upload");
            }
        };
        runtime.spawn(aborting.in_current_span());
    }
}

/// Builds the S3 client.
fn s3(settings: AmazonS3Builder, retries: usize) -> anyhow::Result<AmazonS3> {
    // The HTTPS client uses the process-wide cryptography provider, the same as the database client.
    _ = rustls::crypto::ring::default_provider().install_default();
    let settings = settings
        .with_retry(RetryConfig {
            max_retries: retries,
            retry_timeout: Duration::from_secs(10),
            ..RetryConfig::default()
        })
        // A slow upload may take long, so only a storage that sends nothing for 30 s times out.
        .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), "1 day")
        .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::ReadTimeout), "30 s")
        // Files are deleted one by one, and some servers do not support bulk deletion.
        .with_config(AmazonS3ConfigKey::DisableBulkDelete, "true");
    settings.build().context("the settings of S3 (AWS_…) cannot be used")
}

/// Returns `true` if a retry may succeed, because the storage did not answer.
fn is_out_of_reach(error: &object_store::Error) -> bool {
    use HttpErrorKind::{Connect, Interrupted, Request, Timeout};
    causes(error)
        .find_map(|cause| cause.downcast_ref::<HttpError>())
        .is_some_and(|error| matches!(error.kind(), Connect | Interrupted | Request | Timeout))
}

/// Returns the innermost cause on one line. S3's answer has many lines and contains the id of the access key.
fn in_one_line(error: &object_store::Error) -> String {
    let innermost = causes(error).last().map(ToString::to_string).unwrap_or_default();
    let line = innermost.split(['<', '\n']).next().unwrap_or_default();
    line.trim_end_matches([':', ' ']).to_owned()
}

/// Returns an iterator over the error and its causes, outermost first.
fn causes<'e>(error: &'e object_store::Error) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &'e (dyn std::error::Error + 'static)), |error| error.source())
}
