//! How much one shop and one caller may ask for at a time, so that nobody's ten thousand starve the others.
//!
//! 1. A large batch is worked through in pieces, each in a transaction of its own: between two of them others have the
//!    database.
//! 2. A shop has one large batch under way on a node; the next waits a moment for it, and is then asked to come again.
//! 3. A caller (an API key, or the merchants of a shop) has a budget of recipients, statuses and the like that fills up
//!    again by the second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::future::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::kernel::id::ShopId;
use crate::shops::{ApiKeyId, CurrentShop, Who};

/// Statuses in one transaction; a call with more is a large one.
pub const PIECE: usize = 200;

/// Recipients in one transaction: composed together, they cost less each.
pub const DRAWN: usize = 500;

/// How long a batch waits for the one before it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Seconds for which an unspent budget adds up.
const SAVED: f64 = 30.0;

type Caller = (ShopId, Option<ApiKeyId>);

/// Why a caller must come again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaceError {
    /// Its budget is spent.
    #[error("more than {a_second} a second; enough again in {seconds} s")]
    Spent {
        /// What fills it up again.
        a_second: u32,
        /// Until there is enough.
        seconds: u64,
    },
    /// Another large batch of the shop is under way.
    #[error("another large batch of this shop is under way")]
    Busy,
}

/// What callers have left, and whose batch is under way.
#[derive(Clone, Debug)]
pub struct Pace {
    a_second: u32,
    turns: Cache<ShopId, Arc<Semaphore>>,
    spent: Arc<Mutex<HashMap<Caller, Spent>>>,
}

/// What of a caller's budget was spent, as of an instant.
#[derive(Clone, Copy, Debug)]
struct Spent {
    items: f64,
    at: Instant,
}

impl Pace {
    /// Nobody has asked for anything yet. Budgets fill up by so many items a second.
    pub fn new(a_second: u32) -> Self {
        let turns = Cache::builder().max_capacity(10_000).time_to_idle(Duration::from_secs(600)).build();
        Self { a_second, turns, spent: Arc::default() }
    }

    /// Takes so many items from the caller's budget and, for a large batch, the shop's turn, held until it is dropped.
    pub async fn take(&self, current: &CurrentShop, items: usize) -> Result<Option<OwnedSemaphorePermit>, PaceError> {
        let shop = current.shop.shop_id;
        let key = match &current.who {
            Who::Platform { key, .. } => Some(*key),
            Who::Merchant { .. } => None,
        };
        let a_second = self.a_second;
        self.spend((shop, key), items, Instant::now()).map_err(|seconds| PaceError::Spent { a_second, seconds })?;
        if items <= PIECE {
            return Ok(None);
        }
        let turn = self.turns.get_with(shop, async { Arc::new(Semaphore::new(1)) }).await;
        match tokio::time::timeout(PATIENCE, turn.acquire_owned()).await {
            Ok(Ok(turn)) => Ok(Some(turn)),
            _ => Err(PaceError::Busy),
        }
    }

    /// `Err`: in how many seconds there is enough again.
    fn spend(&self, caller: Caller, items: usize, now: Instant) -> Result<(), u64> {
        let (a_second, items) = (f64::from(self.a_second), f64::from(u32::try_from(items).unwrap_or(u32::MAX)));
        let mut all = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let left = |spent: Spent| spent.items - now.saturating_duration_since(spent.at).as_secs_f64() * a_second;
        if all.len() >= 10_000 {
            all.retain(|_, spent| left(*spent) > 0.0);
        }
        let before = all.get(&caller).map_or(0.0, |spent| left(*spent).max(0.0));
        let over = before + items - a_second * SAVED;
        // A call of its own is never too large: whoever has spent nothing may make it.
        if over > 0.0 && before > 0.0 {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds, at least one")]
            return Err((over.min(before) / a_second).ceil().max(1.0) as u64);
        }
        all.insert(caller, Spent { items: before + items, at: now });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_budget_fills_up_by_the_second_and_is_everybodys_own() {
        let (pace, now) = (Pace::new(1_000), Instant::now());
        let (one, other) = ((ShopId(1), None), (ShopId(2), None));
        for _ in 0..3 {
            assert_eq!(pace.spend(one, 10_000, now), Ok(()));
        }
        assert_eq!(pace.spend(one, 10_000, now), Err(10));
        assert_eq!(pace.spend(other, 10_000, now), Ok(()));
        assert_eq!(pace.spend(one, 10_000, now + Duration::from_secs(9)), Err(1));
        assert_eq!(pace.spend(one, 10_000, now + Duration::from_secs(10)), Ok(()));
        assert_eq!(pace.spend((ShopId(3), None), 1_000_000, now), Ok(()), "alone nothing is too large");
    }
}
