//! Fake mail server: `smtp.mjs`, which hangs, refuses and asks for passwords as a test wants.

use std::{process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::mpsc,
};

pub struct Smtp {
    /// Ended with the value.
    pub _process: Child,
    pub input: ChildStdin,
    pub said: mpsc::UnboundedReceiver<Value>,
    pub port: u64,
}

impl Smtp {
    pub async fn start(wanted: Value) -> Smtp {
        let mut process = Command::new("node")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/smtp.mjs"))
            .arg(wanted.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (sender, said) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let mut smtp = Smtp { _process: process, input, said, port: 0 };
        smtp.port = smtp.next("port").await["port"].as_u64().unwrap();
        smtp
    }

    /// Waits for a line with this field.
    pub async fn next(&mut self, what: &str) -> Value {
        let line = async {
            loop {
                let line = self.said.recv().await.expect("the mail server ended");
                if !line[what].is_null() {
                    return line;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), line).await.unwrap_or_else(|_| panic!("never: {what}"))
    }

    /// The next mail.
    pub async fn mail(&mut self) -> Mail {
        let line = self.next("raw").await;
        Mail { to: line["to"].clone(), secure: line["secure"] == true, raw: line["raw"].as_str().unwrap().to_owned() }
    }

    /// The mails received so far.
    pub fn mails(&mut self) -> Vec<Mail> {
        let mut all = Vec::new();
        while let Ok(line) = self.said.try_recv() {
            if let Some(raw) = line["raw"].as_str() {
                all.push(Mail { to: line["to"].clone(), secure: false, raw: raw.to_owned() });
            }
        }
        all
    }

    pub async fn go(&mut self) {
        self.input.write_all(b"go\n").await.unwrap();
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }
}

#[derive(Debug)]
pub struct Mail {
    pub to: Value,
    pub secure: bool,
    pub raw: String,
}

impl Mail {
    pub fn header(&self, name: &str) -> String {
        let head = self.raw.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let lines: Vec<&str> = head.split("\r\n").filter_map(|line| line.strip_prefix(&format!("{name}: "))).collect();
        assert!(lines.len() <= 1, "{name} twice: {head}");
        lines.concat()
    }

    /// The id of its message.
    pub fn id(&self) -> String {
        self.header("Message-ID")
    }
}
