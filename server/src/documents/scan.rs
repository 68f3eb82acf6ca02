//! The virus scanner clamd, which gets a document's bytes by INSTREAM. `check` calls it.

use std::{net::IpAddr, path::PathBuf, str::FromStr, time::Duration};

use anyhow::bail;
use axum::body::Bytes;
use clamav_client::tokio::{Socket, Tcp, scan_stream};
use futures_util::Stream;
use tokio::time::timeout;

/// The timeout of clamd for a document.
const PATIENCE: Duration = Duration::from_secs(120);

/// The address of clamd: host and port, or the path of its socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    Tcp(String),
    Socket(PathBuf),
}

impl FromStr for Scanner {
    type Err = String;

    fn from_str(text: &str) -> Result<Scanner, String> {
        if text.starts_with('/') {
            return Ok(Scanner::Socket(text.into()));
        }
        match text.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() && is_here(host) => Ok(Scanner::Tcp(text.to_owned())),
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Err(format!(
                "{host} is another machine, and clamd is sent documents in the clear: run it on this one, or bring it here by a \
                 tunnel (ssh -L, stunnel)"
            )),
            _ => Err("write it as localhost:3310, or as the path of a socket that begins with /".to_owned()),
        }
    }
}

fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

impl Scanner {
    /// Returns `true` if the scanner finds nothing, and `false` if it finds a virus. Fails if clamd does not answer, or answers
    /// with an error.
    pub async fn is_clean(&self, bytes: impl Stream<Item = std::io::Result<Bytes>>) -> anyhow::Result<bool> {
        let scan = async {
            match self {
                Scanner::Tcp(address) => scan_stream(bytes, Tcp { host_address: address.as_str() }, None).await,
                Scanner::Socket(path) => scan_stream(bytes, Socket { socket_path: path }, None).await,
            }
        };
        let answer = timeout(PATIENCE, scan).await??;
        let answer = String::from_utf8_lossy(&answer);
        let answer = answer.trim_end_matches(['\0', '\n']);
        if answer.ends_with(" FOUND") {
            return Ok(false);
        }
        if answer.ends_with(": OK") {
            return Ok(true);
        }
        bail!("the scanner says {:?}", answer.chars().take(200).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_clamd_is() {
        assert_eq!("localhost:3310".parse(), Ok(Scanner::Tcp("localhost:3310".to_owned())));
        assert_eq!("/run/clamav/clamd.ctl".parse(), Ok(Scanner::Socket("/run/clamav/clamd.ctl".into())));
        assert_eq!("[::1]:3310".parse(), Ok(Scanner::Tcp("[::1]:3310".to_owned())));
        for text in ["", "localhost", ":3310", "localhost:clamd", "run/clamd.ctl", "clamd:3310", "10.0.0.1:3310"] {
            assert!(text.parse::<Scanner>().is_err(), "{text}");
        }
    }
}
