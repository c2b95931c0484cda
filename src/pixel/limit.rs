//! How often one address and one shop may tell something in a minute.
//!
//! 1. Counted in two small tables by a keyed hash, so that memory is the same whoever comes: two strangers may share a
//!    place in one of them and hardly ever in both. However many come, each is counted by itself.
//! 2. An IPv6 line is given a /64 and tells from any address in it; whoever rents a /48 has 65,536 of those. Both are
//!    counted.
//! 3. A shop at its limit still hears whoever told little in this minute: a crowd of chatterers takes no shopper's place.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// A phone company's gateway stands for many shoppers, each with a handful of events.
const PER_ADDRESS: u32 = 240;

/// Of a /48, which is a company's, or one that was rented for this.
const PER_SITE: u32 = 6_000;

/// Fifty checkouts a second, for a minute.
const PER_SHOP: u32 = 6_000;

/// Who told no more than this is heard even then …
const LITTLE: u32 = 12;

/// … up to here.
const MOST_PER_SHOP: u32 = 60_000;

/// Places in each table: half a megabyte.
const PLACES: usize = 1 << 17;

/// The counts of the present minute.
#[derive(Debug)]
pub struct Limit {
    keys: [RandomState; 2],
    minute: Mutex<Minute>,
}

#[derive(Debug)]
struct Minute {
    number: i64,
    tables: [Vec<u32>; 2],
}

/// Whose events are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    /// One line.
    Line(IpAddr),
    /// A /48.
    Site([u8; 6]),
    Shop(ShopId),
}

impl Who {
    fn line(address: IpAddr) -> (Self, Option<Self>) {
        match address.to_canonical() {
            IpAddr::V4(v4) => (Self::Line(v4.into()), None),
            IpAddr::V6(v6) => {
                let mut line = v6.octets();
                line[8..].fill(0);
                let site = std::array::from_fn(|n| line[n]);
                (Self::Line(std::net::Ipv6Addr::from(line).into()), Some(Self::Site(site)))
            }
        }
    }
}

impl Default for Limit {
    fn default() -> Self {
        let minute = Minute { number: 0, tables: [vec![0; PLACES], vec![0; PLACES]] };
        Self { keys: [RandomState::new(), RandomState::new()], minute: Mutex::new(minute) }
    }
}

impl Limit {
    /// Whether one more from this address is within the limit.
    pub fn address(&self, address: IpAddr, now: Timestamp) -> bool {
        let (line, site) = Who::line(address);
        let within = |who, most| self.one_more(who, now) <= most;
        // Whoever is refused as a line is not held against its site.
        within(line, PER_ADDRESS) && site.is_none_or(|site| within(site, PER_SITE))
    }

    /// Whether one more for this shop is within the limit; its address was asked about before.
    pub fn shop(&self, shop: ShopId, address: IpAddr, now: Timestamp) -> bool {
        let all = self.one_more(Who::Shop(shop), now);
        all <= PER_SHOP || all <= MOST_PER_SHOP && self.count(Who::line(address).0, 0, now) <= LITTLE
    }

    fn one_more(&self, who: Who, now: Timestamp) -> u32 {
        self.count(who, 1, now)
    }

    /// How many that makes, never too few. Only the smaller place grows: the larger one is others' already.
    fn count(&self, who: Who, more: u32, now: Timestamp) -> u32 {
        let place = |key: &RandomState| (key.hash_one(who) % PLACES as u64) as usize;
        let at = [place(&self.keys[0]), place(&self.keys[1])];
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.seconds().div_euclid(60);
        if minute.number != number {
            minute.number = number;
            minute.tables.iter_mut().for_each(|table| table.fill(0));
        }
        let count = minute.tables[0][at[0]].min(minute.tables[1][at[1]]).saturating_add(more);
        for (table, at) in minute.tables.iter_mut().zip(at) {
            table[at] = table[at].max(count);
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    fn now() -> Timestamp {
        Timestamp::from_seconds(600)
    }

    fn v4(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(n))
    }

    #[test]
    fn each_is_counted_alone_and_the_next_minute_is_another() {
        let limit = Limit::default();
        assert!((0..PER_ADDRESS).all(|_| limit.address(v4(1), now())) && !limit.address(v4(1), now()));
        let mapped = "::ffff:0.0.0.1".parse().unwrap();
        assert!(!limit.address(mapped, now()), "the same, otherwise written");
        assert!(limit.address(v4(2), now()), "somebody else is not meant");
        assert!(limit.address(v4(1), now().plus_seconds(60)));
    }

    #[test]
    fn a_line_is_one_whichever_of_its_addresses_it_uses_and_a_site_of_lines_ends_too() {
        let limit = Limit::default();
        let line = |n: u128| IpAddr::V6(Ipv6Addr::from_bits(0x2a00_1234_5678_0001_u128 << 64 | n));
        let taken = (0..1_000).filter(|n| limit.address(line(*n), now())).count();
        assert_eq!(taken, PER_ADDRESS as usize, "another address of the same /64 each time");
        let site = |n: u128| IpAddr::V6(Ipv6Addr::from_bits((0x2a00_9999_0001_0000_u128 + n) << 64 | 7));
        let taken = (0..65_536).filter(|n| limit.address(site(*n), now())).count();
        assert_eq!(taken, PER_SITE as usize, "another /64 of the same /48 each time");
        assert!(limit.address("2a00:7777::1".parse().unwrap(), now()), "a neighbour is not meant");
    }

    #[test]
    fn however_many_come_nobody_is_refused_for_them() {
        let limit = Limit::default();
        for n in 0..200_000 {
            limit.address(v4(n), now());
        }
        let refused = (300_000..301_000).filter(|n| !(0..LITTLE).all(|_| limit.address(v4(*n), now()))).count();
        assert_eq!(refused, 0);
    }

    #[test]
    fn a_crowd_of_chatterers_takes_no_shoppers_place() {
        let (limit, shop) = (Limit::default(), ShopId(7));
        for address in 0..40 {
            for _ in 0..PER_ADDRESS {
                if limit.address(v4(address), now()) {
                    limit.shop(shop, v4(address), now());
                }
            }
        }
        limit.address(v4(1), now());
        assert!(!limit.shop(shop, v4(1), now()), "the shop is at its limit, and this one told much");
        assert!(limit.address(v4(1_000), now()) && limit.shop(shop, v4(1_000), now()), "a shopper is heard");
        assert!(limit.shop(ShopId(8), v4(1), now()), "another shop is not meant");
    }
}
