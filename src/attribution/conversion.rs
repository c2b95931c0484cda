//! An order with its verdict, from one instant until the next.

use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;

use super::kind::Kind;
use super::line::Line;
use super::policy::DEFAULT;
use crate::campaigns::CampaignId;
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Day, Timestamp};
use crate::orders::OrderId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversions")]
#[expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub policy: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub effective_at: Timestamp,
    pub superseded_at: Timestamp,
    pub policy_version: i32,
    pub ordered_at: Timestamp,
    pub ordered_on: Day,
    pub line: Line,
    pub why: String,
    pub net_minor: i64,
    pub left_out_minor: i64,
    pub tips_minor: i64,
    pub gift_cards_minor: i64,
    pub currency: String,
    pub message_id: Option<MessageId>,
    pub campaign_id: Option<CampaignId>,
    pub evidence: Option<Kind>,
    pub shared: bool,
    pub recovered_message_id: Option<MessageId>,
    /// Nothing ties it to a message, but its shopper had got one or read one.
    pub assisted: bool,
    /// Nothing but the pixel ties it to its message, and anybody may write what the pixel says.
    pub by_pixel: Option<bool>,
}

impl ActiveModelBehavior for ActiveModel {}

/// How some orders stand now by the default policy.
pub async fn standing(db: &impl ConnectionTrait, shop: ShopId, orders: &[OrderId]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.policy.eq(DEFAULT))
        .filter(COLUMN.shopify_order_id.is_in(orders.to_vec()))
        .filter(COLUMN.superseded_at.eq(Timestamp::FOREVER))
        .all(db)
        .await
}
