//! What can be set, on the command line or in the environment.

use std::{net::IpAddr, path::PathBuf};

use chrono::{DateTime, FixedOffset};
use clap::{Args, Parser, Subcommand};

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
    },
}

#[derive(Args, Clone)]
pub struct Options {
    /// The port; 0 takes a free one
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub port: u16,
    /// The address to listen on
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1")]
    pub listen: IpAddr,
    /// Where the database and the mail are kept
    #[arg(long, env = "DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// The folder with the built page
    #[arg(long, env = "DIST_DIR", default_value = "dist")]
    pub dist_dir: PathBuf,
    /// Start the clock at this instant (RFC 3339) instead of the system's time; it ticks on from there
    #[arg(long, env = "CLOCK", value_parser = instant)]
    pub clock: Option<DateTime<FixedOffset>>,
    /// The page is reached over https (through a proxy): cookies are sent over https only
    #[arg(long, env = "HTTPS")]
    pub https: bool,
}

fn instant(text: &str) -> Result<DateTime<FixedOffset>, String> {
    DateTime::parse_from_rfc3339(text).map_err(|_| "write an instant as 2021-03-22T09:00:00+01:00".to_owned())
}
