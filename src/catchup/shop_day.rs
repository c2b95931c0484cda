//! What Shopify's own reports say was sold on a day of the shop.
//!
//! 1. Facts of Shopify's: net sales, each thing on the day it happened, in the currency the shop counted in when they were
//!    read.
//! 2. A later reading of a day takes the place of an earlier one: Shopify may count late.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{IntoActiveModel, QueryOrder};

use crate::db::INSERT_ROWS;
use crate::kernel::id::ShopId;
use crate::kernel::{Currency, Day, Timestamp};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shop_days")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Day,
    pub net_sales_minor: i64,
    pub currency: String,
    pub read_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Days of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// Writes down what was read.
pub(super) async fn record(txn: &impl ConnectionTrait, days: Vec<Model>) -> Result<(), DbErr> {
    let newer = OnConflict::columns([Column::ShopId, Column::Day])
        .update_columns([Column::NetSalesMinor, Column::Currency, Column::ReadAt])
        .to_owned();
    let rows: Vec<ActiveModel> = days.into_iter().map(IntoActiveModel::into_active_model).collect();
    for rows in rows.chunks(INSERT_ROWS) {
        Entity::insert_many(rows.to_vec()).on_conflict(newer.clone()).exec_without_returning(txn).await?;
    }
    Ok(())
}

/// The days of a period that are known in the currency the shop counts in, oldest first.
pub async fn shop_days(
    db: &impl ConnectionTrait,
    shop: ShopId,
    (from, to): (Day, Day),
    currency: Currency,
) -> Result<Vec<Model>, DbErr> {
    let known = Entity::of(shop).filter(COLUMN.day.between(from, to)).filter(COLUMN.currency.eq(currency.code()));
    known.order_by_asc(COLUMN.day).all(db).await
}
