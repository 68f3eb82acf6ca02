//! Databases for tests.

use sqlx::{AssertSqlSafe, Connection, PgConnection, query};

/// A new, empty database on the PostgreSQL that TEST_POSTGRES_URL names. Returns its address.
pub async fn new_on_postgres() -> String {
    let server =
        std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL is not set: run this with .setup/postgres");
    let name = format!("skranke_test_{}", fastrand::Rng::new().u64(..));
    let mut connection = PgConnection::connect(&server).await.unwrap();
    query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
    let (before, _) = server.rsplit_once('/').unwrap();
    format!("{before}/{name}")
}
