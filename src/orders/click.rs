//! A click id that an order carries, by which a tap that is told late finds it: in its attributes, on its landing page or
//! on a page of a visit before it.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::Set;
use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;

use super::order::OrderId;
use super::snapshot::Snapshot;
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

/// Notes the click ids that states of orders carry. Safe to repeat.
pub(super) async fn record(txn: &impl ConnectionTrait, shop: ShopId, wave: &[&Snapshot]) -> Result<(), DbErr> {
    let ids = |one: &Snapshot| one.click_ids.iter().chain(&one.landing_click_id).cloned().collect::<Vec<_>>();
    let carried = wave.iter().flat_map(|one| ids(one).into_iter().map(|id| (one.order, id)));
    let carried: BTreeSet<(OrderId, String)> = carried.collect();
    note(txn, shop, carried).await
}

/// Notes click ids that orders carry. Safe to repeat.
pub(super) async fn note(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    carried: BTreeSet<(OrderId, String)>,
) -> Result<(), DbErr> {
    let row = |(order, id)| ActiveModel { shop_id: Set(shop), click_id: Set(id), shopify_order_id: Set(order) };
    insert_once(txn, carried.into_iter().map(row)).await.map(drop)
}

/// Orders that carry any of some click ids.
pub async fn with_clicks(db: &impl ConnectionTrait, shop: ShopId, ids: Vec<String>) -> Result<Vec<OrderId>, DbErr> {
    let rows: Vec<Model> = each(db, Entity::find().filter(COLUMN.shop_id.eq(shop)), Column::ClickId, ids).await?;
    Ok(rows.into_iter().map(|row| row.shopify_order_id).collect())
}
