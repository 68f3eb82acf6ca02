//! `skranke backup` and `restore`, for the embedded database only. PostgreSQL has its own tools, and `skranke export`.

use std::{fs, path::Path, process::ExitCode};

use anyhow::{Context, bail, ensure};

use crate::store::{Address, Store};

/// Copies the database into a new file while it is in use. Fails if the database is PostgreSQL, or if the file exists.
pub async fn backup(address: &Address, file: &Path) -> anyhow::Result<ExitCode> {
    if matches!(address, Address::Postgres(_)) {
        bail!("for PostgreSQL use pg_dump, or `skranke export`");
    }
    ensure!(!file.exists(), "{} exists already", file.display());
    let path = std::path::absolute(file)?;
    let text = path.to_str().context("the file's name is not UTF-8")?;
    let unfinished = format!("{text}.unfinished");
    if Path::new(&unfinished).exists() {
        fs::remove_file(&unfinished)?;
    }
    let copied = Store::open_to_read(address).await?.copy_into(&unfinished).await;
    if copied.is_err() {
        fs::remove_file(&unfinished).ok();
    }
    copied?;
    // The copy contains addresses and days of birth.
    #[cfg(unix)]
    fs::set_permissions(&unfinished, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    fs::File::open(&unfinished)?.sync_all()?;
    fs::rename(&unfinished, &path)?;
    eprintln!("skranke: the database is copied to {}", file.display());
    Ok(ExitCode::SUCCESS)
}

/// Restores a copy. Fails if the database is PostgreSQL, if a database exists in that place, or if the copy is incomplete.
pub async fn restore(address: &Address, file: &Path) -> anyhow::Result<ExitCode> {
    let Address::File(place) = address else { bail!("for PostgreSQL use pg_restore, or `skranke import`") };
    ensure!(!place.exists(), "{} exists already; stop the server and move it away first", place.display());
    ensure!(file.exists(), "there is no file {}", file.display());
    let not_whole = || format!("{} is no whole copy of a database", file.display());
    let from = Store::open_to_read(&Address::File(file.to_owned())).await.with_context(not_whole)?;
    from.look_over().await.with_context(not_whole)?;
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    // SQLite would apply the log of an older database to the restored one.
    for beside in ["-wal", "-shm"] {
        let mut name = place.clone().into_os_string();
        name.push(beside);
        ensure!(!Path::new(&name).exists(), "{} is left over; move it away first", Path::new(&name).display());
    }
    let mut unfinished = place.clone().into_os_string();
    unfinished.push(".unfinished");
    let text = unfinished.to_str().context("the database's name is not UTF-8")?;
    if Path::new(text).exists() {
        fs::remove_file(text)?;
    }
    // Copied through SQLite, because the copy may have a write-ahead log of its own, which was verified with it.
    from.copy_into(text).await?;
    from.close().await;
    fs::File::open(&unfinished)?.sync_all()?;
    fs::rename(&unfinished, place)?;
    eprintln!("skranke: the database is restored from {}", file.display());
    Ok(ExitCode::SUCCESS)
}
