//! The address of the database, parsed from `DATABASE_URL`. `Store` connects to it; the command line prints it.

use std::{
    fmt,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context, bail};
use sqlx::any::AnyConnectOptions;
use url::{Host, Url};

/// A database: an SQLite file or a PostgreSQL server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// The embedded SQLite database.
    File(PathBuf),
    Postgres(Url),
}

impl Address {
    /// Parses `DATABASE_URL`. Without a value, the database is a file in the data folder. Fails if the URL is not a PostgreSQL
    /// URL.
    pub fn new(url: Option<&str>, data_dir: &Path) -> anyhow::Result<Address> {
        let Some(text) = url.filter(|url| !url.is_empty()) else {
            return Ok(Address::File(data_dir.join("skranke.sqlite")));
        };
        const EXPECTED: &str = "write it as postgres://user:password@host:port/database, or leave it out for a file in the \
                                data folder";
        // The URL can contain a password, so the error does not repeat it.
        let url =
            Url::parse(text).map_err(|error| anyhow::anyhow!("DATABASE_URL is no address ({error}): {EXPECTED}"))?;
        match url.scheme() {
            "postgres" | "postgresql" => Ok(Address::Postgres(with_tls(url))),
            scheme => bail!("DATABASE_URL begins with {scheme}://, which is no database of ours: {EXPECTED}"),
        }
    }

    /// Returns the connect options. `mode` is SQLite's: `ro` to read, `rwc` to write and create. Fails if the URL or the path
    /// cannot be used.
    pub(super) fn options(&self, mode: &str) -> anyhow::Result<AnyConnectOptions> {
        let url = match self {
            Address::File(file) => {
                let file = std::path::absolute(file)?;
                let mut url = Url::from_file_path(&file)
                    .map_err(|()| anyhow::anyhow!("{} cannot be a database", file.display()))?;
                url.set_query(Some(&format!("mode={mode}")));
                url.as_str().replacen("file:", "sqlite:", 1)
            }
            Address::Postgres(url) => url.to_string(),
        };
        AnyConnectOptions::from_str(&url).context("DATABASE_URL cannot be used")
    }
}

/// Adds `sslmode=verify-full` to the URL of a remote server, unless the URL or `PGSSLMODE` sets a mode. A loopback connection
/// needs no TLS.
fn with_tls(mut url: Url) -> Url {
    let says = |name: &str| url.query_pairs().any(|(key, _)| key == name);
    // A `host` parameter is the folder of a Unix socket.
    let is_here = url.host_str().is_none_or(str::is_empty) || is_loopback(&url) || says("host");
    if !is_here && !says("sslmode") && !says("ssl-mode") && std::env::var_os("PGSSLMODE").is_none() {
        url.query_pairs_mut().append_pair("sslmode", "verify-full");
    }
    url
}

/// Returns `true` if the URL leads to this machine. Names are not resolved.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            // In a `postgres://` URL an IPv4 address is parsed as a name.
            let is_number = name.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback());
            name == "localhost" || name.ends_with(".localhost") || is_number
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Formats the address without the user and the password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::File(file) => write!(f, "{}", file.display()),
            Address::Postgres(url) => {
                let (host, port) = (url.host_str().unwrap_or("localhost"), url.port().unwrap_or(5432));
                write!(f, "postgres://{host}:{port}{}", url.path())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_have_is_taken() {
        let folder = Path::new("data");
        let file = Address::File(folder.join("skranke.sqlite"));
        for url in [None, Some("")] {
            assert_eq!(Address::new(url, folder).unwrap(), file);
        }
        let postgres = Address::new(Some("postgres://me:secret@db:5433/skranke"), folder).unwrap();
        assert_eq!(postgres.to_string(), "postgres://db:5433/skranke");
        for (url, expected) in [
            ("postgres://db/skranke", "postgres://db/skranke?sslmode=verify-full"),
            (
                "postgres://db/skranke?sslrootcert=/ca.pem",
                "postgres://db/skranke?sslrootcert=/ca.pem&sslmode=verify-full",
            ),
            ("postgres://db/skranke?sslmode=require", "postgres://db/skranke?sslmode=require"),
            ("postgres://localhost/skranke", "postgres://localhost/skranke"),
            ("postgres://127.0.0.1:5433/skranke", "postgres://127.0.0.1:5433/skranke"),
            ("postgres:///skranke?host=/run/postgresql", "postgres:///skranke?host=/run/postgresql"),
        ] {
            let Address::Postgres(found) = Address::new(Some(url), folder).unwrap() else { panic!("{url}") };
            assert_eq!(found.as_str(), expected);
        }
        for (url, says) in [
            ("mysql://u:secret@h/d", "begins with mysql://"),
            ("skranke:secret", "begins with skranke://"),
            ("secret", "is no address"),
        ] {
            let error = Address::new(Some(url), folder).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("secret@"), "{error}");
        }
    }
}
