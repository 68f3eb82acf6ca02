//! What can be set, on the command line or in the environment.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use anyhow::{Context, ensure};
use api::documents::Limits;
use chrono::{DateTime, FixedOffset, NaiveDate};
use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;

use crate::{
    clock::Clock,
    documents::{
        inspect::{Terms, Walls},
        keys::HouseKey,
        scan::Scanner,
    },
    files,
    http::connections::Patience,
    messages::settings::Transports,
    secrets::settings,
    store::{Address, is_loopback},
};

/// The counter of a police immigration office at reduced capacity.
#[derive(Parser)]
#[command(version, after_help = settings::HELP)]
pub struct Config {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the page and its API
    #[command(after_help = settings::HELP)]
    Serve(Options),
    /// The same with demo people, and a page that shows their mailbox; on this machine only
    Demo(Options),
    /// Read facts, one JSON object a line, and write one decision for each
    Decide {
        /// The file to read; standard input without one
        file: Option<PathBuf>,
        /// Write with each decision every rule that was looked at
        #[arg(long)]
        trace: bool,
        /// A folder with an office's own policy documents
        #[arg(long)]
        policies: Option<PathBuf>,
    },
    /// Decide anew what receipts say was decided, and say what differs
    Replay {
        /// The file with the receipts, one JSON object after another; standard input without one
        receipts: Option<PathBuf>,
    },
    /// Write the receipts of the decisions that mattered, one JSON object a line
    Receipts {
        /// Only those of the case with this reference
        #[arg(long)]
        case: Option<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Write everything that is in the database, as JSON lines with a checksum at the end
    Export {
        /// The file to create; standard output without one
        file: Option<PathBuf>,
        #[command(flatten)]
        database: Database,
    },
    /// Read what `export` has written into an empty database, of whichever engine
    Import {
        /// The file to read; standard input without one
        file: Option<PathBuf>,
        #[command(flatten)]
        database: Database,
    },
    /// Copy the embedded database into a new file, while it is in use
    Backup {
        file: PathBuf,
        #[command(flatten)]
        database: Database,
    },
    /// Put such a copy in the place of a database that is not there
    Restore {
        file: PathBuf,
        #[command(flatten)]
        database: Database,
    },
    /// Close an office for some days, or let it work at a share of its capacity: its times are taken back, appointments are cancelled, and everybody is told
    Close {
        /// The office's name, or a part of it that no other has
        office: String,
        /// The first day, as 2021-03-24
        #[arg(long)]
        from: NaiveDate,
        /// The last day, which is closed too
        #[arg(long)]
        to: NaiveDate,
        /// The share of the capacity that is left, in percent
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
        share: u8,
        /// Do it; without this, only say what it would do
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        origin: Origin,
        #[command(flatten)]
        now: Now,
        #[command(flatten)]
        database: Database,
    },
    /// Write a new key for DOCUMENTS_KEY; or wrap the cases' keys anew
    #[command(after_help = settings::HELP)]
    DocumentsKey {
        /// Wrap every case's key for the first key of DOCUMENTS_KEY, so that the others can be thrown away; documents stay as they are
        #[arg(long)]
        rewrap: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Say what the document on standard input is
    #[command(hide = true)]
    Inspect {
        #[arg(long)]
        unconfined: bool,
    },
    /// Draw a page of the document on standard input
    #[command(hide = true)]
    Draw {
        page: u64,
        #[arg(long)]
        unconfined: bool,
    },
    /// Say what a program that looks into documents could do here beside that
    #[command(hide = true)]
    Probe {
        #[arg(long)]
        unconfined: bool,
    },
    /// The messages: what waits, what went out, who has to be called
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Who works at the desk
    #[command(subcommand)]
    Officer(OfficerCommand),
    /// The log of who did what
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Policy documents
    #[command(subcommand)]
    Policy(PolicyCommand),
}

#[derive(Subcommand)]
pub enum OutboxCommand {
    /// How many messages wait, were sent, arrived, failed; and the ledger of everything that was done to many at once
    Status {
        #[command(flatten)]
        now: Now,
        #[command(flatten)]
        database: Database,
    },
    /// Who could not be reached and has to be called, one JSON object a line
    Calls {
        /// Take the one with this message id off the list: somebody has called
        #[arg(long)]
        done: Option<String>,
        #[command(flatten)]
        now: Now,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Look the chain over, and say which entry was changed or is missing
    Verify {
        /// An end of the chain that was written down earlier, as number:hash; without it an end that was cut off cannot be found
        #[arg(long)]
        head: Option<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Write the code by which a search for certain words stands in the log
    Words {
        words: String,
        /// The key of the house; without it, the one in the data folder
        #[arg(long, env = "DOCUMENTS_KEY", hide_env_values = true)]
        documents_key: Option<String>,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Subcommand)]
pub enum OfficerCommand {
    /// Add somebody, the first administrator of a district for instance, and write the link by which they add a passkey
    Add {
        /// For instance "Solveig Dahl"
        name: String,
        /// The police district, for instance oslo
        #[arg(long)]
        district: String,
        /// clerk, planner or administrator
        #[arg(long, default_value = "administrator")]
        role: String,
        #[command(flatten)]
        origin: Origin,
        #[command(flatten)]
        now: Now,
        #[command(flatten)]
        database: Database,
    },
    /// Write a new link for somebody whose passkey is lost; the passkeys and sessions that they had end at once
    Link {
        id: String,
        #[command(flatten)]
        origin: Origin,
        #[command(flatten)]
        now: Now,
        #[command(flatten)]
        database: Database,
    },
    /// Write who works where, with their ids
    List {
        #[command(flatten)]
        database: Database,
    },
    /// End somebody's work here; their passkeys and sessions hold no longer
    End {
        id: String,
        #[command(flatten)]
        now: Now,
        #[command(flatten)]
        database: Database,
    },
}

/// What time it is, for commands beside a server whose clock is not the system's.
#[derive(Args, Clone)]
pub struct Now {
    /// This instant (RFC 3339) instead of the system's time
    #[arg(long, env = "CLOCK", value_parser = instant)]
    clock: Option<DateTime<FixedOffset>>,
}

impl Now {
    pub fn clock(&self) -> Clock {
        Clock::new(self.clock.map(|start| start.to_utc()))
    }
}

#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Name every fault of a document by its line, and say who would be answered differently
    Check {
        file: PathBuf,
        /// The folder with the documents that it is to stand beside
        #[arg(long)]
        policies: Option<PathBuf>,
    },
}

/// Where the page is.
#[derive(Args, Clone)]
pub struct Origin {
    /// The address at which people reach the page, https://skranke.example; officers' passkeys hold for its host. Without it,
    /// this machine's: http://localhost and the port
    #[arg(long, env = "ORIGIN", value_parser = origin)]
    origin: Option<String>,
    /// The port; 0 takes a free one
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub port: u16,
}

impl Origin {
    pub fn address(&self) -> String {
        let set = self.origin.clone().filter(|origin| !origin.is_empty());
        set.unwrap_or_else(|| format!("http://localhost:{}", self.port))
    }

    /// Whether people reach the page over https: then cookies go nowhere else.
    pub fn is_https(&self) -> bool {
        self.address().starts_with("https://")
    }
}

/// An address without a path, as browsers write it in `Origin`. An empty one is as if it were not set.
fn origin(text: &str) -> Result<String, String> {
    const EXPECTED: &str = "write it as https://skranke.example, without a path";
    if text.is_empty() {
        return Ok(String::new());
    }
    let url = Url::parse(text).map_err(|error| format!("it is no address ({error}); {EXPECTED}"))?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    match url.scheme() {
        "https" | "http" if !is_bare || url.password().is_some() => Err(EXPECTED.to_owned()),
        "https" => Ok(url.origin().ascii_serialization()),
        "http" if is_loopback(&url) => Ok(url.origin().ascii_serialization()),
        "http" => Err(format!("http:// is for this machine only, because others could read along; {EXPECTED}")),
        other => Err(format!("{other}:// is nothing that a browser opens; {EXPECTED}")),
    }
}

/// Where the records are.
#[derive(Args, Clone)]
pub struct Database {
    /// Where the database and the mail are kept, and in policies/ the office's own policy documents
    #[arg(long, env = "DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
}

impl Database {
    pub fn address(&self) -> anyhow::Result<Address> {
        Address::new(settings::DATABASE_URL.read()?.as_deref(), &self.data_dir)
    }
}

#[derive(Args, Clone)]
pub struct Options {
    /// The address to listen on
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1")]
    pub listen: IpAddr,
    #[command(flatten)]
    pub database: Database,
    /// Where uploaded documents are kept: s3://bucket/prefix, with AWS_ACCESS_KEY_ID and so on in the environment; without
    /// it, the folder files/ in the data folder
    #[arg(long, env = "FILES_URL", hide_env_values = true)]
    files_url: Option<String>,
    #[command(flatten)]
    pub documents: Documents,
    #[command(flatten)]
    pub transports: Transports,
    /// The folder with the built page
    #[arg(long, env = "DIST_DIR", default_value = "dist")]
    pub dist_dir: PathBuf,
    /// Start the clock at this instant (RFC 3339) instead of the system's time; it ticks on from there
    #[arg(long, env = "CLOCK", value_parser = instant)]
    pub clock: Option<DateTime<FixedOffset>>,
    // For tests of what a page at https://… is sent, which have a day of their own.
    #[arg(long, env = "CLOCK_WITH_HTTPS", hide = true)]
    clock_with_https: bool,
    // What it said follows from ORIGIN now. Whoever sets it still is not to believe that it does something.
    #[arg(long, env = "HTTPS", hide = true)]
    https: bool,
    /// How lines are logged
    #[arg(long, env = "LOG", value_enum, default_value = "text")]
    pub log: Log,
    /// How many seconds a request's head may take to arrive
    #[arg(long, env = "HEAD_SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=3600))]
    head_seconds: u64,
    /// How many seconds a connection may stay open without a request; longer than the proxy keeps its own
    #[arg(long, env = "IDLE_SECONDS", default_value_t = 75, value_parser = clap::value_parser!(u64).range(1..=3600))]
    idle_seconds: u64,
    /// Where one tells of a weakness in security, for /.well-known/security.txt: mailto:… or https://…
    #[arg(long, env = "SECURITY_CONTACT")]
    pub security_contact: Option<String>,
    #[command(flatten)]
    pub origin: Origin,
    /// How many proxies stand before this server, each of which writes into X-Forwarded-For whom it was called by
    #[arg(long, env = "PROXIES", default_value_t = 0)]
    pub proxies: usize,
    /// How many years the office keeps the cases of an account that is deleted
    #[arg(long, env = "KEEP_YEARS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(..=100))]
    pub keep_years: u32,
}

/// What people send in.
#[derive(Args, Clone)]
#[command(next_help_heading = "Documents")]
pub struct Documents {
    /// The virus scanner clamd, on this machine: localhost:3310, or the path of its socket; without it the desk sees pictures of
    /// documents only
    #[arg(long, env = "CLAMD")]
    pub clamd: Option<Scanner>,
    /// How large one file may be, in megabytes
    #[arg(long, env = "FILE_MB", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    file_mb: u64,
    /// How large all files of a case may be together, in megabytes
    #[arg(long, env = "CASE_MB", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    case_mb: u64,
    /// How many days a document is kept after it came
    #[arg(long, env = "KEEP_DOCUMENTS", default_value_t = 180, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub keep_days: u32,
    /// How many seconds looking into a document, or drawing one page of it, may take; what takes longer five times is returned
    #[arg(long, env = "CHECK_SECONDS", default_value_t = 40, value_parser = clap::value_parser!(u64).range(1..=100))]
    check_seconds: u64,
    /// How many seconds the pages of an archive may take to be drawn, all together
    #[arg(long, env = "ARCHIVE_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(..=86_400))]
    archive_seconds: u64,
    /// Look into documents also where the system does not confine who does so (Landlock and seccomp)
    #[arg(long, env = "DOCUMENTS_UNCONFINED")]
    documents_unconfined: bool,
}

impl Documents {
    pub fn limits(&self) -> Limits {
        const MEGABYTE: u64 = 1_000_000;
        Limits { file: self.file_mb * MEGABYTE, case: self.case_mb * MEGABYTE }
    }

    pub fn archive_time(&self) -> Duration {
        Duration::from_secs(self.archive_seconds)
    }

    pub fn looking(&self) -> Terms {
        let walls = if self.documents_unconfined { Walls::Optional } else { Walls::Needed };
        Terms { walls, patience: Duration::from_secs(self.check_seconds) }
    }

    /// The key of the house, if one is set. Nothing if it is to be in the data folder, which is so only for a server that keeps everything
    /// by itself: several must have one key.
    pub fn house_key(&self, database: &Address, files: &files::Address) -> anyhow::Result<Option<HouseKey>> {
        if let Some(text) = settings::DOCUMENTS_KEY.read()? {
            return HouseKey::read(&text).map(Some).context("DOCUMENTS_KEY cannot be used");
        }
        let is_alone = matches!(database, Address::File(_)) && matches!(files, files::Address::Folder(_));
        ensure!(
            is_alone,
            "with a database or files elsewhere, DOCUMENTS_KEY must say by which key documents are kept, so that all servers \
             have the same: make one with age-keygen, or with skranke documents-key"
        );
        Ok(None)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Log {
    /// One line each, for people
    Text,
    /// One JSON object each, for programs
    Json,
}

impl Options {
    /// How long connections may wait.
    pub fn patience(&self) -> Patience {
        Patience { head: Duration::from_secs(self.head_seconds), idle: Duration::from_secs(self.idle_seconds) }
    }

    /// That the settings do not contradict one another. A demo, and a clock that is not the system's, are for this machine only: the demo
    /// lets everybody in, and a wrong clock moves every deadline.
    pub fn ensure_consistent(&self, is_demo: bool) -> anyhow::Result<()> {
        let (origin, is_https) = (self.origin.address(), self.origin.is_https());
        ensure!(
            is_https || !self.https,
            "HTTPS is no setting any more, because cookies follow ORIGIN: set ORIGIN to the https:// address at which people \
             reach the page, and leave HTTPS out"
        );
        let is_open = !self.listen.is_loopback();
        let is_clock_known = self.clock_with_https && !is_open;
        let for_trying = is_demo || self.clock.is_some() && !is_clock_known;
        ensure!(
            !for_trying || !is_https && !is_open,
            "the demo and CLOCK are for trying, on this machine only: leave them out, or do without ORIGIN=https://… and with \
             LISTEN=127.0.0.1"
        );
        ensure!(
            is_https || !is_open,
            "LISTEN={} is open to other machines, and {origin} is for this one only: set ORIGIN to the https:// address of the \
             proxy before this server",
            self.listen
        );
        if let Some(contact) = self.security_contact.as_deref().filter(|contact| !contact.is_empty()) {
            let scheme = Url::parse(contact).context("SECURITY_CONTACT is no address")?.scheme().to_owned();
            ensure!(matches!(&*scheme, "mailto" | "https" | "tel"), "SECURITY_CONTACT begins with mailto: or https://");
        }
        Ok(())
    }

    pub fn files(&self) -> anyhow::Result<files::Address> {
        files::Address::new(self.files_url.as_deref(), &self.database.data_dir)
    }
}

fn instant(text: &str) -> Result<DateTime<FixedOffset>, String> {
    DateTime::parse_from_rfc3339(text).map_err(|_| "write an instant as 2021-03-22T09:00:00+01:00".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_https_or_this_machine() {
        for (text, expected) in [
            ("", ""),
            ("https://skranke.example", "https://skranke.example"),
            ("https://Skranke.example:443/", "https://skranke.example"),
            ("https://skranke.example:8443", "https://skranke.example:8443"),
            ("http://localhost:8080/", "http://localhost:8080"),
            ("http://skranke.localhost", "http://skranke.localhost"),
            ("http://127.0.0.2:80", "http://127.0.0.2"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(origin(text).as_deref(), Ok(expected), "{text}");
        }
        for (text, says) in [
            ("skranke.example", "no address"),
            ("ftp://skranke.example", "ftp:// is nothing"),
            ("javascript:alert(1)", "javascript:// is nothing"),
            ("http://skranke.example", "this machine only"),
            ("http://localhost.evil.example", "this machine only"),
            ("http://10.0.0.1", "this machine only"),
            ("https://skranke.example/desk", "without a path"),
            ("https://me@skranke.example", "without a path"),
            ("https://:secret@skranke.example", "without a path"),
            ("https://skranke.example?a", "without a path"),
        ] {
            let error = origin(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
