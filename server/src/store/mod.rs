//! The records. One file a noun, and SQL only: what may be done is decided before.

mod address;
pub mod answers;
pub mod appointments;
pub mod audit;
pub mod cases;
pub mod holds;
pub mod messages;
pub mod offices;
pub mod persons;
pub mod policies;
pub mod receipts;
pub mod sessions;
pub mod sign_in_codes;
pub mod situations;
pub mod slots;

use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use sqlx::{
    AnyPool,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::MigrateError,
};

pub use address::Address;

pub type Connection = sqlx::AnyConnection;
pub type Row = sqlx::any::AnyRow;
pub type Transaction = sqlx::Transaction<'static, sqlx::Any>;

/// The database: SQLite in a file, or PostgreSQL. Which one, only this file and `messages` know; every other file speaks the
/// SQL that both understand.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    writer: AnyPool,
    readers: AnyPool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    /// One writer, several readers. SQLite lets one write at a time; waiting for one's turn here costs less than colliding
    /// there.
    Sqlite,
    Postgres,
}

/// How long a request waits for a connection.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often a database that cannot be reached is tried at start, a second apart.
const TRIES: u32 = 10;

impl Store {
    /// Opens the database, creates the file if it is one that is missing, and brings it to the newest form.
    pub async fn open(address: &Address) -> anyhow::Result<Store> {
        let store = match address {
            Address::File(file) => {
                if let Some(folder) = file.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                let writer = sqlite(1).connect_with(address.options("rwc")?).await?;
                sqlx::query("PRAGMA journal_mode = WAL").execute(&writer).await?;
                // The readers open what the writer has made.
                migrate(&writer).await?;
                let readers = sqlite(4).connect_with(address.options("ro")?).await?;
                Store { engine: Engine::Sqlite, writer, readers }
            }
            Address::Postgres(_) => {
                let pool = connect(address).await?;
                migrate(&pool).await?;
                Store { engine: Engine::Postgres, writer: pool.clone(), readers: pool }
            }
        };
        Ok(store)
    }

    /// Opens the database of a server that may be running, and only reads it.
    pub async fn open_to_read(address: &Address) -> anyhow::Result<Store> {
        let (engine, readers) = match address {
            Address::File(file) => {
                anyhow::ensure!(file.exists(), "there is no database {}", file.display());
                (Engine::Sqlite, sqlite(1).connect_with(address.options("ro")?).await?)
            }
            Address::Postgres(_) => (Engine::Postgres, connect(address).await?),
        };
        Ok(Store { engine, writer: readers.clone(), readers })
    }

    /// A connection that only reads.
    pub async fn read(&self) -> sqlx::Result<sqlx::pool::PoolConnection<sqlx::Any>> {
        self.readers.acquire().await
    }

    /// A transaction that may write. On SQLite it has its turn from the start. On PostgreSQL others run beside it: who must
    /// not run beside themselves takes a turn (`persons::take_turn`), and the rest is decided by the unique indexes.
    pub async fn write(&self) -> sqlx::Result<Transaction> {
        match self.engine {
            Engine::Sqlite => self.writer.begin_with("BEGIN IMMEDIATE").await,
            Engine::Postgres => self.writer.begin().await,
        }
    }

    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn sqlite(connections: u32) -> AnyPoolOptions {
    pool(connections).after_connect(|connection, _| {
        Box::pin(async move {
            // FULL syncs at each commit: what was acknowledged survives a power failure.
            sqlx::query("PRAGMA synchronous = FULL").execute(connection).await.map(|_| ())
        })
    })
}

fn pool(connections: u32) -> AnyPoolOptions {
    sqlx::any::install_default_drivers();
    AnyPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE)
}

/// Connects to PostgreSQL, which may still be starting itself.
async fn connect(address: &Address) -> anyhow::Result<AnyPool> {
    const CONNECTIONS: u32 = 20;
    let options: AnyConnectOptions = address.options("")?;
    let mut tried = 0;
    loop {
        tried += 1;
        // The pool would try by itself, and in silence.
        match pool(CONNECTIONS).acquire_timeout(Duration::from_secs(5)).connect_with(options.clone()).await {
            Ok(_) => return Ok(pool(CONNECTIONS).connect_lazy_with(options)),
            Err(error) if tried < TRIES => {
                eprintln!("skranke: cannot reach the database ({error}); trying again, {tried} of {TRIES}");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error).context(format!("cannot reach the database at {address}")),
        }
    }
}

async fn migrate(pool: &AnyPool) -> anyhow::Result<()> {
    let migrator = sqlx::migrate!();
    match migrator.run(pool).await {
        Err(MigrateError::VersionMissing(theirs)) => {
            let ours = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
            bail!(
                "the database is of version {theirs}, and this program knows versions up to {ours}; use a program as new as \
                 the one that wrote it"
            )
        }
        outcome => Ok(outcome?),
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
