//! `skranke documents-key`: makes a house key, or rewraps the keys of all cases for the first house key.

use std::process::ExitCode;

use anyhow::Context;

use crate::{
    cli::Database,
    documents::keys::{self, HouseKey},
    secrets::settings,
    store::Store,
};

/// Prints a new house key.
pub fn make() -> ExitCode {
    println!("{}", HouseKey::new_secret());
    ExitCode::SUCCESS
}

/// Rewraps every case's key for the first key of `DOCUMENTS_KEY`; documents stay unchanged. Fails if a key cannot be opened.
pub async fn rewrap(database: &Database) -> anyhow::Result<ExitCode> {
    let house = match settings::DOCUMENTS_KEY.read()? {
        Some(text) => HouseKey::read(&text).context("DOCUMENTS_KEY cannot be used")?,
        None => HouseKey::in_file(&database.data_dir.join("documents.key"), false)?,
    };
    let store = Store::open(&database.address()?).await?;
    let (wrapped, all) = keys::rewrap(&house, &store).await?;
    println!("{wrapped} of {all} keys of cases are wrapped anew; the first key of the house opens all of them.");
    Ok(ExitCode::SUCCESS)
}
