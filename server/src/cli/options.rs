//! Settings, from the command line or the environment, with their defaults and limits. Secrets are in `secrets::settings`.
//!
//! `Options::ensure_consistent` refuses combinations that are unsafe, such as a demo that other machines can reach.

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

/// Booking system of a police immigration office at reduced capacity.
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
    /// Serve with demo people and a page that shows their mailbox; on this machine only
    Demo(Options),
    /// Read facts, one JSON object a line, and write one decision for each
    Decide {
        /// File to read; standard input if omitted
        file: Option<PathBuf>,
        /// Add to each decision every rule that was evaluated
        #[arg(long)]
        trace: bool,
        /// Folder with the office's own policy documents
        #[arg(long)]
        policies: Option<PathBuf>,
    },
    /// Repeat the decisions of receipts and report differences
    Replay {
        /// File with the receipts, as JSON objects; standard input if omitted
        receipts: Option<PathBuf>,
    },
    /// Write the receipts of stored decisions, one JSON object a line
    Receipts {
        /// Only receipts of the case with this reference
        #[arg(long)]
        case: Option<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Write the whole database as JSON lines with a checksum at the end
    Export {
        /// File to create; standard output if omitted
        file: Option<PathBuf>,
        #[command(flatten)]
        database: Database,
    },
    /// Read an export into an empty database of either engine
    Import {
        /// File to read; standard input if omitted
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
    /// Restore a backup where no database exists
    Restore {
        file: PathBuf,
        #[command(flatten)]
        database: Database,
    },
    /// Close an office for some days, or reduce its capacity: slots are withdrawn, appointments cancelled and applicants notified
    Close {
        /// Name of the office, or a part of it that is unique
        office: String,
        /// First day, such as 2021-03-24
        #[arg(long)]
        from: NaiveDate,
        /// Last day, included
        #[arg(long)]
        to: NaiveDate,
        /// Capacity that is left, in percent
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
        share: u8,
        /// Carry out the closure; without this it is only previewed
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        origin: Origin,
        #[command(flatten)]
        now: Now,
        #[command(flatten)]
        database: Database,
    },
    /// Write a new key for DOCUMENTS_KEY, or rewrap the keys of all cases
    #[command(after_help = settings::HELP)]
    DocumentsKey {
        /// Rewrap every case's key for the first key of DOCUMENTS_KEY, so that the others can be removed; documents stay unchanged
        #[arg(long)]
        rewrap: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Inspect the document on standard input
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
    /// Report what the sandbox of the document inspector fails to block
    #[command(hide = true)]
    Probe {
        #[arg(long)]
        unconfined: bool,
    },
    /// Messages: queue, deliveries and call list
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Officers and their access
    #[command(subcommand)]
    Officer(OfficerCommand),
    /// Log of who did what
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Policy documents
    #[command(subcommand)]
    Policy(PolicyCommand),
}

#[derive(Subcommand)]
pub enum OutboxCommand {
    /// Count messages by state, and show the ledger of each bulk action
    Status {
        #[command(flatten)]
        now: Now,
        #[command(flatten)]
        database: Database,
    },
    /// List the people whom no message reached and who must be called, one JSON object a line
    Calls {
        /// Message id of a call that was made, to take off the list
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
    /// Verify the chain over the log, and name entries that were changed or are missing
    Verify {
        /// End of the chain that was noted earlier, as number:hash; without it a truncated chain is not detected
        #[arg(long)]
        head: Option<String>,
        #[command(flatten)]
        database: Database,
    },
    /// Write the keyed hash under which a search for these words is logged
    Words {
        words: String,
        /// House key; the one in the data folder if omitted
        #[arg(long, env = "DOCUMENTS_KEY", hide_env_values = true)]
        documents_key: Option<String>,
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Subcommand)]
pub enum OfficerCommand {
    /// Add an officer, such as the first administrator of a district, and write the link for adding a passkey
    Add {
        /// Full name, such as "Solveig Dahl"
        name: String,
        /// Police district, such as oslo
        #[arg(long)]
        district: String,
        /// Role: clerk, planner or administrator
        #[arg(long, default_value = "administrator")]
        role: String,
        #[command(flatten)]
        origin: Origin,
        #[command(flatten)]
        now: Now,
        #[command(flatten)]
        database: Database,
    },
    /// Write a new link for an officer whose passkey is lost; their passkeys and sessions end at once
    Link {
        id: String,
        #[command(flatten)]
        origin: Origin,
        #[command(flatten)]
        now: Now,
        #[command(flatten)]
        database: Database,
    },
    /// List officers with their ids
    List {
        #[command(flatten)]
        database: Database,
    },
    /// End an officer's access; their passkeys and sessions end at once
    End {
        id: String,
        #[command(flatten)]
        now: Now,
        #[command(flatten)]
        database: Database,
    },
}

/// The time, for commands that run beside a server with a test clock.
#[derive(Args, Clone)]
pub struct Now {
    /// Instant (RFC 3339) to use instead of the system's time
    #[arg(long, env = "CLOCK", value_parser = instant)]
    clock: Option<DateTime<FixedOffset>>,
}

impl Now {
    /// Returns the clock that starts at the given instant, or the system's clock.
    pub fn clock(&self) -> Clock {
        Clock::new(self.clock.map(|start| start.to_utc()))
    }
}

#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Report every fault of a document with its line, and whose decisions it would change
    Check {
        file: PathBuf,
        /// Folder with the other policy documents in force
        #[arg(long)]
        policies: Option<PathBuf>,
    },
}

/// The public address of the page.
#[derive(Args, Clone)]
pub struct Origin {
    /// Public address of the page, such as https://skranke.example; officers' passkeys are bound to its host. Without it,
    /// http://localhost and the port
    #[arg(long, env = "ORIGIN", value_parser = origin)]
    origin: Option<String>,
    /// Port to listen on; 0 chooses a free one
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub port: u16,
}

impl Origin {
    /// Returns the public address without a path.
    pub fn address(&self) -> String {
        let set = self.origin.clone().filter(|origin| !origin.is_empty());
        set.unwrap_or_else(|| format!("http://localhost:{}", self.port))
    }

    /// Returns `true` if people reach the page over HTTPS. Cookies are then marked `Secure`.
    pub fn is_https(&self) -> bool {
        self.address().starts_with("https://")
    }
}

/// Parses an origin, as browsers write it in `Origin`. An empty text counts as not set. Fails if there is more than scheme, host
/// and port, or if plain HTTP would leave this machine.
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

/// The location of the records.
#[derive(Args, Clone)]
pub struct Database {
    /// Folder for the database, the mail written to files, and in policies/ the office's own policy documents
    #[arg(long, env = "DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
}

impl Database {
    /// Returns the address of the database. Fails if `DATABASE_URL` is set but cannot be used.
    pub fn address(&self) -> anyhow::Result<Address> {
        Address::new(settings::DATABASE_URL.read()?.as_deref(), &self.data_dir)
    }
}

#[derive(Args, Clone)]
pub struct Options {
    /// Address to listen on
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1")]
    pub listen: IpAddr,
    #[command(flatten)]
    pub database: Database,
    /// Storage for uploaded documents: s3://bucket/prefix, with AWS_ACCESS_KEY_ID and so on in the environment. Without it, the
    /// folder files/ in the data folder
    #[arg(long, env = "FILES_URL", hide_env_values = true)]
    files_url: Option<String>,
    #[command(flatten)]
    pub documents: Documents,
    #[command(flatten)]
    pub transports: Transports,
    /// Folder with the built page
    #[arg(long, env = "DIST_DIR", default_value = "dist")]
    pub dist_dir: PathBuf,
    /// Start the clock at this instant (RFC 3339) instead of the system's time; it ticks on from there
    #[arg(long, env = "CLOCK", value_parser = instant)]
    pub clock: Option<DateTime<FixedOffset>>,
    // Allows `CLOCK` with an `https://` origin, for tests of what a page over HTTPS is sent.
    #[arg(long, env = "CLOCK_WITH_HTTPS", hide = true)]
    clock_with_https: bool,
    // A former setting, whose effect follows from `ORIGIN` now. Without an `https://` origin it is refused, as it would do nothing.
    #[arg(long, env = "HTTPS", hide = true)]
    https: bool,
    /// Format of log lines
    #[arg(long, env = "LOG", value_enum, default_value = "text")]
    pub log: Log,
    /// Timeout for a request's head, in seconds
    #[arg(long, env = "HEAD_SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=3600))]
    head_seconds: u64,
    /// Timeout for a connection without a request, in seconds; set it higher than the proxy's own
    #[arg(long, env = "IDLE_SECONDS", default_value_t = 75, value_parser = clap::value_parser!(u64).range(1..=3600))]
    idle_seconds: u64,
    /// Contact for security reports, published in /.well-known/security.txt: mailto:… or https://…
    #[arg(long, env = "SECURITY_CONTACT")]
    pub security_contact: Option<String>,
    #[command(flatten)]
    pub origin: Origin,
    /// Number of trusted reverse proxies in front of this server; each must append the client address to X-Forwarded-For
    #[arg(long, env = "PROXIES", default_value_t = 0)]
    pub proxies: usize,
    /// Retention of the cases of a deleted account, in years
    #[arg(long, env = "KEEP_YEARS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(..=100))]
    pub keep_years: u32,
}

/// Settings for documents that applicants send.
#[derive(Args, Clone)]
#[command(next_help_heading = "Documents")]
pub struct Documents {
    /// Virus scanner clamd, on this machine: localhost:3310, or the path of its socket. Without it the staff pages show documents
    /// as pictures only
    #[arg(long, env = "CLAMD")]
    pub clamd: Option<Scanner>,
    /// Largest file, in megabytes
    #[arg(long, env = "FILE_MB", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    file_mb: u64,
    /// Largest total of all files of a case, in megabytes
    #[arg(long, env = "CASE_MB", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    case_mb: u64,
    /// Retention of a document after it was received, in days
    #[arg(long, env = "KEEP_DOCUMENTS", default_value_t = 180, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub keep_days: u32,
    /// Timeout for inspecting a document or drawing one page, in seconds; a document that exceeds it five times is returned
    #[arg(long, env = "CHECK_SECONDS", default_value_t = 40, value_parser = clap::value_parser!(u64).range(1..=100))]
    check_seconds: u64,
    /// Timeout for drawing all pages of an archive, in seconds
    #[arg(long, env = "ARCHIVE_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(..=86_400))]
    archive_seconds: u64,
    /// Inspect documents even if the system cannot sandbox the inspector (Landlock and seccomp)
    #[arg(long, env = "DOCUMENTS_UNCONFINED")]
    documents_unconfined: bool,
}

impl Documents {
    /// Returns the size limits, in bytes.
    pub fn limits(&self) -> Limits {
        const MEGABYTE: u64 = 1_000_000;
        Limits { file: self.file_mb * MEGABYTE, case: self.case_mb * MEGABYTE }
    }

    /// Returns the time in which all pages of an archive are drawn.
    pub fn archive_time(&self) -> Duration {
        Duration::from_secs(self.archive_seconds)
    }

    /// Returns the sandbox and timeout of the document inspector.
    pub fn looking(&self) -> Terms {
        let walls = if self.documents_unconfined { Walls::Optional } else { Walls::Needed };
        Terms { walls, patience: Duration::from_secs(self.check_seconds) }
    }

    /// Returns the configured house key, or `None` if it is to be kept in the data folder. Fails if it cannot be used. Also fails
    /// if it is missing although database or files are elsewhere, because several servers must share one key.
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
    /// Plain lines, for people
    Text,
    /// JSON objects, one a line, for programs
    Json,
}

impl Options {
    /// Returns the timeouts of connections.
    pub fn patience(&self) -> Patience {
        Patience { head: Duration::from_secs(self.head_seconds), idle: Duration::from_secs(self.idle_seconds) }
    }

    /// Fails if the settings contradict one another. A demo or a test clock is accepted on this machine only: the demo lets
    /// everybody in, and a wrong clock moves every deadline.
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

    /// Returns the address of the file storage. Fails if `FILES_URL` cannot be used.
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
