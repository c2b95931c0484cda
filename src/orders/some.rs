//! Some orders, by their ids: held while they are counted, what was taken off them.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::order::{self, Entity as Orders, OrderId};
use super::version::{self, Model as Version};
use crate::db::each;
use crate::kernel::id::ShopId;

/// Holds some orders until the transaction ends: whoever else holds one of them waits.
pub async fn hold(txn: &impl ConnectionTrait, shop: ShopId, ids: &[OrderId]) -> Result<(), DbErr> {
    let held = Orders::of(shop).filter(order::COLUMN.shopify_order_id.is_in(ids.to_vec()));
    let held = held.select_only().column(order::Column::ShopifyOrderId);
    let held = held.order_by_asc(order::COLUMN.shopify_order_id).lock_exclusive();
    held.into_tuple::<OrderId>().all(txn).await.map(drop)
}

/// What discounts took off some orders, as they stand.
pub async fn discounts_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    ids: &[OrderId],
) -> Result<HashMap<OrderId, i64>, DbErr> {
    let of_shop = version::Entity::find().filter(version::COLUMN.shop_id.eq(shop));
    let versions: Vec<Version> = each(db, of_shop, version::Column::ShopifyOrderId, ids.to_vec()).await?;
    let mut newest: HashMap<OrderId, (String, i64)> = HashMap::new();
    for version in versions {
        let (key, minor) = (version.key(), version.discounts_minor);
        let known = newest.entry(version.shopify_order_id).or_default();
        if key > known.0 {
            *known = (key, minor);
        }
    }
    Ok(newest.into_iter().map(|(order, (_, minor))| (order, minor)).collect())
}
