//! The points a shop has at the Admin API, and who may spend them.
//!
//! 1. What comes back belongs half to interactive work, half to bulk work; neither can starve the other.
//! 2. Either borrows what the other does not need: interactive work everything while no bulk work waits, bulk work what
//!    leaves a quarter of the bucket for a merchant who clicks.
//! 3. What Shopify says is left outranks what we counted. Until it has said anything, nothing is held back.
//!
//! Points are counted in thousandths, so that refilling loses nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::answer::Cost;
use crate::kernel::Timestamp;
use crate::shopify::ShopDomain;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Somebody waits for the answer.
    Interactive,
    /// Nobody does: catching up, backfilling.
    Bulk,
}

/// While bulk work asked this recently, its half is left alone.
const WAITS_SECONDS: i64 = 30;

/// What an operation is taken to cost before its first answer.
const UNKNOWN_COST: i64 = 50;

/// Shops remembered; a forgotten one begins anew with Shopify's next answer.
const SHOPS: usize = 20_000;

/// One shop's points.
#[derive(Clone, Debug)]
struct Bucket {
    maximum: i64,
    restore_rate: i64,
    at: Timestamp,
    /// Interactive and bulk.
    halves: [i64; 2],
    /// Reserved by calls that have not been answered.
    in_flight: i64,
    bulk_waits_since: Option<Timestamp>,
}

impl Bucket {
    fn new(cost: Cost, now: Timestamp) -> Self {
        let maximum = i64::from(cost.maximum) * 1000;
        let mut bucket = Self {
            maximum,
            restore_rate: 0,
            at: now,
            halves: [maximum / 2, maximum / 2],
            in_flight: 0,
            bulk_waits_since: None,
        };
        bucket.hear(Class::Interactive, cost, now);
        bucket
    }

    fn whole(&self) -> i64 {
        self.halves[0] + self.halves[1]
    }

    /// Puts points into a class's half, what it cannot hold into the other's.
    fn give(&mut self, class: Class, points: i64) {
        let (own, other) = (class as usize, 1 - class as usize);
        let half = self.maximum / 2;
        let kept = points.min(half - self.halves[own]).max(0);
        self.halves[own] += kept;
        self.halves[other] = (self.halves[other] + points - kept).min(half);
    }

    /// Takes points out of a class's half, what it lacks out of the other's.
    fn spend(&mut self, class: Class, points: i64) {
        let (own, other) = (class as usize, 1 - class as usize);
        let first = points.min(self.halves[own]);
        self.halves[own] -= first;
        self.halves[other] = (self.halves[other] - (points - first)).max(0);
    }

    fn refill(&mut self, now: Timestamp) {
        let elapsed = now.micros().saturating_sub(self.at.micros()).max(0);
        // Thousandths per second are points per millisecond.
        let back = elapsed.saturating_mul(self.restore_rate) / 1_000;
        if back > 0 {
            let back = back.min(self.maximum);
            self.give(Class::Interactive, back / 2);
            self.give(Class::Bulk, back - back / 2);
            self.at = now;
        }
    }

    fn bulk_waits(&self, now: Timestamp) -> bool {
        self.bulk_waits_since.is_some_and(|at| now.seconds_since(at) <= WAITS_SECONDS)
    }

    fn spendable(&self, class: Class, now: Timestamp) -> i64 {
        let [interactive, bulk] = self.halves;
        match class {
            Class::Interactive => interactive + if self.bulk_waits(now) { 0 } else { bulk },
            Class::Bulk => bulk + (interactive - self.maximum / 4).max(0),
        }
    }

