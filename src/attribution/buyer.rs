//! Who stands behind each order: the recipients it names, by the one rule of who is the same person. Kept beside the
//! verdict, because it is asked for where no message is: of those who were left alone.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel};

use crate::db::{each, insert_once};
use crate::kernel::id::ShopId;
use crate::orders::OrderId;
use crate::people::RecipientId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "buyers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub recipient_id: RecipientId,
}

impl ActiveModelBehavior for ActiveModel {}

/// Recipients behind some orders.
pub async fn of_orders(
    db: &impl ConnectionTrait,
    shop: ShopId,
    orders: &[OrderId],
) -> Result<BTreeMap<OrderId, BTreeSet<RecipientId>>, DbErr> {
    let of_shop = Entity::find().filter(COLUMN.shop_id.eq(shop));
    let rows: Vec<Model> = each(db, of_shop, Column::ShopifyOrderId, orders.to_vec()).await?;
    let mut found: BTreeMap<OrderId, BTreeSet<RecipientId>> = BTreeMap::new();
    for row in rows {
        found.entry(row.shopify_order_id).or_default().insert(row.recipient_id);
    }
    Ok(found)
}

/// Writes who stands behind some orders; answers those behind which somebody else stood before.
pub(super) async fn note(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    buyers: impl Iterator<Item = (OrderId, &BTreeSet<RecipientId>)> + Clone,
) -> Result<BTreeSet<OrderId>, DbErr> {
    let ids: Vec<OrderId> = buyers.clone().map(|(order, _)| order).collect();
    let known = of_orders(txn, shop, &ids).await?;
    let mut moved = BTreeSet::new();
    let mut rows = Vec::new();
    for (order, buyers) in buyers {
        let nobody = BTreeSet::new();
        if known.get(&order).unwrap_or(&nobody) == buyers {
            continue;
        }
        moved.insert(order);
        let row =
            |recipient_id: &RecipientId| Model { shop_id: shop, shopify_order_id: order, recipient_id: *recipient_id };
        rows.extend(buyers.iter().map(row));
    }
    let gone: Vec<OrderId> = moved.iter().copied().filter(|order| known.contains_key(order)).collect();
    if !gone.is_empty() {
        Entity::delete_many()
            .filter(COLUMN.shop_id.eq(shop))
            .filter(COLUMN.shopify_order_id.is_in(gone))
            .exec(txn)
            .await?;
    }
    insert_once(txn, rows.into_iter().map(IntoActiveModel::into_active_model)).await?;
    Ok(moved)
}
