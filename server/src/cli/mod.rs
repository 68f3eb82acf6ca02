//! The command line: one file a subcommand, the settings (`options`), and the opening of the state (`open`). `main` calls them.
//! `serve` and `demo` are not here, because they run the server.

pub mod audit;
pub mod backup;
pub mod close;
pub mod decide;
pub mod documents_key;
pub mod officers;
pub mod open;
pub mod options;
pub mod outbox;
mod output;
pub mod policy_check;
pub mod receipts;
pub mod transfer;

pub use crate::cli::options::{
    AuditCommand, Command, Config, Database, Log, OfficerCommand, Options, OutboxCommand, PolicyCommand,
};
