//! What can be set, on the command line or in the environment.

use std::{net::IpAddr, path::PathBuf};

use anyhow::{Context, ensure};
use api::documents::Limits;
use chrono::{DateTime, FixedOffset, NaiveDate};
use clap::{Args, Parser, Subcommand};

use crate::{
    clock::Clock,
    documents::{keys::HouseKey, scan::Scanner},
    files,
    sms::Shape,
    store::Address,
};

/// The counter of a police immigration office at reduced capacity.
#[derive(Parser)]
#[command(version)]
pub struct Config {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the page and its API
    Serve(Options),
    /// The same with demo people, and a page that shows their mailbox
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
    /// Write a new key for DOCUMENTS_KEY
    DocumentsKey,
    /// Say what the document on standard input is
    #[command(hide = true)]
    Inspect,
    /// Draw a page of the document on standard input
    #[command(hide = true)]
    Draw { page: u64 },
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
    /// Write a new link for somebody, for one more passkey or instead of one that is lost
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
    #[arg(long, env = "ORIGIN", value_parser = without_slash)]
    origin: Option<String>,
    /// The port; 0 takes a free one
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub port: u16,
}

impl Origin {
    pub fn address(&self) -> String {
        self.origin.clone().unwrap_or_else(|| format!("http://localhost:{}", self.port))
    }
}

fn without_slash(text: &str) -> Result<String, String> {
    Ok(text.trim_end_matches('/').to_owned())
}

/// Where the records are.
#[derive(Args, Clone)]
pub struct Database {
    /// Where the database and the mail are kept, and in policies/ the office's own policy documents
    #[arg(long, env = "DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// The database: postgres://…; without it, a file in the data folder
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl Database {
    pub fn address(&self) -> anyhow::Result<Address> {
        Address::new(self.database_url.as_deref(), &self.data_dir)
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
    /// The page is reached over https (through a proxy): cookies are sent over https only
    #[arg(long, env = "HTTPS")]
    pub https: bool,
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
    /// The key by which documents are kept: AGE-SECRET-KEY-1…, as age-keygen writes it; several, one a line, for old ones beside the
    /// new. Without it one is made in the data folder (documents.key), where one server keeps everything by itself
    #[arg(long, env = "DOCUMENTS_KEY", hide_env_values = true)]
    documents_key: Option<String>,
    /// The virus scanner clamd: localhost:3310, or the path of its socket; without it the desk sees pictures of documents only
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
}

impl Documents {
    pub fn limits(&self) -> Limits {
        const MEGABYTE: u64 = 1_000_000;
        Limits { file: self.file_mb * MEGABYTE, case: self.case_mb * MEGABYTE }
    }

    /// The key of the house, if one is set. Nothing if it is to be in the data folder, which is so only for a server that keeps everything
    /// by itself: several must have one key.
    pub fn house_key(&self, database: &Address, files: &files::Address) -> anyhow::Result<Option<HouseKey>> {
        if let Some(text) = self.documents_key.as_deref().filter(|text| !text.is_empty()) {
            return HouseKey::read(text).map(Some).context("DOCUMENTS_KEY cannot be used");
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

/// How messages leave.
#[derive(Args, Clone)]
#[command(next_help_heading = "Messages")]
pub struct Transports {
    /// The mail server: smtps://user:password@host, or smtp://… for STARTTLS; without it, mail goes into mail/ in the data folder
    #[arg(long, env = "MAIL_URL", hide_env_values = true)]
    pub mail_url: Option<String>,
    /// Whom mail is from
    #[arg(long, env = "MAIL_FROM", default_value = "Skranke <no-reply@skranke.example>")]
    pub mail_from: String,
    /// How many connections to the mail server there are at most
    // On each, a message takes some forty milliseconds at best, most of which both sides wait: lettre writes a message's end by
    // itself, and that is held back until the other side has acknowledged what came before.
    #[arg(long, env = "MAIL_CONNECTIONS", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub mail_connections: u32,
    /// A certificate (PEM) that the mail server's may rest on, besides those that the system trusts
    #[arg(long, env = "MAIL_CA")]
    pub mail_ca: Option<String>,
    /// The SMS gateway: https://…; without it, SMS go into sms/ in the data folder
    #[arg(long, env = "SMS_URL", hide_env_values = true)]
    pub sms_url: Option<String>,
    /// What the gateway is shown as bearer token
    #[arg(long, env = "SMS_TOKEN", hide_env_values = true)]
    pub sms_token: Option<String>,
    /// What the gateway is sent
    #[arg(long, env = "SMS_FORM", value_enum, default_value = "json")]
    pub sms_form: Shape,
    /// How the gateway calls the fields: to=recipient,text=message,id=reference,sender=from
    #[arg(long, env = "SMS_FIELDS", default_value = "")]
    pub sms_fields: String,
    /// Whom the phone shows as the sender
    #[arg(long, env = "SMS_SENDER", default_value = "Politiet")]
    pub sms_sender: String,
    /// The secret by which the gateway signs its receipts; without it none are taken
    #[arg(long, env = "SMS_RECEIPTS_SECRET", hide_env_values = true)]
    pub sms_receipts_secret: Option<String>,
}

impl Options {
    pub fn files(&self) -> anyhow::Result<files::Address> {
        files::Address::new(self.files_url.as_deref(), &self.database.data_dir)
    }
}

fn instant(text: &str) -> Result<DateTime<FixedOffset>, String> {
    DateTime::parse_from_rfc3339(text).map_err(|_| "write an instant as 2021-03-22T09:00:00+01:00".to_owned())
}
