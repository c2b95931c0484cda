//! How many links of one shop one source opens: a person has one or two, a script that was handed a list has them all.
//!
//! 1. Nothing of this is kept: in memory stand keyed hashes of addresses, for the day, and of links. They are forgotten
//!    when the process ends, when newer ones need the place, and after an hour.
//! 2. An address may be a phone company's, with many people behind it. Even to a broadcast to a million of them few answer
//!    from one address within seconds, or a hundred within an hour; who does is a program.
//! 3. The memory is bounded, and a source that opens one link takes a few bytes of it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;

use super::classify::network;
use crate::kernel::id::ShopId;
use crate::kernel::{Timestamp, Vault};

/// So many links of one shop …
const MANY: usize = 12;

/// … within so many seconds, …
const SECONDS: i64 = 10;

/// … or so many …
const MANY_SLOWLY: usize = 100;

/// … within so many, are a program's.
const SLOWLY_SECONDS: i64 = 3_600;

/// Sources that are remembered.
const SOURCES: usize = 16_384;

/// Whose request it is, as far as the door can tell.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The address.
    pub address: IpAddr,
    /// Whom a proxy that nobody told us of says it speaks for. Behind such a one everybody has its address; what it says
    /// tells them apart, unless it was invented.
    pub told: Option<IpAddr>,
}

/// The links that sources opened lately; clones share them.
#[derive(Clone, Debug)]
pub struct Sources(Arc<Cache<(ShopId, u64), Remembered>>);

/// What is remembered of one source.
type Remembered = Arc<Mutex<Opened>>;

/// Links one source opened, oldest first, each once: when, and its hash.
#[derive(Debug, Default)]
struct Opened(VecDeque<(Timestamp, u32)>);

impl Default for Sources {
    fn default() -> Self {
        Self(Arc::new(Cache::new(SOURCES)))
    }
}

impl Sources {
    /// A source opens a link; whether it has opened too many of this shop for a person.
    pub fn opens(&self, vault: &Vault, shop: ShopId, slug: &str, source: Source, now: Timestamp) -> bool {
        let day = now.seconds().div_euclid(86_400).to_be_bytes();
        let (digits, length) = network(source.address);
        let (told, told_length) = source.told.map_or(([0; 8], 0), network);
        let digest = vault.keyed_hash(shop, "source", &[&day, &digits[..length], &[0], &told[..told_length]]);
        let key = (shop, u64::from_be_bytes(std::array::from_fn(|n| digest[n])));
        let Ok(opened) = self.0.get_or_insert_with(&key, || Ok::<_, Infallible>(Arc::default()));
        // A slug's tail is random: its first bytes tell links apart.
        let tail = slug.rsplit('-').next().unwrap_or_default().bytes();
        let link = tail.take(8).fold(0_u32, |hash, byte| hash.rotate_left(5).wrapping_mul(31) ^ u32::from(byte));
        opened.lock().unwrap_or_else(PoisonError::into_inner).one_more(link, now)
    }
}

impl Opened {
    fn one_more(&mut self, link: u32, now: Timestamp) -> bool {
        while self.0.front().is_some_and(|(at, _)| at.plus_seconds(SLOWLY_SECONDS) <= now) {
            self.0.pop_front();
        }
        if !self.0.iter().any(|(_, known)| *known == link) {
            if self.0.len() == MANY_SLOWLY {
                self.0.pop_front();
            }
            self.0.push_back((now, link));
        }
        let within = |at: &Timestamp| now < at.plus_seconds(SECONDS);
        self.0.len() == MANY_SLOWLY || self.0.iter().rev().nth(MANY - 1).is_some_and(|(at, _)| within(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Chance;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_000_000 + seconds)
    }

    fn vault() -> Vault {
        Vault::new([1; 32], None, Chance::seeded(1)).with_pepper([2; 32])
    }

    /// Taps by an address, a link each: which of them are too many.
    fn opens(
        sources: &Sources,
        address: &str,
        told: Option<&str>,
        taps: impl Iterator<Item = (i64, u32)>,
    ) -> Vec<bool> {
        let (vault, source) =
            (vault(), Source { address: address.parse().unwrap(), told: told.map(|told| told.parse().unwrap()) });
        taps.map(|(when, link)| sources.opens(&vault, ShopId(7), &format!("7-{link:08}x"), source, at(when))).collect()
    }

    #[test]
    fn who_opens_many_links_in_seconds_is_a_program_and_who_opens_one_often_is_not() {
        let sources = Sources::default();
        let script = opens(&sources, "198.51.100.7", None, (0..300).map(|n| (n / 100, n as u32)));
        assert_eq!(script.iter().position(|many| *many), Some(MANY - 1));
        assert!(script[MANY - 1..].iter().all(|many| *many));
        let nervous = opens(&sources, "198.51.100.8", None, (0..300).map(|n| (n / 100, 5)));
        assert!(!nervous.contains(&true));
        assert!(
            !opens(&sources, "198.51.100.9", None, (0..11).map(|n| (0, n))).contains(&true),
            "eleven people at once"
        );
        let slow = opens(&sources, "198.51.100.10", None, (0..300).map(|n| (n * 10, n as u32)));
        assert_eq!(slow.iter().position(|many| *many), Some(MANY_SLOWLY - 1), "slowly");
        let gateway = opens(&sources, "198.51.100.11", None, (0..300).map(|n| (n * 40, n as u32)));
        assert!(!gateway.contains(&true), "ninety an hour");
        let household = ["2001:db8::1", "2001:db8::2", "2001:db8::3"];
        let ends =
            household.map(|address| opens(&sources, address, None, (0..5).map(|n| (0, n + address.len() as u32 * 10))));
        assert_eq!(ends.concat().len(), 15);
    }

    #[test]
    fn a_line_is_one_source_and_people_behind_an_unknown_proxy_are_many() {
        let (sources, vault) = (Sources::default(), vault());
        let line = |n: u32| IpAddr::V6(std::net::Ipv6Addr::from_bits(0x2a00_0001_0002_0003_u128 << 64 | u128::from(n)));
        let tap = |n: u32| {
            let source = Source { address: line(n), told: None };
            sources.opens(&vault, ShopId(7), &format!("7-{n:08}x"), source, at(0))
        };
        assert_eq!((0..20).map(tap).position(|many| many), Some(MANY - 1), "another address of the same /64 each time");
        let behind = |n: u32| {
            let told = format!("198.51.100.{n}");
            opens(&sources, "203.0.113.9", Some(&told), std::iter::once((0, n)))[0]
        };
        assert!(!(0..200).any(behind));
    }
}
