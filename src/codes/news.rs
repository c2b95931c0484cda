//! News for the rooms below: promised codes went live, an alarm was raised.
//!
//! This room only promises the jobs, in the transaction of their cause. What they do stands in `sinks/`: news travels
//! down, imports do not.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use super::id::{AlarmId, RedeemCodeId};
use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Codes told of in one go: with their links they stay under 64 KiB.
const TOGETHER: usize = 125;

/// Codes that recipients were promised and that Shopify has now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WentLive {
    /// Which; at most 125.
    pub codes: Vec<RedeemCodeId>,
    /// Since when.
    pub at: Timestamp,
}

impl WentLive {
    /// Promises it in the caller's transaction. The caller names every code once, when it moved it.
    pub(super) async fn enqueue(
        txn: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        codes: &[RedeemCodeId],
        now: Timestamp,
    ) -> Result<(), DbErr> {
        for codes in codes.chunks(TOGETHER) {
            let news = Self { codes: codes.to_vec(), at: now };
            jobs::enqueue(txn, &app.chance, shop, &news, None, now, now).await?;
        }
        Ok(())
    }
}

/// An alarm that was raised, or raised again after somebody had closed it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Alarmed {
    /// Which.
    pub alarm: AlarmId,
    /// By its how-manieth sighting.
    pub sighting: i64,
    /// When that happened.
    pub at: Timestamp,
}

impl Alarmed {
    pub(super) async fn enqueue(
        txn: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        news: Self,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        jobs::enqueue(txn, &app.chance, shop, &news, None, now, now).await
    }
}
