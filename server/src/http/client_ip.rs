//! The client's network address, behind trusted proxies, as the key of rate limits.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Once,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use crate::{
    error::{Error, Result},
    state::AppState,
};

/// The key of a client address in rate limits. It is a keyed hash, so that the counters list no addresses.
pub struct Caller(pub String);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Caller> {
        let address = counted(calling(parts, state)?);
        Ok(Caller(state.counting_key.hash(&["caller", &address.to_string()])))
    }
}

/// The key of the network around a client address. A person who rents one address often has many neighbouring ones.
pub struct Neighbourhood(pub String);

impl FromRequestParts<AppState> for Neighbourhood {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Neighbourhood> {
        let address = around(calling(parts, state)?);
        Ok(Neighbourhood(state.counting_key.hash(&["neighbourhood", &address.to_string()])))
    }
}

fn calling(parts: &Parts, state: &AppState) -> Result<IpAddr> {
    let ConnectInfo(peer) = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .ok_or_else(|| Error::internal("a request without its caller's address"))?;
    if let Some(wrong) = wrong(&parts.headers, state.proxies) {
        static SAID: Once = Once::new();
        SAID.call_once(|| tracing::warn!("{wrong}"));
    }
    Ok(address(peer.ip(), &parts.headers, state.proxies))
}

/// Logs a number of proxies that cannot be right. Behind an uncounted proxy all clients have its address and share its limits.
pub fn check(state: &AppState) {
    if state.https && state.proxies == 0 {
        tracing::warn!(
            "the page is reached over https, so there is a proxy before this server, but PROXIES is 0: limits hold for everybody \
             together; set PROXIES to the number of proxies"
        );
    }
}

/// Returns a warning if a request contradicts the number of proxies.
fn wrong(headers: &HeaderMap, proxies: usize) -> Option<String> {
    let named: usize = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|value| value.as_bytes().split(|byte| *byte == b',').count())
        .sum();
    match proxies {
        0 if named > 0 => Some(
            "a request came with X-Forwarded-For, but PROXIES is 0: if it came through a proxy, everybody is counted as one; set \
             PROXIES to the number of proxies"
                .to_owned(),
        ),
        _ if named < proxies => Some(format!(
            "a request came with fewer addresses in X-Forwarded-For ({named}) than PROXIES says ({proxies}): everybody who calls so is \
             counted as one; let each proxy append the address that called it, or correct PROXIES"
        )),
        _ => None,
    }
}

/// Returns the client address. Each proxy appends the address of its client to `X-Forwarded-For`. Only the entries of the trusted
/// proxies are used; earlier ones can be forged.
fn address(peer: IpAddr, headers: &HeaderMap, proxies: usize) -> IpAddr {
    let Some(before_last) = proxies.checked_sub(1) else { return peer };
    let forwarded = headers.get_all("x-forwarded-for");
    let all: Vec<&[u8]> = forwarded.iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).collect();
    let named = all.iter().rev().nth(before_last).and_then(|bytes| str::from_utf8(bytes).ok()).map(str::trim);
    // Some proxies append the port.
    let with_port = |text: &str| text.parse().map(|address: SocketAddr| address.ip());
    let bare = |text: &str| text.trim_start_matches('[').trim_end_matches(']').parse();
    named.and_then(|text| bare(text).or_else(|_| with_port(text)).ok()).unwrap_or(peer)
}

/// Returns the part of an address that is counted. The owner of an IPv6 address has all addresses of its /64.
fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address => address,
    }
}

/// Returns the network around an address: /24 for IPv4, and /48 for IPv6, which a customer usually gets.
fn around(address: IpAddr) -> IpAddr {
    const OUTSIDE: u32 = 80;
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & !0xff)),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> OUTSIDE << OUTSIDE)),
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

    #[test]
    fn neighbours_are_counted_together() {
        for (address, as_what) in [
            ("7.7.7.7", "7.7.7.0"),
            ("::ffff:7.7.7.200", "7.7.7.0"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
            ("2001:db8:1:ffff::", "2001:db8:1::"),
            ("2001:db8:2::", "2001:db8:2::"),
        ] {
            assert_eq!(around(address.parse().unwrap()).to_string(), as_what, "{address}");
        }
    }

    #[test]
    fn a_wrong_number_of_proxies_is_noticed() {
        let mut headers = HeaderMap::new();
        assert_eq!((wrong(&headers, 0), wrong(&headers, 1).is_some()), (None, true));
        headers.append("x-forwarded-for", "1.1.1.1".parse().unwrap());
        assert_eq!((wrong(&headers, 0).is_some(), wrong(&headers, 1)), (true, None));
        headers.append("x-forwarded-for", "2.2.2.2, 3.3.3.3".parse().unwrap());
        for (proxies, is_wrong) in [(0, true), (1, false), (3, false), (4, true)] {
            assert_eq!(wrong(&headers, proxies).is_some(), is_wrong, "{proxies}");
        }
    }
}
