//! What commands share: writing to standard output, and opening the database of a server that may be running.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use crate::{cli::Database, store::Store};

/// Writes to standard output. Whoever reads it may have seen enough before its end.
pub(crate) fn say(text: &str) -> anyhow::Result<ExitCode> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// The database of a server that may be running, to write to: one that is there, and of our own version.
pub(crate) async fn open(database: &Database) -> anyhow::Result<Store> {
    let address = database.address()?;
    Store::open_to_read(&address).await?.ensure_own_version().await?;
    Store::open(&address).await
}
