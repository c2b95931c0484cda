//! How often one address and one shop may tell something in a minute. Counted in memory, and the memory is bounded.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// A phone company's gateway stands for many shoppers, each with a handful of events.
const PER_ADDRESS: u32 = 240;

/// Fifty checkouts a second, for a minute.
const PER_SHOP: u32 = 6_000;

/// Addresses and shops counted one by one; whoever comes after them in a minute shares one count.
const COUNTED: usize = 50_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    Address(IpAddr),
    Shop(ShopId),
    Strangers,
}

/// The counts of the present minute.
#[derive(Debug, Default)]
pub struct Limit(Mutex<(i64, HashMap<Who, u32>)>);

impl Limit {
    /// Whether one more from this address is within the limit.
    pub fn address(&self, address: IpAddr, now: Timestamp) -> bool {
        self.one_more(Who::Address(address), PER_ADDRESS, now)
    }

    /// Whether one more for this shop is within the limit.
    pub fn shop(&self, shop: ShopId, now: Timestamp) -> bool {
        self.one_more(Who::Shop(shop), PER_SHOP, now)
    }

    fn one_more(&self, who: Who, most: u32, now: Timestamp) -> bool {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.seconds().div_euclid(60);
        if held.0 != minute {
            *held = (minute, HashMap::new());
        }
        let full = held.1.len() >= COUNTED && !held.1.contains_key(&who);
        let count = held.1.entry(if full { Who::Strangers } else { who }).or_default();
        *count = count.saturating_add(1);
        *count <= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn each_is_counted_alone_and_memory_ends_somewhere() {
        let (limit, now) = (Limit::default(), Timestamp::from_seconds(600));
        let one = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
        assert!((0..PER_ADDRESS).all(|_| limit.address(one, now)) && !limit.address(one, now));
        assert!(limit.address(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)), now), "somebody else is not meant");
        assert!(limit.address(one, now.plus_seconds(60)), "the next minute is another");
        let many = |n: u32| limit.address(IpAddr::V4(Ipv4Addr::from_bits(n)), now);
        assert!((0..COUNTED as u32 + PER_ADDRESS - 2).all(many));
        assert!(!(0..3).all(|n| many(u32::MAX - n)), "strangers share one count");
        assert!(limit.0.lock().unwrap().1.len() <= COUNTED + 1);
    }
}
