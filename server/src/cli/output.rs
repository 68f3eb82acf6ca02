//! Helpers that several commands share: writing to standard output, and opening the database beside a running server.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use crate::{cli::Database, store::Store};

/// Writes to standard output. A closed pipe counts as success, because the reader has enough.
pub(crate) fn say(text: &str) -> anyhow::Result<ExitCode> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Opens an existing database for writing, beside a running server. Fails if there is none, or if its schema version differs from
/// ours.
pub(crate) async fn open(database: &Database) -> anyhow::Result<Store> {
    let address = database.address()?;
    Store::open_to_read(&address).await?.ensure_own_version().await?;
    Store::open(&address).await
}
