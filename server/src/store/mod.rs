//! The database: the connection to SQLite or PostgreSQL, and one module of SQL for each table or subject.
//!
//! Only SQL is here. Services and HTTP handlers decide what may be done, call these functions and own the transactions.
//!
//! Errors: functions return `Err` only if the database fails (busy, deadlock, out of reach) or holds a value that the code does
//! not know. Expected outcomes are not errors. A missing row is `Ok(None)`, a change that does not apply is `Ok(false)`, and a
//! longer list of outcomes is an enum.
//!
//! Tables hold instants as seconds since 1970 (UTC), days as `2020-10-26` and booleans as 0 or 1. The functions at the end of this file
//! read such columns. `derive(FromRow)` would not be shorter: most rows become types of `api`, which know no database, and each field
//! with a code, an instant or a day would need a newtype here and a conversion there.

pub mod access_grants;
mod address;
pub mod answers;
pub mod appointments;
pub mod audit;
pub mod bulk_actions;
pub mod case_keys;
pub mod cases;
pub mod closures;
pub mod desk_sessions;
pub mod documents;
pub mod failures;
pub mod feedback;
pub mod holds;
pub mod invitations;
pub mod known_browsers;
pub mod locks;
pub mod messages;
pub mod numbers;
pub mod officers;
pub mod offices;
pub mod outbox;
pub mod passkeys;
pub mod persons;
pub mod policies;
pub mod policy_drafts;
pub mod publications;
pub mod rate_limits;
pub mod receipts;
pub mod records;
pub mod segments;
pub mod sessions;
pub mod sign_in_codes;
pub mod situations;
pub mod slots;
pub mod tables;
mod transaction;
pub mod works;

use std::{path::Path, time::Duration};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use sqlx::{
    AnyConnection, AnyPool, Connection as _,
    any::AnyPoolOptions,
    migrate::{MigrateError, Migrator},
};

pub use crate::store::address::{Address, is_loopback};
pub use crate::store::rate_limits::Use;
pub use crate::store::transaction::{Transaction, settling};

pub type Connection = sqlx::AnyConnection;
pub type Row = sqlx::any::AnyRow;

/// A handle on the database. Almost all SQL is common to SQLite and PostgreSQL; a few functions take row locks on PostgreSQL
/// only.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    writer: AnyPool,
    readers: AnyPool,
}

/// The database engine. Only this type and `Address` tell the two apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    /// One writer, several readers. SQLite allows one write transaction at a time, and waiting for the pool costs less than
    /// retrying after `SQLITE_BUSY`.
    Sqlite,
    Postgres,
}

impl Engine {
    /// Returns the engine of a connection.
    fn of(connection: &Connection) -> Engine {
        if connection.backend_name() == "PostgreSQL" { Engine::Postgres } else { Engine::Sqlite }
    }

    /// Returns `true` if a `SELECT` can lock rows. SQLite has one writer, so it needs no row locks.
    fn has_row_locks(self) -> bool {
        self == Engine::Postgres
    }

    /// Returns the SQL that locks the selected rows and skips those that are locked; empty for SQLite.
    fn skip_locked(self) -> &'static str {
        if self.has_row_locks() { "FOR UPDATE SKIP LOCKED" } else { "" }
    }
}

/// Maximum wait for a connection from the pool.
const PATIENCE: Duration = Duration::from_secs(15);

/// Number of connection attempts at start, one second apart.
const TRIES: u32 = 10;