    /// Reserves points, or says in how many seconds to come again.
    fn reserve(&mut self, class: Class, points: i64, now: Timestamp) -> Result<i64, u64> {
        self.refill(now);
        // What no half can ever hold waits until there is as much as it can.
        let wanted = (points * 1000).min(self.maximum / 2);
        let missing = wanted - self.spendable(class, now);
        if missing > 0 {
            if class == Class::Bulk {
                self.bulk_waits_since = Some(now);
            }
            let all_is_ours = class == Class::Interactive && !self.bulk_waits(now);
            let rate = (self.restore_rate * if all_is_ours { 1_000 } else { 500 }).max(1);
            return Err(u64::try_from(missing.div_euclid(rate) + 1).unwrap_or(1));
        }
        if class == Class::Bulk {
            self.bulk_waits_since = None;
        }
        self.spend(class, wanted);
        self.in_flight += wanted;
        Ok(wanted)
    }

    /// A reserved call ended without a word about points.
    fn release(&mut self, class: Class, reserved: i64) {
        self.in_flight = (self.in_flight - reserved).max(0);
        self.give(class, reserved);
    }

    /// What Shopify says is left, less what other calls have reserved meanwhile.
    fn hear(&mut self, class: Class, cost: Cost, now: Timestamp) {
        self.refill(now);
        self.at = now;
        self.maximum = i64::from(cost.maximum) * 1000;
        self.restore_rate = i64::from(cost.restore_rate);
        let half = self.maximum / 2;
        self.halves = self.halves.map(|points| points.min(half));
        let left = (i64::from(cost.available) * 1000 - self.in_flight).clamp(0, self.maximum);
        let more = left - self.whole();
        if more > 0 { self.give(class, more) } else { self.spend(class, -more) }
    }
}

/// Points set aside for one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reserved {
    class: Class,
    points: i64,
}

/// What every shop has, and what every operation was last said to cost.
#[derive(Debug, Default)]
pub(super) struct Buckets(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    shops: HashMap<ShopDomain, Bucket>,
    costs: HashMap<&'static str, i64>,
}

