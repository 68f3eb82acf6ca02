//! The records. One file a noun, and SQL only: what may be done is decided before.

pub mod answers;
pub mod appointments;
pub mod cases;
pub mod offices;
pub mod persons;
pub mod policies;
pub mod receipts;
pub mod sessions;
pub mod sign_in_codes;
pub mod situations;
pub mod slots;

use std::{path::Path, time::Duration};

use chrono::{DateTime, Utc};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub type Connection = sqlx::SqliteConnection;
pub type Row = sqlx::sqlite::SqliteRow;
pub type Transaction = sqlx::Transaction<'static, sqlx::Sqlite>;

/// The database: one writer, several readers. SQLite lets one write at a time; waiting for one's turn here costs less
/// than colliding there.
#[derive(Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Store {
    /// Opens the database in a folder, creating both if they are missing, and brings it to the newest form.
    pub async fn open(data_dir: &Path) -> anyhow::Result<Store> {
        std::fs::create_dir_all(data_dir)?;
        let options = SqliteConnectOptions::new()
            .filename(data_dir.join("skranke.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL syncs at each commit: what was acknowledged survives a power failure.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(15))
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!().run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(15))
            .connect_with(options.read_only(true))
            .await?;
        Ok(Store { writer, readers })
    }

    /// Opens the database of a server that may be running, and only reads it.
    pub async fn open_to_read(data_dir: &Path) -> anyhow::Result<Store> {
        let path = data_dir.join("skranke.sqlite");
        anyhow::ensure!(path.exists(), "there is no database in {}", data_dir.display());
        let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(Duration::from_secs(5));
        let readers = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        Ok(Store { writer: readers.clone(), readers })
    }

    /// A connection that only reads.
    pub async fn read(&self) -> sqlx::Result<sqlx::pool::PoolConnection<sqlx::Sqlite>> {
        self.readers.acquire().await
    }

    /// A transaction that may write, and has its turn from the start: nothing it read can change before it commits.
    pub async fn write(&self) -> sqlx::Result<Transaction> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A new id: UUIDv7, so that ids sort by the time they were made.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A value in the database that the code does not know: the database was written by something else.
fn unknown(column: &'static str, value: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{column} holds {value:?}, which is unknown").into())
}

fn coded<T: rules::Coded>(row: &Row, column: &'static str) -> sqlx::Result<T> {
    let code: &str = sqlx::Row::try_get(row, column)?;
    T::from_code(code).ok_or_else(|| unknown(column, code))
}

fn instant(row: &Row, column: &'static str) -> sqlx::Result<DateTime<Utc>> {
    let seconds: i64 = sqlx::Row::try_get(row, column)?;
    DateTime::from_timestamp(seconds, 0).ok_or_else(|| unknown(column, &seconds.to_string()))
}

fn truth(row: &Row, column: &'static str) -> sqlx::Result<bool> {
    let number: i64 = sqlx::Row::try_get(row, column)?;
    Ok(number != 0)
}
