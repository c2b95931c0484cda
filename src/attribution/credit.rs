//! A share of an order, by one model, at one stage: a message's, or another channel's.

use sea_orm::entity::prelude::*;

use super::journey::Channel;
use super::models::{Credit, Credited, Model as CreditModel};
use crate::campaigns::CampaignId;
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::orders::{Order, OrderId};

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
    /// Which of the model's shares, by time: a channel may have several.
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    /// `None`: another channel's share.
    pub message_id: Option<MessageId>,
    pub campaign_id: Option<CampaignId>,
    pub channel: Channel,
    pub credit_minor: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The row of a share.
    pub(super) fn of(order: &Order, policy: &str, effective_at: Timestamp, credit: Credit) -> Self {
        let (message, channel) = match credit.to {
            Credited::Message(message, campaign) => (Some((message, campaign)), Channel::Whatsapp),
            Credited::Channel(channel) => (None, channel),
        };
        Self {
            shop_id: order.shop_id,
            policy: policy.to_owned(),
            shopify_order_id: order.shopify_order_id,
            effective_at,
            model: credit.model,
            place: credit.place,
            message_id: message.map(|(message, _)| message),
            campaign_id: message.map(|(_, campaign)| campaign),
            channel,
            credit_minor: credit.minor,
        }
    }

    /// Rows of an order have an order of their own, so that two derivations can be compared.
    pub(super) const fn place_in_line(&self) -> (Timestamp, CreditModel, i32) {
        (self.effective_at, self.model, self.place)
    }
}