/// Timeout of each attempt.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the database for writing: creates a missing SQLite file and applies the migrations. Fails if the database cannot be
    /// opened, or was written by a newer program.
    pub async fn open(address: &Address) -> anyhow::Result<Store> {
        let store = match address {
            Address::File(file) => {
                if let Some(folder) = file.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                create(file)?;
                let writer = sqlite(1).connect_with(address.options("rwc")?).await?;
                sqlx::query("PRAGMA journal_mode = WAL").execute(&writer).await?;
                // The readers need the tables, so the migrations run first.
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

    /// Opens a database read-only, even while a server uses it. Fails if there is none or it cannot be opened.
    pub async fn open_to_read(address: &Address) -> anyhow::Result<Store> {
        sqlx::any::install_default_drivers();
        let (engine, readers) = match address {
            Address::File(file) => {
                anyhow::ensure!(file.exists(), "there is no database {}", file.display());
                let options = address.options("ro")?;
                // A pool would keep retrying to open a file that is not a database.
                let mut connection = AnyConnection::connect_with(&options).await?;
                sqlx::query("SELECT count(*) FROM _sqlx_migrations").execute(&mut connection).await?;
                connection.close().await?;
                (Engine::Sqlite, sqlite(1).connect_with(options).await?)
            }
            Address::Postgres(_) => (Engine::Postgres, connect(address).await?),
        };
        Ok(Store { engine, writer: readers.clone(), readers })
    }

    /// Fails unless the database has exactly the version of this program. Callers that read whole tables need that.
    pub async fn ensure_own_version(&self) -> anyhow::Result<()> {
        let version: i64 = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&self.readers)
            .await
            .context("this is not a Skranke database")?;
        anyhow::ensure!(version <= Store::version(), "{}", newer(version));
        let own = Store::version();
        anyhow::ensure!(
            version == own,
            "the database is of version {version}, and this program writes version {own}; start the server once to migrate it"
        );
        Ok(())
    }

    /// Returns a read-only connection. Fails if none is free within `PATIENCE`.
    pub async fn read(&self) -> sqlx::Result<sqlx::pool::PoolConnection<sqlx::Any>> {
        self.readers.acquire().await
    }

    /// Begins a write transaction. On SQLite it holds the write lock from the start. On PostgreSQL transactions run concurrently:
    /// callers that must be serialised take a lock first (`locks::acquire`), and unique indexes decide the rest.
    pub async fn write(&self) -> sqlx::Result<Transaction> {
        if self.engine == Engine::Postgres {
            return Ok(Transaction::new(self.writer.begin().await?, self));
        }
        // If the disk is full, SQLite rolls a transaction back by itself, but the connection still counts it as open. Such a
        // connection is replaced. Several waiting callers can meet it.
        for _ in 0..10 {
            match self.writer.begin_with("BEGIN IMMEDIATE").await {
                Err(sqlx::Error::InvalidSavePointStatement) => self.writer.acquire().await?.close().await?,
                outcome => return Ok(Transaction::new(outcome?, self)),
            }
        }
        Err(sqlx::Error::PoolTimedOut)
    }

    /// Begins a read transaction with one consistent snapshot of the database.
    pub async fn snapshot(&self) -> sqlx::Result<sqlx::Transaction<'static, sqlx::Any>> {
        match self.engine {
            // In WAL mode a read transaction keeps its snapshot.
            Engine::Sqlite => self.readers.begin().await,
            Engine::Postgres => self.readers.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await,
        }
    }

    /// Copies an SQLite database into a new file, as a consistent snapshot.
    pub async fn copy_into(&self, file: &str) -> sqlx::Result<()> {
        sqlx::query("VACUUM INTO $1").bind(file).execute(&self.readers).await.map(|_| ())
    }

    /// Returns the clock of the PostgreSQL server, precise to a millisecond; `None` for SQLite.
    pub async fn now(&self) -> sqlx::Result<Option<DateTime<Utc>>> {
        if self.engine == Engine::Sqlite {
            return Ok(None);
        }
        const NOW: &str = "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)";
        let milliseconds: i64 = sqlx::query_scalar(NOW).fetch_one(&self.readers).await?;
        DateTime::from_timestamp_millis(milliseconds)
            .map(Some)
            .ok_or_else(|| unknown("clock_timestamp", &milliseconds.to_string()))
    }

    /// Checks the integrity and the version of an SQLite database. Fails if it is damaged or newer than this program.
    pub async fn look_over(&self) -> anyhow::Result<()> {
        let said: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&self.readers).await?;
        anyhow::ensure!(said == "ok", "it is damaged: {said}");
        let version: i64 =
            sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&self.readers).await?;
        anyhow::ensure!(version <= Store::version(), "{}", newer(version));
        Ok(())
    }

    /// Returns the schema version of this program, the number of its last migration.
    pub fn version() -> i64 {
        MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
    }

    /// Truncates the write-ahead log of an SQLite database, because deleted data stays in it until then. If a reader is active
    /// for longer than some seconds, the log stays until the next call.
    pub async fn empty_log(&self) -> sqlx::Result<()> {
        if self.engine == Engine::Sqlite {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        }
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Returns the options of an SQLite pool.
fn sqlite(connections: u32) -> AnyPoolOptions {
    // A connection to a file cannot drop, so the check before each use is not needed.
    pool(connections).test_before_acquire(false).after_connect(|connection, _| {
        Box::pin(async move {
            // FULL syncs at each commit, so that an acknowledged change survives a power failure. The 64 MB cache holds the
            // changes of a large transaction until its commit. `secure_delete` overwrites deleted data in the file.
            const SETTINGS: &str = "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA secure_delete = ON";
            sqlx::query(SETTINGS).execute(connection).await.map(|_| ())
        })
    })
}

/// Creates the database file with access for its owner only. SQLite gives its other files the same permissions.
fn create(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Returns the options that the pools of both engines share.
fn pool(connections: u32) -> AnyPoolOptions {
    sqlx::any::install_default_drivers();
    AnyPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE)
}

/// Connects to PostgreSQL. It retries, because the server may still be starting.
async fn connect(address: &Address) -> anyhow::Result<AnyPool> {
    const CONNECTIONS: u32 = 20;
    sqlx::any::install_default_drivers();
    let options = address.options("")?;
    let mut tried = 0;
    loop {
        tried += 1;
        // The pool would retry too, but without a message.
        let silent = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
        let answer = tokio::time::timeout(ANSWERS_WITHIN, AnyConnection::connect_with(&options));
        match answer.await.unwrap_or_else(|over| Err(silent(over))) {
            Ok(connection) => {
                connection.close().await?;
                return Ok(pool(CONNECTIONS).connect_lazy_with(options));
            }
            Err(error) if tried < TRIES => {
                eprintln!("skranke: cannot reach the database ({error}); trying again, {tried} of {TRIES}");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error).context(format!("cannot reach the database at {address}")),
        }
    }
}

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Applies the missing migrations. Fails if the database has migrations that this program does not know.
async fn migrate(pool: &AnyPool) -> anyhow::Result<()> {
    match MIGRATIONS.run(pool).await {
        Err(MigrateError::VersionMissing(theirs)) => bail!("{}", newer(theirs)),
        outcome => Ok(outcome?),
    }
}

/// The error for a database of a newer program.
fn newer(theirs: i64) -> String {
    format!(
        "the database is of version {theirs}, and this program knows versions up to {}; use a program as new as the one \
         that wrote it",
        Store::version()
    )
}

/// Returns a new id: a UUIDv7, so that ids sort by their time of creation.
pub fn new_id<I: From<String>>() -> I {
    I::from(uuid::Uuid::now_v7().to_string())
}

/// The error for a value that the code does not know, because another program wrote it.
fn unknown(column: &'static str, value: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{column} holds {value:?}, which is unknown").into())
}

/// Reads a code.
fn coded<T: rules::Coded>(row: &Row, column: &'static str) -> sqlx::Result<T> {
    let code: &str = sqlx::Row::try_get(row, column)?;
    T::from_code(code).ok_or_else(|| unknown(column, code))
}

/// Reads an instant, stored as seconds since 1970 (UTC).
fn instant(row: &Row, column: &'static str) -> sqlx::Result<DateTime<Utc>> {
    let seconds: i64 = sqlx::Row::try_get(row, column)?;
    DateTime::from_timestamp(seconds, 0).ok_or_else(|| unknown(column, &seconds.to_string()))
}

/// Reads a boolean, stored as 0 or 1.
fn truth(row: &Row, column: &'static str) -> sqlx::Result<bool> {
    let number: i64 = sqlx::Row::try_get(row, column)?;
    Ok(number != 0)
}

/// Converts a size to the integer that the database stores. No file is larger than its maximum.
fn number(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
