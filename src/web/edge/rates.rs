//! How often somebody may ask: a bucket of tokens for each principal, and one for what fails
//! without a valid token, for each address.
//!
//! The buckets are refilled by the monotonic clock, and there are at most [`BUCKETS_MAX`] of each
//! kind.

use crate::incident::id::PrincipalId;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Requests of one principal: 6,000 at once, refilled in a minute. A bot that records every alert
/// of a storm, and polls besides, stays far below 100 a second.
pub const PRINCIPAL: Policy = Policy { name: "principal", quota: 6000, window_s: 60 };

/// Requests without a valid token from one address: a client that was set up wrongly shows itself,
/// one that guesses gets no further. Valid tokens from the same address are never held up.
pub const STRANGER: Policy = Policy { name: "unauthenticated", quota: 120, window_s: 60 };

/// Buckets of one kind. Beyond it the fullest is forgotten first, which costs its owner nothing.
pub const BUCKETS_MAX: usize = 4096;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How much of a quota is there, and how fast it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Its name in the headers.
    pub name: &'static str,
    /// How many requests at once.
    pub quota: u32,
    /// In how many seconds an empty bucket is full again.
    pub window_s: u32,
}

/// What is left of a quota.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Left {
    policy: Policy,
    requests: f64,
    is_enough: bool,
}

impl Left {
    /// Whether the request may go on.
    pub fn is_enough(&self) -> bool {
        self.is_enough
    }

    /// In how many seconds there is one request more.
    pub fn wait_s(&self) -> u64 {
        let rate = f64::from(self.policy.quota) / f64::from(self.policy.window_s);
        ((1.0 - self.requests.min(1.0)) / rate).ceil().max(1.0) as u64
    }

    /// Tells it in the fields of draft-ietf-httpapi-ratelimit-headers-10.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let Policy { name, quota, window_s } = self.policy;
        let whole = self.requests.max(0.0) as u64;
        let texts = [
            (RATE_LIMIT_POLICY, format!("\"{name}\";q={quota};w={window_s}")),
            (RATE_LIMIT, format!("\"{name}\";r={whole};t={}", self.wait_s())),
        ];
        for (field, text) in texts {
            headers.insert(field, HeaderValue::from_str(&text).expect("it is plain ASCII"));
        }
        if !self.is_enough {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(self.wait_s()));
        }
    }
}

/// The buckets of everybody.
#[derive(Debug)]
pub struct Rates {
    principal: Policy,
    principals: Buckets<PrincipalId>,
    strangers: Buckets<IpAddr>,
}

impl Default for Rates {
    fn default() -> Rates {
        Rates::new(PRINCIPAL)
    }
}

impl Rates {
    /// Rates with that quota for each principal.
    pub fn new(principal: Policy) -> Rates {
        Rates { principal, principals: Buckets::default(), strangers: Buckets::default() }
    }

    /// A request of that principal.
    pub fn of_principal(&self, id: &PrincipalId) -> Left {
        self.principals.take(id.clone(), self.principal, Instant::now())
    }

    /// A request without a valid token from that address; of IPv6 a network of 64 bits is one.
    pub fn of_stranger(&self, address: IpAddr) -> Left {
        self.strangers.take(network(address), STRANGER, Instant::now())
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(long) => Ipv6Addr::from_bits(long.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[derive(Debug)]
struct Buckets<K>(Mutex<HashMap<K, Bucket>>);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    requests: f64,
    at: Instant,
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Buckets(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash> Buckets<K> {
    fn take(&self, owner: K, policy: Policy, now: Instant) -> Left {
        let quota = f64::from(policy.quota);
        let rate = quota / f64::from(policy.window_s);
        let filled = |bucket: &Bucket| {
            let since = now.saturating_duration_since(bucket.at).as_secs_f64();
            (bucket.requests + since * rate).min(quota)
        };
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(&owner) {
            let fullest = buckets.iter().max_by(|(_, a), (_, b)| filled(a).total_cmp(&filled(b)));
            let fullest = fullest.map(|(owner, _)| owner.clone());
            fullest.and_then(|owner| buckets.remove(&owner));
        }
        let there = buckets.get(&owner).map_or(quota, filled);
        let is_enough = there >= 1.0;
        let requests = if is_enough { there - 1.0 } else { there };
        buckets.insert(owner, Bucket { requests, at: now });
        Left { policy, requests, is_enough }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const FEW: Policy = Policy { name: "few", quota: 3, window_s: 6 };

    #[test]
    fn a_quota_is_there_at_once_and_comes_back_evenly() {
        let (buckets, now) = (Buckets::default(), Instant::now());
        let take = |after_s| buckets.take('a', FEW, now + Duration::from_secs(after_s));
        assert!((0..3).all(|_| take(0).is_enough()));
        let refused = take(0);
        assert!(!refused.is_enough());
        assert_eq!(refused.wait_s(), 2);
        assert!(!take(1).is_enough() && take(2).is_enough() && !take(2).is_enough());
        assert!((0..3).all(|_| take(100).is_enough()) && !take(100).is_enough());
        assert!(buckets.take('b', FEW, now).is_enough());
    }

    #[test]
    fn it_is_told_in_structured_fields() {
        let mut headers = HeaderMap::new();
        let left = Left { policy: FEW, requests: 0.0, is_enough: false };
        left.tell(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"few\";q=3;w=6");
        assert_eq!(headers["ratelimit"], "\"few\";r=0;t=2");
        assert_eq!(headers["retry-after"], "2");
    }

    #[test]
    fn the_buckets_are_bounded_and_whoever_has_used_most_is_remembered() {
        let (buckets, now) = (Buckets::default(), Instant::now());
        for owner in [0; 3].into_iter().chain(1..2 * BUCKETS_MAX) {
            assert!(buckets.take(owner, FEW, now).is_enough());
        }
        assert_eq!(buckets.0.lock().unwrap().len(), BUCKETS_MAX);
        assert!(!buckets.take(0, FEW, now).is_enough());
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::2:3"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
