//! How long checkouts must lie quiet: each campaign about them has its own delay, and a shop without one the default.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr};

use crate::campaigns::{self, ABANDONED_AFTER_SECONDS, Campaign};
use crate::kernel::id::ShopId;

/// The delays of a shop, the shortest first; never empty.
pub(super) async fn delays(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<i32>, DbErr> {
    let campaigns = campaigns::for_checkouts(db, shop).await?;
    let mut delays: BTreeSet<i32> = campaigns.iter().filter_map(Campaign::abandoned_after_seconds).collect();
    if delays.is_empty() {
        delays.insert(ABANDONED_AFTER_SECONDS);
    }
    Ok(delays.into_iter().collect())
}
