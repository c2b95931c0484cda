//! What was made of a checkout.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::OrderId;

/// Where a checkout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub enum State {
    /// Nobody is known who could be reached.
    Unreachable,
    /// It was worked on a short while ago.
    Working,
    /// It lies quiet.
    Open,
    /// It lay quiet, and was completed after all.
    Recovered,
    /// It lay quiet, and its shopper bought elsewhere in the shop.
    Withdrawn,
    /// It lay quiet, and Shopify deleted it.
    Deleted,
    /// It ended before it lay quiet.
    Over,
}

impl State {
    /// Those in which a checkout lay quiet at least once, and is not being worked on.
    pub const fn quiet() -> [Self; 4] {
        [Self::Open, Self::Recovered, Self::Withdrawn, Self::Deleted]
    }
}

/// Why a checkout is offered to nobody any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = WithdrawnBecause)]
pub enum Because {
    /// It was completed itself.
    Completed,
    /// The same person bought something else, or by another checkout.
    Bought,
    /// Shopify deleted it.
    Deleted,
    /// It is being worked on again; if it goes quiet again, it is offered again.
    Resumed,
    /// Nobody is known any more who could be reached.
    Unreachable,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "abandonments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: String,
    pub state: State,
    /// The last step that counts.
    pub last_at: Timestamp,
    pub abandoned_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub ended_by: Option<Because>,
    pub shopify_order_id: Option<OrderId>,
    /// When it was offered last, by our clock.
    pub offered_at: Option<Timestamp>,
    /// When the last offer was taken back, by our clock.
    pub withdrawn_at: Option<Timestamp>,
    /// The longest delay whose campaigns were told; 0: nobody was.
    pub told_seconds: i32,
    /// When time alone will change it.
    pub next_at: Option<Timestamp>,
    /// How often it was looked at: whoever looks raises it first, so that two at once stand in line.
    pub looks: i32,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Rows of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// What was made of some checkouts, by token.
pub async fn rows_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    tokens: Vec<String>,
) -> Result<HashMap<String, Model>, DbErr> {
    let rows = Entity::of(shop).filter(COLUMN.token.is_in(tokens)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.token.clone(), row)).collect())
}
