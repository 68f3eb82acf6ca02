//! Test databases on PostgreSQL.

use sqlx::{AssertSqlSafe, Connection, PgConnection, query};

/// Creates an empty database on the server in `TEST_POSTGRES_URL` and returns its URL. Panics if the variable is not
/// set.
pub async fn new_on_postgres() -> String {
    let server =
        std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL is not set: run this with .setup/postgres");
    let name = format!("skranke_test_{}", fastrand::Rng::new().u64(..));
    let mut connection = PgConnection::connect(&server).await.unwrap();
    query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
    let (before, _) = server.rsplit_once('/').unwrap();
    format!("{before}/{name}")
}
