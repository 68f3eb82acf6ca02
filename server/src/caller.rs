//! From which network address a request comes.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use crate::{
    counter::Counter,
    error::{Error, Result},
    secrets,
};

/// A caller's network address as it is counted by: hashed, so that the counts do not list addresses.
pub struct Caller(pub String);

impl FromRequestParts<Counter> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, counter: &Counter) -> Result<Caller> {
        let ConnectInfo(peer) = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .ok_or_else(|| Error::internal("a request without its caller's address"))?;
        let address = address(peer.ip(), &parts.headers, counter.proxies);
        Ok(Caller(secrets::hash(&["caller", &address.to_string()])))
    }
}

/// Each proxy writes at the end of `X-Forwarded-For` whom it was called by. Only what our own ones wrote is believed; what
/// stands before it anybody may have sent.
fn address(peer: IpAddr, headers: &HeaderMap, proxies: usize) -> IpAddr {
    let Some(before_last) = proxies.checked_sub(1) else { return peer };
    let forwarded = headers.get_all("x-forwarded-for");
    let all: Vec<&str> = forwarded.iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(',')).collect();
    all.iter().rev().nth(before_last).and_then(|text| text.trim().parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_proxies_are_believed() {
        let peer = IpAddr::from([10, 0, 0, 1]);
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "1.1.1.1, 2.2.2.2".parse().unwrap());
        headers.append("x-forwarded-for", "3.3.3.3".parse().unwrap());
        for (proxies, expected) in
            [(0, peer), (1, [3, 3, 3, 3].into()), (2, [2, 2, 2, 2].into()), (3, [1, 1, 1, 1].into()), (4, peer)]
        {
            assert_eq!(address(peer, &headers, proxies), expected, "{proxies}");
        }
        headers.append("x-forwarded-for", "unknown".parse().unwrap());
        assert_eq!(address(peer, &headers, 1), peer);
    }
}
