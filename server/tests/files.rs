//! File storage in a folder and in an S3 bucket: the same checks on both. The server refuses to start if it cannot
//! store files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, an unwrap that fails is a finding"
)]

mod common;

use std::{
    fs,
    future::Future,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use api::{
    ProblemCode,
    ids::{CaseId, SegmentId},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, future, stream};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use server::{
    error::Error,
    files::{Address, AmazonS3Builder, Files, GetRange, Name},
    secrets::sha256_hex,
    store::new_id,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::Command,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

const BUCKET: &str = "skranke";
const KEY: &str = "some-key";
const SECRET: &str = "a-secret";

/// A local S3 server that keeps its bucket in a folder.
struct S3 {
    folder: TempDir,
    endpoint: String,
    serving: JoinHandle<()>,
}

impl S3 {
    async fn serve() -> S3 {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            // Connections end with the server.
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                connections.spawn(async move {
                    let http = auto::Builder::new(TokioExecutor::new());
                    // An error here is a client that disconnects early, as some checks do.
                    _ = http.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        S3 { folder, endpoint, serving }
    }

    async fn open(&self, prefix: &str) -> Files {
        let settings = AmazonS3Builder::new()
            .with_endpoint(&self.endpoint)
            .with_allow_http(true)
            .with_access_key_id(KEY)
            .with_secret_access_key(SECRET)
            .with_bucket_name(BUCKET);
        Files::on_s3(settings, prefix.into()).await.unwrap()
    }
}

/// A storage, with the folder that really holds its files.
#[derive(Clone)]
struct Place {
    files: Files,
    folder: PathBuf,
}

impl Place {
    /// Unfinished writes: temporary files beside the final name, or parts of an upload.
    fn unfinished(&self) -> Vec<PathBuf> {
        let mut all = all_files(&self.folder);
        all.retain(|file| {
            let name = file.file_name().unwrap().to_str().unwrap();
            name.contains('#') || name.starts_with(".upload") || name.starts_with(".tmp")
        });
        all
    }

    /// Waits for the cleanup that runs after the answer.
    async fn is_cleared(&self) {
        for _ in 0..500 {
            if self.unfinished().is_empty() {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{:?}", self.unfinished());
    }

    async fn write(&self, name: &Name, content: &[u8]) -> u64 {
        self.files.write(name, in_odd_chunks(content)).await.unwrap()
    }

    async fn read(&self, name: &Name, range: Option<GetRange>) -> Vec<u8> {
        let bytes = self.files.read(name, range).await.unwrap();
        bytes.map_ok(|bytes| bytes.to_vec()).try_concat().await.unwrap()
    }

    async fn is_missing(&self, name: &Name) -> bool {
        matches!(self.files.read(name, None).await, Err(object_store::Error::NotFound { .. }))
    }

    async fn list(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self.files.list().try_collect().await.unwrap();
        names.sort();
        names
    }
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { all_files(&path) } else { vec![path] }).collect()
}

/// Runs a check on a new storage of each kind.
async fn on_both<F: Future<Output = ()>>(check: impl Fn(Place) -> F) {
    let data = tempfile::tempdir().unwrap();
    let files = Files::open(&Address::new(None, data.path()).unwrap()).await.unwrap();
    check(Place { files, folder: data.path().join("files") }).await;
    let s3 = S3::serve().await;
    check(Place { files: s3.open("oslo/uploads").await, folder: s3.folder.path().to_owned() }).await;
}

fn name() -> Name {
    Name::new(&new_id::<CaseId>(), &new_id::<SegmentId>()).unwrap()
}

/// A size that takes several parts, the last of them short.
const LARGE: usize = 12_000_001;

fn content(size: usize, seed: u64) -> Vec<u8> {
    let mut content = vec![0; size];
    fastrand::Rng::with_seed(seed).fill(&mut content);
    content
}

/// Chunks of odd sizes, as from a network: a byte, a hundred thousand, none.
fn in_odd_chunks(content: &[u8]) -> impl Stream<Item = Result<Bytes, Error>> + use<> {
    let mut rest = Bytes::copy_from_slice(content);
    let mut random = fastrand::Rng::with_seed(1);
    stream::iter(std::iter::from_fn(move || {
        let most = [0, 1, 1000, 100_000][random.usize(0..4)];
        (!rest.is_empty()).then(|| Ok(rest.split_to(random.usize(0..=most).min(rest.len()))))
    }))
}

#[tokio::test]
async fn what_is_written_is_read_back() {
    on_both(|place| async move {
        const PART: usize = 5 * 1024 * 1024;
        for size in [0, 1, PART - 1, PART, PART + 1, 2 * PART, LARGE] {
            let (name, content) = (name(), content(size, 0));
            let written = place.write(&name, &content).await;
            assert_eq!(written, size as u64);
            assert!(place.read(&name, None).await == content, "{size} bytes");
        }
        place.is_cleared().await;
    })
    .await;
}

#[tokio::test]
async fn a_range_is_read_alone() {
    on_both(|place| async move {
        let (name, content) = (name(), content(LARGE, 0));
        place.write(&name, &content).await;
        let end = LARGE as u64;
        for (range, expected) in [
            ((0..1).into(), &content[..1]),
            ((6_000_000..6_100_000).into(), &content[6_000_000..6_100_000]),
            ((end - 10..end + 10).into(), &content[LARGE - 10..]),
            (GetRange::Offset(11_000_000), &content[11_000_000..]),
        ] {
            let read = place.read(&name, Some(range)).await;
            assert!(read == expected, "{} bytes instead of {}", read.len(), expected.len());
        }
        assert!(place.files.read(&name, Some(GetRange::Offset(end))).await.is_err(), "it begins behind the end");
    })
    .await;
}

#[tokio::test]
async fn a_file_is_put_in_the_place_of_another_and_deleted() {
    on_both(|place| async move {
        let name = name();
        assert!(place.is_missing(&name).await);
        for size in [1, LARGE, 0, 2] {
            let content = content(size, size as u64);
            place.write(&name, &content).await;
            assert!(place.read(&name, None).await == content);
        }
        // Deletion is idempotent and accepts names that never existed.
        for _ in 0..2 {
            place.files.delete(&name).await.unwrap();
            assert!(place.is_missing(&name).await);
        }
        assert_eq!(place.list().await, []);
    })
    .await;
}

#[tokio::test]
async fn all_names_are_listed_and_nothing_of_others() {
    on_both(|place| async move {
        let mut names = Vec::new();
        for _ in 0..3 {
            let owner: CaseId = new_id();
            for _ in 0..2 {
                let name = Name::new(&owner, &new_id::<SegmentId>()).unwrap();
                place.write(&name, b"a passport").await;
                names.push(name);
            }
        }
        let beside = all_files(&place.folder).into_iter().find(|file| fs::read(file).unwrap() == b"a passport");
        fs::write(beside.unwrap().with_file_name("readme.txt"), "somebody else's").unwrap();
        names.sort();
        assert_eq!(place.list().await, names);
    })
    .await;
}

/// A client disconnects during a write.
#[tokio::test]
async fn a_stream_that_fails_leaves_what_was_there() {
    on_both(|place| async move {
        for sent in [0, 1000, 7_000_000, LARGE] {
            for before in [None, Some(b"what was there")] {
                let name = name();
                if let Some(before) = before {
                    place.write(&name, before).await;
                }
                let broken = future::ready(Err(Error::new(ProblemCode::BodyTooLarge)));
                let bytes = in_odd_chunks(&content(sent, 0)).chain(stream::once(broken));
                let error = place.files.write(&name, bytes).await.unwrap_err();
                assert_eq!(error.code, ProblemCode::BodyTooLarge, "the stream's own");
                match before {
                    Some(before) => assert_eq!(place.read(&name, None).await, before),
                    None => assert!(place.is_missing(&name).await),
                }
                place.is_cleared().await;
            }
        }
    })
    .await;
}

/// The server drops a request, for instance after its timeout.
#[tokio::test]
async fn a_write_that_nobody_waits_for_leaves_nothing() {
    on_both(|place| async move {
        for sent in [1000, 7_000_000] {
            let name = name();
            let (arrived, mut has_arrived) = tokio::sync::oneshot::channel();
            let waiting = stream::once(async move {
                arrived.send(()).unwrap();
                future::pending().await
            });
            let bytes = in_odd_chunks(&content(sent, 0)).chain(waiting);
            tokio::select! {
                _ = place.files.write(&name, bytes) => unreachable!("it never ends"),
                _ = &mut has_arrived => {}
            }
            assert!(sent < 5_000_000 || !place.unfinished().is_empty(), "it had begun");
            place.is_cleared().await;
            assert!(place.is_missing(&name).await);
            assert_eq!(place.list().await, []);
        }
    })
    .await;
}

#[tokio::test]
async fn of_several_writers_of_one_name_one_is_last_and_whole() {
    on_both(|place| async move {
        for size in [1000, 6_000_000] {
            let name = name();
            let mut writers = JoinSet::new();
            for seed in 0..4 {
                let place = place.clone();
                writers.spawn(async move {
                    let content = content(size, seed);
                    place.write(&name, &content).await;
                    sha256_hex(&content)
                });
            }
            let written = writers.join_all().await;
            let read = sha256_hex(&place.read(&name, None).await);
            assert!(written.contains(&read));
            place.is_cleared().await;
        }
    })
    .await;
}

/// A missing disk or network is a temporary failure, which asks people to try again.
#[tokio::test]
async fn a_storage_that_is_gone_is_unavailable() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("files");
    let in_folder = Files::open(&Address::new(None, data.path()).unwrap()).await.unwrap();
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "no folder").unwrap();

    let s3 = S3::serve().await;
    let in_bucket = s3.open("").await;
    s3.serving.abort();

    for files in [in_folder, in_bucket] {
        for size in [1, LARGE] {
            let error = files.write(&name(), in_odd_chunks(&content(size, 0))).await.unwrap_err();
            assert_eq!(error.code, ProblemCode::Unavailable, "{error:?}");
        }
        let error = files.read(&name(), None).await.map(|_| ()).unwrap_err();
        assert_eq!(Error::from(error).code, ProblemCode::Unavailable);
    }
}

fn skranke(url: &str, endpoint: &str, secret: &str, data: &Path) -> Command {
    let mut command = Command::new(common::binary());
    command.args(["serve", "--port", "0", "--dist-dir", "../dist", "--data-dir"]).arg(data);
    command.env("DATABASE_URL", "").env("FILES_URL", url).env("DOCUMENTS_KEY", common::DOCUMENTS_KEY);
    command.env("MAIL_INTO_FILES", "true").env("SMS_INTO_FILES", "true");
    for (name, value) in [
        ("ENDPOINT_URL", endpoint),
        ("ALLOW_HTTP", "true"),
        ("REGION", "eu-north-1"),
        ("ACCESS_KEY_ID", KEY),
        ("SECRET_ACCESS_KEY", secret),
    ] {
        command.env(format!("AWS_{name}"), value);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

#[tokio::test]
async fn a_storage_that_cannot_be_used_keeps_the_counter_shut() {
    let s3 = S3::serve().await;
    let data = tempfile::tempdir().unwrap();
    // A closed port.
    const NOWHERE: &str = "http://127.0.0.1:1";
    let refused = "trying again, 4 of 5\n\
                   skranke: cannot open the files at s3://skranke/oslo: cannot reach S3: Connection refused (os error 111)\n";
    for (url, endpoint, secret, says) in [
        ("gs://me:wrong-secret@skranke", NOWHERE, SECRET, "FILES_URL begins with gs://, which is no storage of ours"),
        ("wrong-secret", NOWHERE, SECRET, "FILES_URL is no address"),
        ("s3://me:wrong-secret@skranke", NOWHERE, SECRET, "FILES_URL takes a bucket and a prefix only"),
        ("s3://skranke/oslo", NOWHERE, SECRET, refused),
        ("s3://bergen", &s3.endpoint, SECRET, "cannot open the files at s3://bergen/: there is no such bucket"),
        ("s3://skranke", &s3.endpoint, "wrong-secret", "we may not read and write there; look at AWS_ACCESS_KEY_ID"),
    ] {
        let output: Output = skranke(url, endpoint, secret, data.path()).output().await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{url}: {said}");
        assert!(said.contains(says), "{says} is not in {said}");
        assert!(!said.contains("secret@") && !said.contains(SECRET) && !said.contains("wrong-secret"), "{said}");
        assert_eq!(said.lines().count(), if endpoint == NOWHERE && said.contains("trying") { 5 } else { 1 }, "{said}");
    }
}

#[tokio::test]
async fn the_counter_opens_on_s3_as_the_environment_says() {
    let s3 = S3::serve().await;
    let data = tempfile::tempdir().unwrap();
    let mut server = skranke("s3://skranke/oslo", &s3.endpoint, SECRET, data.path());
    let mut server = server.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = timeout(Duration::from_secs(20), lines.next_line()).await.unwrap().unwrap();
    assert!(line.unwrap().starts_with("Skranke is open at"));
    server.kill().await.unwrap();
    assert_eq!(s3.open("").await.list().count().await, 0, "the trial is cleared up");
    assert!(!data.path().join("files").exists());
}
