//! Which names the service answers to, and for whom a proxy may speak.
//!
//! A page of somebody else can make a browser ask this machine under a name of that page's own (DNS
//! rebinding). So only names that are ours are answered: those of loopback, the address that the
//! connection came to, and what `--host` adds.

use axum::http::{HeaderMap, Uri, header};
use std::net::IpAddr;
use std::str::FromStr;

/// The names that were configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(pub Vec<String>);

impl Hosts {
    /// Whether a request is for us, by its Host and by the authority of its target, if it has one.
    pub fn know(&self, headers: &HeaderMap, uri: &Uri, local: IpAddr) -> bool {
        let mut given = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (given.next(), given.next()) else { return false };
        let host = host.to_str().ok();
        let authority = uri.authority().map(|it| it.as_str());
        host.is_some_and(|host| self.is_ours(host, local))
            && authority.is_none_or(|authority| self.is_ours(authority, local))
    }

    fn is_ours(&self, authority: &str, local: IpAddr) -> bool {
        let Some(name) = name(authority) else { return false };
        let is_configured = self.0.iter().any(|known| known.eq_ignore_ascii_case(name));
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        is_configured
            || name.eq_ignore_ascii_case("localhost")
            || address.is_ok_and(|it| it.to_canonical().is_loopback() || it.to_canonical() == local)
    }
}

/// The name of an authority, without its port.
fn name(authority: &str) -> Option<&str> {
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match authority.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => is_port(port).then_some(name),
        _ => Some(authority),
    }
}

/// A network, as `10.0.0.0/8` or an address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (mine, theirs, width) = match (self.address, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits().into(), b.to_bits().into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
            _ => return false,
        };
        let rest = width - u32::from(self.prefix);
        u128::checked_shr(mine ^ theirs, rest).unwrap_or(0) == 0
    }
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Network, Self::Err> {
        const EXPECTED: &str =
            "a network such as 10.0.0.0/8 or fd00::/8, or an address, is expected";
        let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
        let address = address.parse::<IpAddr>().map_err(|_| EXPECTED)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = if text.contains('/') { prefix.parse().map_err(|_| EXPECTED)? } else { width };
        (prefix <= width).then_some(Network { address, prefix }).ok_or(EXPECTED)
    }
}

/// The proxies that were configured: only they are believed when they say for whom they ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(pub Vec<Network>);

impl Proxies {
    /// The address of the client: that of the connection, or, behind proxies of ours, the last in
    /// X-Forwarded-For that is none of them.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.is_ours(peer) {
            return peer;
        }
        let fields = headers.get_all("x-forwarded-for").iter();
        let texts: Vec<&str> = fields.filter_map(|field| field.to_str().ok()).collect();
        let hops = texts.iter().flat_map(|text| text.split(',')).rev();
        let mut named = hops.map_while(|hop| hop.trim().parse::<IpAddr>().ok());
        named.find(|address| !self.is_ours(*address)).unwrap_or(peer)
    }

    /// Whether a connection from there is taken: behind proxies nobody else speaks to us but this
    /// machine, for it would be in the clear.
    pub fn admit(&self, address: IpAddr) -> bool {
        self.0.is_empty() || address.to_canonical().is_loopback() || self.is_ours(address)
    }

    fn is_ours(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address.to_canonical()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_known(host: &str) -> bool {
        let hosts = Hosts(vec!["allclear.example.net".into()]);
        let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        hosts.know(&headers, &Uri::from_static("/"), "192.0.2.7".parse().unwrap())
    }

    #[test]
    fn names_of_ours_are_known_and_no_others() {
        for ours in [
            "localhost",
            "LOCALHOST:7373",
            "127.0.0.1",
            "127.0.0.1:80",
            "[::1]",
            "[::1]:7373",
            "allclear.example.net",
            "Allclear.example.net:443",
            "192.0.2.7",
            "192.0.2.7:7373",
        ] {
            assert!(is_known(ours), "{ours}");
        }
        for other in [
            "",
            "evil.example",
            "localhost.evil.example",
            "evil.example:localhost",
            "localhost:",
            "127.0.0.1.evil.example",
            "192.0.2.8",
            "allclear.example.net.",
            "localhost@evil.example",
        ] {
            assert!(!is_known(other), "{other}");
        }
    }

    #[test]
    fn a_target_with_a_name_must_be_ours_too() {
        let headers = HeaderMap::from_iter([(header::HOST, "localhost".parse().unwrap())]);
        let local = "127.0.0.1".parse().unwrap();
        let know = |uri| Hosts::default().know(&headers, &Uri::from_static(uri), local);
        assert!(know("http://localhost/livez") && !know("http://evil.example/livez"));
        assert!(!Hosts::default().know(&HeaderMap::new(), &Uri::from_static("/"), local));
    }

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        let has = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().contains(address.parse().unwrap())
        };
        assert!(has("10.0.0.0/8", "10.255.0.1") && !has("10.0.0.0/8", "11.0.0.1"));
        assert!(has("0.0.0.0/0", "203.0.113.9") && has("::/0", "2001:db8::1"));
        assert!(has("192.0.2.1", "192.0.2.1") && !has("192.0.2.1", "192.0.2.2"));
        assert!(has("fd00::/8", "fd12::1") && !has("fd00::/8", "10.0.0.1"));
        for wrong in ["10.0.0.0/33", "10.0.0.0/", "ten", "", "10.0.0.0/8/8", "::/129"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_proxy_of_ours_says_for_whom_it_asks() {
        let proxies = Proxies(vec!["10.0.0.0/8".parse().unwrap()]);
        let client = |peer: &str, named: &str| {
            let headers = HeaderMap::from_iter([(
                "x-forwarded-for".parse().unwrap(),
                named.parse().unwrap(),
            )]);
            proxies.client(peer.parse().unwrap(), &headers).to_string()
        };
        assert_eq!(client("10.0.0.1", "203.0.113.9"), "203.0.113.9");
        assert_eq!(client("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2"), "203.0.113.9");
        assert_eq!(client("10.0.0.1", "203.0.113.9, nonsense"), "10.0.0.1");
        assert_eq!(client("192.0.2.1", "203.0.113.9"), "192.0.2.1");
    }
}
