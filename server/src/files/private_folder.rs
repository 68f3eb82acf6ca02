//! Folders in the data folder that only their owner may look into, and files that are written there whole or not at all.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// A folder in the data folder for what would else be sent; for its owner's eyes only.
pub fn folder(data_dir: &Path, name: &str) -> std::io::Result<PathBuf> {
    let folder = data_dir.join(name);
    std::fs::create_dir_all(&folder)?;
    keep_private(&folder)?;
    Ok(folder)
}

/// Closes a folder of ours to others, if an earlier version has made it open.
pub fn keep_private(folder: &Path) -> std::io::Result<()> {
    let mode = std::fs::metadata(folder)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

/// Says if others on this machine see what lies in the data folder. It is not ours to close: it may be a folder with more in it.
pub fn keep_private_or_say(data_dir: &Path) {
    let mode = std::fs::metadata(data_dir).map(|data| data.permissions().mode()).unwrap_or_default();
    if mode & 0o077 != 0 {
        tracing::warn!(
            "others on this machine can look into the data folder {}: close it (chmod 700)",
            data_dir.display()
        );
    }
}

/// Deletes the messages in a folder that were written before an instant of the system's clock.
pub fn forget(folder: &Path, before: std::time::SystemTime) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.metadata()?.modified()? < before {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes a file whole or not at all: beside its name first, so that a disk that is full leaves no half of it.
pub async fn put(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let unfinished = folder.join(format!(".{name}"));
    let written = async {
        tokio::fs::write(&unfinished, bytes).await?;
        tokio::fs::rename(&unfinished, folder.join(name)).await
    };
    let outcome = written.await;
    if outcome.is_err() {
        tokio::fs::remove_file(&unfinished).await.ok();
    }
    outcome
}

/// The files of a kind in a folder, and when each was written.
pub fn files(folder: &Path, kind: &str) -> std::io::Result<Vec<(std::time::SystemTime, Vec<u8>)>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && entry.path().extension().is_some_and(|extension| extension == kind) {
            all.push((entry.metadata()?.modified()?, std::fs::read(entry.path())?));
        }
    }
    Ok(all)
}
