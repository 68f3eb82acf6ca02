//! The files that people hand in, in a local folder or in an S3 bucket: one code for both, by `object_store`.
//!
//! What is encrypted, when a file's time is over, and whose it is, others decide. Here a file is there whole or not at all.

mod address;
mod name;

use std::{
    io::{self, ErrorKind, SeekFrom},
    ops::Range,
    path::PathBuf,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use axum::body::Bytes;
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

pub use crate::files::address::Address;
pub use crate::files::name::Name;
pub use object_store::{GetRange, aws::AmazonS3Builder};

use crate::{cli::secret_settings, http::error::Error, messages::mail, store::new_id};

/// What is held in memory of a file on its way in, in bytes. S3 takes no smaller parts, and some of its kin only parts of one size; into
/// a folder it goes while the processor still has it at hand.
const S3_PART: usize = 5 * 1024 * 1024;
const FOLDER_PART: usize = 1024 * 1024;

/// How often a storage that cannot be reached is tried at start, a second apart.
const TRIES: u32 = 5;

/// Where files are kept.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// Where they are, if that is a folder.
    folder: Option<PathBuf>,
}

impl Files {
    /// Opens the storage and tries it. The settings of S3 come from the usual environment variables: AWS_ACCESS_KEY_ID,
    /// AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL, and AWS_ALLOW_HTTP=true for an endpoint without TLS.
    pub async fn open(address: &Address) -> anyhow::Result<Files> {
        match address {
            Address::Folder(folder) => Files::in_folder(folder.clone()).await,
            Address::S3 { bucket, prefix } => {
                // A secret from a file often ends with one, and would end up in a header.
                for (name, value) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_"))
                {
                    let has_control = value.to_string_lossy().chars().any(char::is_control);
                    anyhow::ensure!(!has_control, "{} holds a line break or the like", name.to_string_lossy());
                }
                let mut settings = AmazonS3Builder::from_env().with_bucket_name(bucket);
                if let Some(secret) = secret_settings::AWS_SECRET_ACCESS_KEY.read()? {
                    settings = settings.with_secret_access_key(secret);
                }
                Files::on_s3(settings, prefix.clone()).await
            }
        }
    }

