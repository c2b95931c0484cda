//! Who stands behind each order: the recipients it names, by the one rule of who is the same person. Kept beside the
//! verdict, because it is asked for where no message is: of those who were left alone.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel};

use super::dossier::Dossier;
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

/// Orders that some recipients stand behind.
pub async fn orders_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    recipients: &BTreeSet<RecipientId>,
) -> Result<BTreeSet<OrderId>, DbErr> {
    let of_shop = Entity::find().filter(COLUMN.shop_id.eq(shop));
    let ids: Vec<RecipientId> = recipients.iter().copied().collect();
    let rows: Vec<Model> = each(db, of_shop, Column::RecipientId, ids).await?;
    Ok(rows.into_iter().map(|row| row.shopify_order_id).collect())
}

/// Writes who stands behind some orders; answers those behind which somebody else stood before.
pub(super) async fn note(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    dossiers: &[Dossier],
) -> Result<BTreeSet<OrderId>, DbErr> {
    let ids: Vec<OrderId> = dossiers.iter().map(|dossier| dossier.facts.order.shopify_order_id).collect();
    let known = of_orders(txn, shop, &ids).await?;
    let mut moved = BTreeSet::new();
    let mut rows = Vec::new();
    for dossier in dossiers {
        let order = dossier.facts.order.shopify_order_id;
        let nobody = BTreeSet::new();
        if known.get(&order).unwrap_or(&nobody) == &dossier.buyers {
            continue;
        }
        moved.insert(order);
        let row =
            |recipient_id: &RecipientId| Model { shop_id: shop, shopify_order_id: order, recipient_id: *recipient_id };
        rows.extend(dossier.buyers.iter().map(row));
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
