//! `skranke export` and `import`: move all records from one engine to the other as a stream of JSON lines.
//!
//! The first line has the schema version, each further line a row. The last line has the number of lines before it and the SHA-256
//! over them. A truncated or altered stream imports nothing.

use std::{
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    secrets,
    store::{Store, tables},
};

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    /// The schema version, which is the number of the last migration.
    Skranke {
        version: i64,
    },
    Row {
        table: String,
        row: Map<String, Value>,
    },
    End {
        lines: u64,
        sha256: String,
    },
}

/// Writes all records from one snapshot to a new file, or to standard output. Fails if the file exists or cannot be written.
pub async fn export(store: &Store, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let output: Box<dyn Write> = match file {
        Some(path) => Box::new(create(path).with_context(|| format!("cannot create {}", path.display()))?),
        None => Box::new(io::stdout()),
    };
    let written = write(store, output).await;
    if let (Err(_), Some(file)) = (&written, file) {
        // An incomplete export is useless, and its file would block the next one.
        std::fs::remove_file(file).ok();
    }
    let lines = written?;
    eprintln!("skranke: {lines} lines are written");
    Ok(ExitCode::SUCCESS)
}

/// Creates a file that only its owner can read, because it contains addresses and days of birth.
fn create(path: &Path) -> io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(path)
}

async fn write(store: &Store, output: Box<dyn Write>) -> anyhow::Result<u64> {
    let mut output = Hashing { to: BufWriter::new(output), hasher: Sha256::new(), lines: 0 };
    let mut snapshot = store.snapshot().await?;
    output.line(&Line::Skranke { version: Store::version() })?;
    for table in tables::ALL {
        tables::read(&mut snapshot, table, |row| {
            output.line(&Line::Row { table: (*table).to_owned(), row }).map_err(anyhow::Error::from)
        })
        .await?;
    }
    let (lines, sha256) = (output.lines, secrets::hex(&output.hasher.clone().finalize()));
    output.line(&Line::End { lines, sha256 })?;
    output.to.flush()?;
    Ok(lines)
}

struct Hashing<W> {
    to: W,
    hasher: Sha256,
    lines: u64,
}

impl<W: Write> Hashing<W> {
    fn line(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.hasher.update(&text);
        self.lines += 1;
        self.to.write_all(&text)
    }
}

/// Imports an export into an empty database, in one transaction. Fails if the database is not empty, or if the export is truncated,
/// altered, or of another schema version.
pub async fn import(store: &Store, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let input: Box<dyn BufRead> = match file {
        Some(path) => {
            let file = std::fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
            Box::new(BufReader::new(file))
        }
        None => Box::new(BufReader::new(io::stdin())),
    };
    let mut transaction = store.write().await?;
    for table in tables::ALL {
        ensure!(
            tables::is_empty(&mut transaction, table).await?,
            "there is something in the database already; import into an empty one"
        );
    }
    let mut hasher = Sha256::new();
    let mut lines = 0;
    let mut ended = false;
    for text in input.split(b'\n') {
        let text = text?;
        ensure!(!ended, "something stands behind the end; nothing was imported");
        let line: Line = serde_json::from_slice(&text)
            .map_err(|error| anyhow::anyhow!("line {}: {error}; nothing was imported", lines + 1))?;
        match line {
            Line::Skranke { version } if lines == 0 => ensure!(
                version == Store::version(),
                "this was written by version {version}, and this program knows version {}; use the same on both sides",
                Store::version()
            ),
            Line::Row { table, row } if lines > 0 => {
                let Some(table) = tables::ALL.iter().find(|known| **known == table) else {
                    bail!("line {}: there is no table {table:?}; nothing was imported", lines + 1);
                };
                tables::insert(&mut transaction, table, &row)
                    .await
                    .with_context(|| format!("line {}: nothing was imported", lines + 1))?;
            }
            Line::End { lines: written, sha256 } => {
                let found = secrets::hex(&hasher.clone().finalize());
                ensure!(
                    (written, &sha256) == (lines, &found),
                    "it was altered on the way: {lines} lines with the SHA-256 {found}, where {written} with {sha256} were \
                     written; nothing was imported"
                );
                ended = true;
            }
            _ => bail!("line {} stands in the wrong place; nothing was imported", lines + 1),
        }
        hasher.update(&text);
        hasher.update(b"\n");
        lines += 1;
    }
    ensure!(ended, "it is cut off after {lines} lines; nothing was imported");
    transaction.commit().await?;
    eprintln!("skranke: {} lines are imported", lines - 1);
    Ok(ExitCode::SUCCESS)
}
