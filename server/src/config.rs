//! What can be set, on the command line or in the environment.

use std::{net::IpAddr, path::PathBuf};

use chrono::{DateTime, FixedOffset};
use clap::{Args, Parser, Subcommand};

use crate::{files, store::Address};

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
    /// Policy documents
    #[command(subcommand)]
    Policy(PolicyCommand),
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
    /// The port; 0 takes a free one
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub port: u16,
    /// The address to listen on
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1")]
    pub listen: IpAddr,
    #[command(flatten)]
    pub database: Database,
    /// Where uploaded documents are kept: s3://bucket/prefix, with AWS_ACCESS_KEY_ID and so on in the environment; without
    /// it, the folder files/ in the data folder
    #[arg(long, env = "FILES_URL", hide_env_values = true)]
    files_url: Option<String>,
    /// The folder with the built page
    #[arg(long, env = "DIST_DIR", default_value = "dist")]
    pub dist_dir: PathBuf,
    /// Start the clock at this instant (RFC 3339) instead of the system's time; it ticks on from there
    #[arg(long, env = "CLOCK", value_parser = instant)]
    pub clock: Option<DateTime<FixedOffset>>,
    /// The page is reached over https (through a proxy): cookies are sent over https only
    #[arg(long, env = "HTTPS")]
    pub https: bool,
    /// How many proxies stand before this server, each of which writes into X-Forwarded-For whom it was called by
    #[arg(long, env = "PROXIES", default_value_t = 0)]
    pub proxies: usize,
    /// How many years the office keeps the cases of an account that is deleted
    #[arg(long, env = "KEEP_YEARS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(..=100))]
    pub keep_years: u32,
}

impl Options {
    pub fn files(&self) -> anyhow::Result<files::Address> {
        files::Address::new(self.files_url.as_deref(), &self.database.data_dir)
    }
}

fn instant(text: &str) -> Result<DateTime<FixedOffset>, String> {
    DateTime::parse_from_rfc3339(text).map_err(|_| "write an instant as 2021-03-22T09:00:00+01:00".to_owned())
}
