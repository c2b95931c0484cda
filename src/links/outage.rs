//! For which shops the database is away, as this node's redirect last saw it. On a sharded database it may be away for one
//! shop and there for all others.
//!
//! Who finds it away says so; for a second nobody waits for it again. Then one tap tries, so that an outage costs a
//! shopper a fraction of a second now and then, and never one after the other.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::kernel::id::ShopId;

/// How long a finding holds.
const HOLDS: Duration = Duration::from_secs(1);

/// The findings; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Outage(Arc<Found>);

#[derive(Debug, Default)]
struct Found {
    shops: Mutex<HashMap<ShopId, Instant>>,
    /// Whether there are any: a tap asks no further while all is well.
    some: AtomicBool,
}

impl Outage {
    /// Whether the database was found away for this shop within the last second.
    pub fn on(&self, shop: ShopId) -> bool {
        self.0.some.load(Ordering::Acquire) && self.hold().get(&shop).is_some_and(|seen| seen.elapsed() < HOLDS)
    }

    /// It is away for this shop now.
    pub fn seen(&self, shop: ShopId) {
        let mut shops = self.hold();
        shops.retain(|_, seen| seen.elapsed() < HOLDS);
        shops.insert(shop, Instant::now());
        self.0.some.store(true, Ordering::Release);
    }

    /// It took rows of this shop again.
    pub fn over(&self, shop: ShopId) {
        let mut shops = self.hold();
        shops.remove(&shop);
        self.0.some.store(!shops.is_empty(), Ordering::Release);
    }

    fn hold(&self) -> MutexGuard<'_, HashMap<ShopId, Instant>> {
        self.0.shops.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_shops_outage_is_no_other_shops() {
        let outage = Outage::default();
        outage.seen(ShopId(1));
        assert_eq!((outage.on(ShopId(1)), outage.on(ShopId(2))), (true, false));
        outage.over(ShopId(2));
        assert!(outage.on(ShopId(1)));
        outage.over(ShopId(1));
        assert!(!outage.on(ShopId(1)));
    }
}
