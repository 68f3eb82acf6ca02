//! The server process: `skranke serve` on a free port, its log and its mailboxes.

use std::{path::PathBuf, process::Stdio};

use reqwest::{StatusCode, header};
use serde_json::json;
use server::store::{Address, Store};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::mpsc,
};

use super::{
    records::{DOCUMENTS_KEY, Person},
    visitor::{Visitor, client},
};

/// A server process. Dropping the value ends it.
pub struct TestServer {
    folder: PathBuf,
    database: Option<String>,
    process: Child,
    pub url: String,
    /// The prefix of its cookie names.
    cookies: &'static str,
    log: mpsc::UnboundedReceiver<String>,
}

impl TestServer {
    pub(super) async fn open(
        folder: PathBuf,
        database: Option<&str>,
        clock: &str,
        settings: &[(&str, &str)],
        under: &[&str],
    ) -> TestServer {
        let database = database.map(str::to_owned);
        let is_https = settings.iter().any(|(name, value)| *name == "ORIGIN" && value.starts_with("https:"));
        let cookies = if is_https { "__Host-" } else { "" };
        // A file size limit raises SIGXFSZ, which would kill the server. A full disk returns an error, so the signal is
        // ignored.
        let mut process = Command::new("env")
            .arg("--ignore-signal=XFSZ")
            .args(under)
            .arg(binary())
            .args(["serve", "--port", "0", "--clock", clock])
            .arg("--data-dir")
            .arg(&folder)
            .arg("--dist-dir")
            .arg(root().join("dist"))
            .env("NO_COLOR", "1")
            .env("DATABASE_URL", database.as_deref().unwrap_or_default())
            .env("FILES_URL", "")
            .env("MAIL_INTO_FILES", "true")
            .env("SMS_INTO_FILES", "true")
            .env("CLOCK_WITH_HTTPS", "true")
            .env("DOCUMENTS_KEY", if database.is_some() { DOCUMENTS_KEY } else { "" })
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = loop {
            let line = said.next_line().await.unwrap().expect("the server ended before it was open");
            if let Some(url) = line.strip_prefix("Skranke is open at ") {
                break url.to_owned();
            }
        };
        let (sender, log) = mpsc::unbounded_channel();
        let mut logged = BufReader::new(process.stderr.take().unwrap()).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = logged.next_line().await {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        TestServer { folder, database, process, url, cookies, log }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id().unwrap()
    }

    /// Waits until the process has exited. Returns `true` on success.
    pub async fn ended(mut self) -> bool {
        self.process.wait().await.unwrap().success()
    }

    /// Resident memory of the process in bytes.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// Peak resident memory of the process in bytes.
    pub fn most_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// The process ids of the child processes.
    pub fn called(&self) -> Vec<u32> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.process.id().unwrap())).unwrap();
        let called = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("children")).ok());
        called.flat_map(|ids| ids.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<_>>()).collect()
    }

    /// Kills the process, like a power failure.
    pub async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }

    /// Limits the size of files in bytes, like a full disk.
    pub fn limit_files(&self, bytes: u64) {
        let limit = if bytes == u64::MAX { "unlimited".to_owned() } else { bytes.to_string() };
        let process = self.process.id().unwrap().to_string();
        let outcome = std::process::Command::new("prlimit")
            .args(["--pid", &process, &format!("--fsize={limit}:unlimited")])
            .status();
        assert!(outcome.unwrap().success());
    }

    /// A client with this session.
    pub fn signed_in_with(&self, token: &str) -> Visitor {
        let mut headers = header::HeaderMap::new();
        headers.insert(header::COOKIE, format!("{}skranke={token}", self.cookies).parse().unwrap());
        Visitor { client: client().default_headers(headers).build().unwrap(), url: self.url.clone() }
    }

    /// A client with this session at the desk.
    pub fn at_desk_with(&self, token: &str) -> Visitor {
        let mut headers = header::HeaderMap::new();
        headers.insert(header::COOKIE, format!("{}skranke-desk={token}", self.cookies).parse().unwrap());
        Visitor { client: client().default_headers(headers).build().unwrap(), url: self.url.clone() }
    }

    /// A client without a session.
    pub fn visitor(&self) -> Visitor {
        Visitor { client: client().cookie_store(true).build().unwrap(), url: self.url.clone() }
    }

    /// Signs in by a code from the mailbox. Returns the client.
    pub async fn sign_in(&self, person: &Person) -> Visitor {
        let visitor = self.visitor();
        let before = self.codes_for(&person.email);
        visitor.ask_for_code(&person.email).await;
        let code = self.new_code_for(&person.email, &before).await;
        let answer = visitor.put("/api/session", &json!({ "email": person.email, "code": code })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        visitor
    }

    /// The code in a mailbox that has received one mail.
    pub async fn code_for(&self, email: &str) -> String {
        self.new_code_for(email, &[]).await
    }

    /// Waits for a code that is not in `before`.
    pub async fn new_code_for(&self, email: &str, before: &[String]) -> String {
        let new = || self.codes_for(email).into_iter().find(|code| !before.contains(code));
        wait_for(async || new().is_some(), "a new code comes").await;
        new().unwrap()
    }

    /// Every code in a mailbox.
    pub fn codes_for(&self, email: &str) -> Vec<String> {
        let code = |body: &str| Some(body.split_once("Your code is ")?.1[..6].to_owned());
        self.mailbox(email).iter().filter_map(|mail| code(&mail.body)).collect()
    }

    /// The mails in a mailbox, the newest first.
    pub fn mailbox(&self, email: &str) -> Vec<server::messages::mail::Received> {
        let mails = server::messages::mail::read_all(&self.folder).unwrap();
        mails.into_iter().filter(|mail| mail.to == email).collect()
    }

    /// The number of codes written to an address, sent or not.
    pub async fn codes_written_to(&self, email: &str) -> i64 {
        let store = Store::open_to_read(&Address::new(self.database.as_deref(), &self.folder).unwrap()).await.unwrap();
        let count = sqlx::query_scalar("SELECT count(*) FROM messages WHERE kind = 'code' AND address = $1");
        count.bind(email).fetch_one(&mut *store.read().await.unwrap()).await.unwrap()
    }

    /// Waits for a log line that contains this text.
    pub async fn log_line(&mut self, request_id: &str) -> String {
        loop {
            let line = self.log.recv().await.expect("the log ended");
            if line.contains(request_id) {
                return line;
            }
        }
    }
}

/// The server binary, which cargo has built together with this test.
pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_skranke")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Waits until a condition holds. Panics with `what` after a timeout.
pub async fn wait_for(mut over: impl AsyncFnMut() -> bool, what: &str) {
    for _ in 0..400 {
        if over().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}