    async fn in_folder(folder: PathBuf) -> anyhow::Result<Files> {
        std::fs::create_dir_all(&folder)?;
        mail::keep_private(&folder)?;
        // What was acknowledged survives a power failure.
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true).with_automatic_cleanup(true);
        let files = Files { store: Arc::new(store), prefix: Path::default(), folder: Some(folder) };
        files.try_out().await.map_err(|error| anyhow::anyhow!("{}", in_one_line(&error)))?;
        Ok(files)
    }

    /// Takes its settings from a builder with a bucket's name in it.
    pub async fn on_s3(settings: AmazonS3Builder, prefix: Path) -> anyhow::Result<Files> {
        // The trial has its own way of trying again, which says so.
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
                // A listing's errors have no kind, so it is told by what S3 says.
                Err(error) if error.to_string().contains("NoSuchBucket") => bail!("there is no such bucket"),
                Err(error) if error.to_string().contains("403 Forbidden") => {
                    bail!("we may not read and write there; look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
                }
                Err(error) => bail!("{}", in_one_line(&error)),
            }
        }
        Ok(Files { store: Arc::new(s3(settings, 3)?), prefix, folder: None })
    }

    /// Looks for a file, writes it and deletes it again: that is what the storage must allow.
    async fn try_out(&self) -> object_store::Result<()> {
        let folder = self.prefix.clone().join(new_id());
        self.store.list(Some(&folder)).try_next().await?;
        let file = folder.join(new_id());
        self.store.put(&file, PutPayload::from_static(b"skranke")).await?;
        self.store.delete(&file).await
    }

    /// Writes a file, or puts it in the place of the one of that name. Nobody sees it before it is whole; if the stream
    /// or the storage fails, or nobody waits for it any longer, what is there stays as it was. (Who stops waiting in the
    /// very last step may find it written.) A program that is killed in the middle leaves something that nobody sees:
    /// `<name>#1` in a folder, which goes when the file is deleted; an unfinished multipart upload in a bucket, for which S3
    /// has lifecycle rules.
    ///
    /// A stream's own error is given back as it is. Returns how many bytes there are.
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
            // What fits into one part is written in one go.
            self.store.put(&path, part.into()).await?;
            return Ok(size);
        }
        if part.content_length() > 0 {
            upload.put(&*self.store, &path, part).await?;
        }
        upload.complete().await?;
        Ok(size)
    }

    /// A file's bytes, or those of a range that begins within it. A missing file is `object_store::Error::NotFound`.
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

    /// Deletes a file, and what a program that was killed has left of it. What is not there is deleted already.
    pub async fn delete(&self, name: &Name) -> object_store::Result<()> {
        if let Some(folder) = &self.folder {
            let unfinished = folder.join(format!("{}#1", name.path(&self.prefix)));
            match tokio::fs::remove_file(&unfinished).await {
                Ok(()) => {
                    // Its folder stays as long as something else is in it.
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

    /// The names of all files, in no order. What is not ours is passed over.
    pub fn list(&self) -> BoxStream<'static, object_store::Result<Name>> {
        let prefix = self.prefix.clone();
        let names = self.store.list(Some(&self.prefix));
        names.try_filter_map(move |found| future::ok(Name::at(&found.location, &prefix))).boxed()
    }
}

/// What is in a range of a file. `object_store` itself would call another thread for every 8 KB.
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

/// In blocks, so that a stream of single bytes takes no more memory than another.
fn new_part() -> PutPayloadMut {
    PutPayloadMut::new().with_block_size(64 * 1024)
}

/// What is as large as a part of a block is kept as it came; the rest is copied together.
fn add(part: &mut PutPayloadMut, chunk: Bytes) {
    const LARGE: usize = 16 * 1024;
    if chunk.len() < LARGE { part.extend_from_slice(&chunk) } else { part.push(chunk) }
}

/// An upload in parts. What has begun and is not completed is undone.
#[derive(Default)]
struct Upload {
    begun: Option<Box<dyn MultipartUpload>>,
    /// The part before this one, on its way while the next one comes.
    writing: Option<JoinHandle<object_store::Result<()>>>,
}

impl Upload {
    async fn put(&mut self, store: &dyn ObjectStore, path: &Path, part: PutPayloadMut) -> Result<(), Error> {
        self.written().await?;
        let mut begun = match self.begun.take() {
            Some(begun) => begun,
            None => store.put_multipart(path).await?,
        };
        self.writing = Some(tokio::spawn(begun.put_part(part.into())));
        self.begun = Some(begun);
        Ok(())
    }

    /// Waits for what is on its way.
    async fn written(&mut self) -> Result<(), Error> {
        match self.writing.take() {
            Some(writing) => Ok(writing.await.map_err(Error::internal)??),
            None => Ok(()),
        }
    }

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
        runtime.spawn(async move {
            if let Some(writing) = writing {
                writing.await.ok();
            }
            if let Err(error) = begun.abort().await {
                tracing::warn!(error = in_one_line(&error), "an unfinished upload could not be taken back");
            }
        });
    }
}

fn s3(settings: AmazonS3Builder, retries: usize) -> anyhow::Result<AmazonS3> {
    // The client for https takes what the process has for cryptography. The database brings the same.
    _ = rustls::crypto::ring::default_provider().install_default();
    let settings = settings
        .with_retry(RetryConfig {
            max_retries: retries,
            retry_timeout: Duration::from_secs(10),
            ..RetryConfig::default()
        })
        // Somebody with a slow line may take long over a file; only a storage that says nothing is given up.
        .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), "1 day")
        .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::ReadTimeout), "30 s")
        // We delete one by one, and not every server knows how to delete several.
        .with_config(AmazonS3ConfigKey::DisableBulkDelete, "true");
    settings.build().context("the settings of S3 (AWS_…) cannot be used")
}

/// Whether the storage may answer when it is asked again.
fn is_out_of_reach(error: &object_store::Error) -> bool {
    use HttpErrorKind::{Connect, Interrupted, Request, Timeout};
    causes(error)
        .find_map(|cause| cause.downcast_ref::<HttpError>())
        .is_some_and(|error| matches!(error.kind(), Connect | Interrupted | Request | Timeout))
}

/// What went wrong, without what S3 says around it: that has many lines, and among them the id of the key.
fn in_one_line(error: &object_store::Error) -> String {
    let innermost = causes(error).last().map(ToString::to_string).unwrap_or_default();
    let line = innermost.split(['<', '\n']).next().unwrap_or_default();
    line.trim_end_matches([':', ' ']).to_owned()
}

/// The error itself, what caused it, what caused that, and so on.
fn causes<'e>(error: &'e object_store::Error) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &'e (dyn std::error::Error + 'static)), |error| error.source())
}
