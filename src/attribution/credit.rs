//! A message's share of an order, by one model, at one stage.

use sea_orm::entity::prelude::*;

use super::models::Model as CreditModel;
use crate::campaigns::{CampaignId, MessageId};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::OrderId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credits")]
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
    #[sea_orm(primary_key, auto_increment = false)]
    pub model: CreditModel,
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: MessageId,
    pub campaign_id: CampaignId,
    pub credit_minor: i64,
}

impl ActiveModelBehavior for ActiveModel {}
