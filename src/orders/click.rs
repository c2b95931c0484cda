//! A click id that an order carries, by which a tap that is told late finds it: in its attributes, on its landing page or
//! on a page of a visit before it.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::Set;
use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;

use super::order::OrderId;
use crate::db::{each, insert_once};
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_clicks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    /// As it travels.
    #[sea_orm(primary_key, auto_increment = false)]
    pub click_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
}

impl ActiveModelBehavior for ActiveModel {}

/// Notes click ids that an order carries. Safe to repeat.
pub(super) async fn record(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    order: OrderId,
    ids: BTreeSet<&String>,
) -> Result<(), DbErr> {
    let row = |id: &String| ActiveModel { shop_id: Set(shop), click_id: Set(id.clone()), shopify_order_id: Set(order) };
    if ids.is_empty() {
        return Ok(());
    }
    insert_once(txn, ids.into_iter().map(row)).await.map(drop)
}

/// Orders that carry any of some click ids.
pub async fn with_clicks(db: &impl ConnectionTrait, shop: ShopId, ids: Vec<String>) -> Result<Vec<OrderId>, DbErr> {
    let rows: Vec<Model> = each(db, Entity::find().filter(COLUMN.shop_id.eq(shop)), Column::ClickId, ids).await?;
    Ok(rows.into_iter().map(|row| row.shopify_order_id).collect())
}
