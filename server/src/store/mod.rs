//! The records. One file a noun, and SQL only: what may be done is decided before.

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
pub mod messages;
pub mod numbers;
pub mod officers;
pub mod offices;
pub mod passkeys;
pub mod persons;
pub mod policies;
pub mod policy_drafts;
pub mod publications;
pub mod receipts;
pub mod records;
pub mod segments;
pub mod sessions;
pub mod sign_in_codes;
pub mod situations;
pub mod slots;
pub mod tables;
mod transaction;
pub mod uses;
pub mod works;

use std::{path::Path, time::Duration};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use sqlx::{
    AnyConnection, AnyPool, Connection as _,
    any::AnyPoolOptions,
    migrate::{MigrateError, Migrator},
};

pub use crate::store::address::Address;
pub use crate::store::transaction::{Transaction, Use, settling};

pub type Connection = sqlx::AnyConnection;
pub type Row = sqlx::any::AnyRow;

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

/// How long it may take to let us in, each time.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the database, creates the file if it is one that is missing, and brings it to the newest form.
    pub async fn open(address: &Address) -> anyhow::Result<Store> {
        let store = match address {
            Address::File(file) => {
                if let Some(folder) = file.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                create(file)?;
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
        sqlx::any::install_default_drivers();
        let (engine, readers) = match address {
            Address::File(file) => {
                anyhow::ensure!(file.exists(), "there is no database {}", file.display());
                let options = address.options("ro")?;
                // A pool would go on trying to open what is no database.
                let mut connection = AnyConnection::connect_with(&options).await?;
                sqlx::query("SELECT count(*) FROM _sqlx_migrations").execute(&mut connection).await?;
                connection.close().await?;
                (Engine::Sqlite, sqlite(1).connect_with(options).await?)
            }
            Address::Postgres(_) => (Engine::Postgres, connect(address).await?),
        };
        Ok(Store { engine, writer: readers.clone(), readers })
    }

    /// That the database is just of the version that this program writes, for whoever reads all of it.
    pub async fn ensure_own_version(&self) -> anyhow::Result<()> {
        let version: i64 = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&self.readers)
            .await
            .context("this is no database of Skranke's")?;
        anyhow::ensure!(version <= Store::version(), "{}", newer(version));
        let own = Store::version();
        anyhow::ensure!(
            version == own,
            "the database is of version {version}, and this program writes version {own}; serve it once to bring it forward"
        );
        Ok(())
    }

    /// A connection that only reads.
    pub async fn read(&self) -> sqlx::Result<sqlx::pool::PoolConnection<sqlx::Any>> {
        self.readers.acquire().await
    }

    /// A transaction that may write. On SQLite it has its turn from the start. On PostgreSQL others run beside it: who must
    /// not run beside themselves is counted first (`uses::count`), and the rest is decided by the unique indexes.
    pub async fn write(&self) -> sqlx::Result<Transaction> {
        if self.engine == Engine::Postgres {
            return Ok(Transaction::new(self.writer.begin().await?, self));
        }
        // When the disk is full SQLite gives a transaction up by itself, and the connection still counts it as begun. Several
        // who wait for their turn may each find it so.
        for _ in 0..10 {
            match self.writer.begin_with("BEGIN IMMEDIATE").await {
                Err(sqlx::Error::InvalidSavePointStatement) => self.writer.acquire().await?.close().await?,
                outcome => return Ok(Transaction::new(outcome?, self)),
            }
        }
        Err(sqlx::Error::PoolTimedOut)
    }

    /// A transaction that sees everything as it is at one instant.
    pub async fn snapshot(&self) -> sqlx::Result<sqlx::Transaction<'static, sqlx::Any>> {
        match self.engine {
            // Under WAL, what a reader has begun to read stays as it was.
            Engine::Sqlite => self.readers.begin().await,
            Engine::Postgres => self.readers.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await,
        }
    }

    /// Copies an embedded database, as it is now, into a new file.
    pub async fn copy_into(&self, file: &str) -> sqlx::Result<()> {
        sqlx::query("VACUUM INTO $1").bind(file).execute(&self.readers).await.map(|_| ())
    }

    /// The database's own clock; nothing if it is a file.
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

    /// Whether an embedded database is whole, and one that this program can use.
    pub async fn look_over(&self) -> anyhow::Result<()> {
        let said: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&self.readers).await?;
        anyhow::ensure!(said == "ok", "it is damaged: {said}");
        let version: i64 =
            sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&self.readers).await?;
        anyhow::ensure!(version <= Store::version(), "{}", newer(version));
        Ok(())
    }

    /// The version of the databases that this program writes, by their migrations.
    pub fn version() -> i64 {
        MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
    }

    /// Empties the write-ahead log of an embedded database: what was deleted stands there until then. While somebody reads for
    /// longer than some seconds, the log stays until the next time.
    pub async fn empty_log(&self) -> sqlx::Result<()> {
        if self.engine == Engine::Sqlite {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        }
        Ok(())
    }

    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn sqlite(connections: u32) -> AnyPoolOptions {
    // A file does not go away as a connection may, so nobody needs to ask before each use whether it is still there.
    pool(connections).test_before_acquire(false).after_connect(|connection, _| {
        Box::pin(async move {
            // FULL syncs at each commit: what was acknowledged survives a power failure. What a large transaction changes is kept
            // in memory until then, up to 64 MB. What is deleted is written over, so that nobody finds it in the file.
            const SETTINGS: &str = "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA secure_delete = ON";
            sqlx::query(SETTINGS).execute(connection).await.map(|_| ())
        })
    })
}

/// Makes the file of a database for its owner's eyes only; what SQLite puts beside it is seen by the same eyes.
fn create(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn pool(connections: u32) -> AnyPoolOptions {
    sqlx::any::install_default_drivers();
    AnyPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE)
}

/// Connects to PostgreSQL, which may still be starting itself.
async fn connect(address: &Address) -> anyhow::Result<AnyPool> {
    const CONNECTIONS: u32 = 20;
    sqlx::any::install_default_drivers();
    let options = address.options("")?;
    let mut tried = 0;
    loop {
        tried += 1;
        // The pool would try by itself, and in silence.
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

async fn migrate(pool: &AnyPool) -> anyhow::Result<()> {
    match MIGRATIONS.run(pool).await {
        Err(MigrateError::VersionMissing(theirs)) => bail!("{}", newer(theirs)),
        outcome => Ok(outcome?),
    }
}

fn newer(theirs: i64) -> String {
    format!(
        "the database is of version {theirs}, and this program knows versions up to {}; use a program as new as the one \
         that wrote it",
        Store::version()
    )
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

/// A size as the databases keep it. No file is as large as their largest number.
fn number(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
