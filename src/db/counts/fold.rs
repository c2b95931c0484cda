//! Adding what was appended to the cells, within a second.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, QuerySelect, Statement};
use sea_orm::{EntityTrait, QueryOrder};
use tokio_util::sync::CancellationToken;

use super::changes::Changes;
use super::{cell, change};
use crate::db::Db;
use crate::kernel::id::ShopId;

/// How often somebody looks.
const EVERY: Duration = Duration::from_millis(700);

/// Rows added in one transaction.
const ROWS: u32 = 1_000;

/// Shops looked after in one round.
const SHOPS: u64 = 500;

/// Adds what is appended to the cells, until told to stop. Any number of nodes may: a row is added by whoever deletes it.
pub async fn keep_folded(db: Db, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        if let Err(error) = fold_all(&db).await {
            // Nothing is lost: a report adds what is not added yet by itself.
            tracing::debug!(error = %error, "counts wait to be added");
        }
    }
}

/// Adds what is appended, of every shop.
pub async fn fold_all(db: &Db) -> Result<(), DbErr> {
    let shops = change::Entity::find().select_only().column(change::Column::ShopId).distinct();
    let shops: Vec<ShopId> =
        shops.order_by_asc(change::COLUMN.shop_id).limit(SHOPS).into_tuple().all(db.read()).await?;
    for shop in shops {
        fold(db, shop).await?;
    }
    Ok(())
}

/// Adds what is appended, of one shop.
pub async fn fold(db: &Db, shop: ShopId) -> Result<(), DbErr> {
    loop {
        let txn = db.begin_write().await?;
        let rows = fold_some(&txn, shop).await?;
        txn.commit().await?;
        if rows < ROWS as usize {
            return Ok(());
        }
    }
}

/// Takes some rows away and adds what they say; how many. Two who do it at once never take the same row.
pub(super) async fn fold_some(txn: &impl ConnectionTrait, shop: ShopId) -> Result<usize, DbErr> {
    let sql = format!(
        "DELETE FROM count_changes WHERE shop_id = $1 AND id IN \
         (SELECT id FROM count_changes WHERE shop_id = $2 ORDER BY id LIMIT {ROWS}) RETURNING changes"
    );
    let values = [shop.0.into(), shop.0.into()];
    let rows = txn.query_all_raw(Statement::from_sql_and_values(txn.get_database_backend(), sql, values)).await?;
    let mut changes = Changes::default();
    for row in &rows {
        changes.take(&row.try_get_by_index::<String>(0)?)?;
    }
    cell::add(txn, shop, &changes, &cell::SPANS).await?;
    Ok(rows.len())
}

/// Takes everything away that this transaction sees.
pub(super) async fn fold_visible(txn: &impl ConnectionTrait, shop: ShopId) -> Result<(), DbErr> {
    while fold_some(txn, shop).await? == ROWS as usize {}
    Ok(())
}