impl Buckets {
    fn hold(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets points aside for a call, or says in how many seconds to come again.
    pub(super) fn reserve(
        &self,
        shop: &ShopDomain,
        operation: &'static str,
        class: Class,
        now: Timestamp,
    ) -> Result<Reserved, u64> {
        let mut known = self.hold();
        let cost = known.costs.get(operation).copied().unwrap_or(UNKNOWN_COST);
        let points = match known.shops.get_mut(shop) {
            Some(bucket) => bucket.reserve(class, cost, now)?,
            None => 0,
        };
        Ok(Reserved { class, points })
    }

    /// Nobody hears the answer any more. Whether the points were spent is Shopify's to say, with the next answer; but
    /// they are not under way for ever, or what it says is left would look smaller with every call that was left.
    pub(super) fn forget(&self, shop: &ShopDomain, reserved: Reserved) {
        if let Some(bucket) = self.hold().shops.get_mut(shop) {
            bucket.in_flight = (bucket.in_flight - reserved.points).max(0);
        }
    }

    /// The call ended; `cost` is what Shopify said about points, if anything.
    pub(super) fn settle(
        &self,
        shop: &ShopDomain,
        operation: &'static str,
        reserved: Reserved,
        cost: Option<Cost>,
        now: Timestamp,
    ) {
        let mut known = self.hold();
        let Some(cost) = cost.filter(|cost| cost.maximum > 0) else {
            if let Some(bucket) = known.shops.get_mut(shop) {
                bucket.release(reserved.class, reserved.points);
            }
            return;
        };
        if cost.requested > 0 {
            known.costs.insert(operation, i64::from(cost.requested));
        }
        if let Some(bucket) = known.shops.get_mut(shop) {
            bucket.in_flight = (bucket.in_flight - reserved.points).max(0);
            bucket.hear(reserved.class, cost, now);
            return;
        }
        if known.shops.len() >= SHOPS {
            known.shops.retain(|_, bucket| bucket.in_flight > 0 || now.seconds_since(bucket.at) < 600);
        }
        known.shops.insert(shop.clone(), Bucket::new(cost, now));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BEGIN: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn says(available: u32) -> Cost {
        Cost { requested: 10, actual: Some(10), available, maximum: 2_000, restore_rate: 100 }
    }

    fn later(milliseconds: i64) -> Timestamp {
        Timestamp::from_micros(BEGIN.micros() + milliseconds * 1_000)
    }

    #[test]
    fn bulk_work_leaves_a_quarter_for_a_merchant_who_clicks() {
        let mut bucket = Bucket::new(says(2_000), BEGIN);
        let mut spent = 0;
        while bucket.reserve(Class::Bulk, 100, BEGIN).is_ok() {
            spent += 100;
        }
        assert_eq!((spent, bucket.whole()), (1_500, 500_000));
        assert!(bucket.reserve(Class::Interactive, 400, BEGIN).is_ok());
        assert_eq!(bucket.reserve(Class::Bulk, 100, BEGIN), Err(3), "half of a hundred a second comes back to it");
    }

    #[test]
    fn neither_starves_the_other() {
        let mut bucket = Bucket::new(says(0), BEGIN);
        let (mut clicks, mut pages) = (0, 0);
        for tick in 0..6_000 {
            let now = later(tick * 10);
            while bucket.reserve(Class::Interactive, 10, now).is_ok() {
                clicks += 10;
            }
            if bucket.reserve(Class::Bulk, 300, now).is_ok() {
                pages += 300;
            }
        }
        // A minute brings 6,000 points.
        assert!((2_700..=3_300).contains(&clicks), "{clicks}");
        assert!((2_700..=3_300).contains(&pages), "{pages}");
    }

    #[test]
    fn who_is_alone_has_everything() {
        let mut bucket = Bucket::new(says(2_000), BEGIN);
        let mut spent = 0;
        while bucket.reserve(Class::Interactive, 100, BEGIN).is_ok() {
            spent += 100;
        }
        assert_eq!(spent, 2_000);
    }

    #[test]
    fn before_the_first_answer_nothing_is_held_back() {
        let (buckets, shop) = (Buckets::default(), ShopDomain::parse("example.myshopify.com").unwrap());
        let reserved = buckets.reserve(&shop, "Orders", Class::Bulk, BEGIN).unwrap();
        buckets.settle(&shop, "Orders", reserved, Some(Cost { requested: 400, ..says(100) }), BEGIN);
        assert_eq!(buckets.reserve(&shop, "Orders", Class::Bulk, BEGIN).unwrap_err(), 7, "a hundred are left");
        let reserved = buckets.reserve(&shop, "Click", Class::Interactive, later(2_000)).unwrap();
        buckets.settle(&shop, "Click", reserved, None, later(2_000));
        assert_eq!(buckets.hold().shops[&shop].in_flight, 0);
    }

    proptest! {
        /// A server that keeps its own account never refuses what was reserved here, whatever the pattern of calls, as
        /// long as nobody else spends; and no point is made out of nothing.
        #[test]
        fn what_is_reserved_is_there(calls in prop::collection::vec((0..400_i64, 1..600_i64, any::<bool>(), 0.0..1.0_f64), 1..200)) {
            let mut bucket = Bucket::new(says(2_000), BEGIN);
            let (mut server, mut now) = (2_000_000_i64, 0);
            for (pause, cost, bulk, used) in calls {
                now += pause;
                server = (server + pause * 100).min(2_000_000);
                let class = if bulk { Class::Bulk } else { Class::Interactive };
                match bucket.reserve(class, cost, later(now)) {
                    Ok(reserved) => {
                        prop_assert!(server >= cost * 1_000, "{server} < {cost}");
                        server -= (cost as f64 * used) as i64 * 1_000;
                        bucket.in_flight -= reserved;
                        let available = u32::try_from(server / 1_000).unwrap();
                        bucket.hear(class, says(available), later(now));
                    }
                    Err(wait) => prop_assert!((1..60).contains(&wait), "{wait}"),
                }
                prop_assert!(bucket.halves.iter().all(|half| (0..=1_000_000).contains(half)));
                prop_assert!(bucket.whole() <= server, "{} > {server}", bucket.whole());
            }
        }
    }
}
