//! From which network address a request comes.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

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
        Ok(Caller(secrets::hash(&["caller", &counted(address).to_string()])))
    }
}

/// Each proxy writes at the end of `X-Forwarded-For` whom it was called by. Only what our own ones wrote is believed; what
/// stands before it anybody may have sent.
fn address(peer: IpAddr, headers: &HeaderMap, proxies: usize) -> IpAddr {
    let Some(before_last) = proxies.checked_sub(1) else { return peer };
    let forwarded = headers.get_all("x-forwarded-for");
    let all: Vec<&[u8]> = forwarded.iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).collect();
    let named = all.iter().rev().nth(before_last).and_then(|bytes| str::from_utf8(bytes).ok()).map(str::trim);
    // Some write the port too.
    let with_port = |text: &str| text.parse().map(|address: SocketAddr| address.ip());
    let bare = |text: &str| text.trim_start_matches('[').trim_end_matches(']').parse();
    named.and_then(|text| bare(text).or_else(|_| with_port(text)).ok()).unwrap_or(peer)
}

/// What of an address is counted: whoever has an IPv6 address has all those that share its first half.
fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

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
        for (written, expected) in [
            ("unknown", peer),
            ("7.7.7.7:5678", [7, 7, 7, 7].into()),
            ("[::1]:80", "::1".parse().unwrap()),
            ("[::1]", "::1".parse().unwrap()),
        ] {
            headers.append("x-forwarded-for", written.parse().unwrap());
            assert_eq!(address(peer, &headers, 1), expected, "{written}");
        }
        headers.append("x-forwarded-for", HeaderValue::from_bytes(b"\xff, 8.8.8.8").unwrap());
        assert_eq!(address(peer, &headers, 1), IpAddr::from([8, 8, 8, 8]));
    }

    #[test]
    fn who_has_many_addresses_is_counted_once() {
        for (address, as_what) in [
            ("7.7.7.7", "7.7.7.7"),
            ("::ffff:7.7.7.7", "7.7.7.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
            ("2001:db8:1:3::", "2001:db8:1:3::"),
        ] {
            assert_eq!(counted(address.parse().unwrap()).to_string(), as_what, "{address}");
        }
    }
}
