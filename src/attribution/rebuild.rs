//! Throwing every verdict of a shop away and deriving it again. Over unchanged facts this changes nothing.

use sea_orm::DbErr;

use super::settle::settle;
use crate::app::App;
use crate::orders::{OrderId, ids_after};
use crate::shops::Shop;

/// What a rebuild found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Orders looked at.
    pub orders: usize,
    /// Orders whose verdict came out different.
    pub changed: usize,
}

/// Orders rebuilt in one transaction.
const BATCH: u64 = 200;

/// Rebuilds a shop in pages; a verdict is never missing while it runs.
pub async fn rebuild(app: &App, shop: &Shop) -> Result<Rebuilt, DbErr> {
    let mut rebuilt = Rebuilt::default();
    let mut after = OrderId(i64::MIN);
    loop {
        let txn = app.db.begin_write().await?;
        let ids = ids_after(&txn, shop.shop_id, after, BATCH).await?;
        let Some(last) = ids.last() else { return Ok(rebuilt) };
        after = *last;
        rebuilt.orders += ids.len();
        rebuilt.changed += settle(&txn, app, shop, &ids).await?;
        txn.commit().await?;
    }
}
