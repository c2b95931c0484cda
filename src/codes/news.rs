//! News: promised codes went live, an alarm was raised.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use super::id::{AlarmId, RedeemCodeId};
use crate::app::App;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::news::{self, News};

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
    /// Tells it in the caller's transaction. The caller names every code once, when it moved it.
    pub(super) async fn tell(
        txn: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        codes: &[RedeemCodeId],
        now: Timestamp,
    ) -> Result<(), DbErr> {
        for codes in codes.chunks(TOGETHER) {
            news::tell(txn, app, shop, &Self { codes: codes.to_vec(), at: now }, now).await?;
        }
        Ok(())
    }
}

impl News for WentLive {
    const NAME: &'static str = "codes.went_live";
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

impl News for Alarmed {
    const NAME: &'static str = "codes.alarmed";
}
