//! A WhatsApp message with its code and link.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;

use crate::campaigns::CampaignId;
use crate::codes::RedeemCodeId;
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Currency, Money, Price, Timestamp};
use crate::links::classify::Left;
use crate::people::RecipientId;
use crate::whatsapp::failure::{Failure, failure};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    pub campaign_id: CampaignId,
    pub recipient_id: RecipientId,
    pub redeem_code_id: Option<RedeemCodeId>,
    pub link_slug: String,
    pub checkout_token: Option<String>,
    pub wamid_hash: Option<String>,
    pub issued_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub sent_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub read_at: Option<Timestamp>,
    pub failed_at: Option<Timestamp>,
    pub failure_code: Option<i64>,
    pub cost_minor: Option<i64>,
    pub cost_currency: Option<String>,
    /// The price as it was told, to the digit; before it was kept, `cost_minor` says it.
    pub cost_amount: Option<String>,
    /// Whose number it went to (ISO 3166 alpha-2): messages are charged by it.
    pub country: Option<String>,
    /// WhatsApp's category of it, where it was told.
    pub price_category: Option<String>,
    /// `regular` is charged, `free_…` is not; where it was told.
    pub price_kind: Option<String>,
    /// When an order first used its code.
    pub code_redeemed_at: Option<Timestamp>,
}

/// What is told of a message's charge beside its price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Charged {
    /// `marketing`, `marketing_lite`, `utility`, …: not a closed list.
    pub category: Option<String>,
    /// `regular`, `free_customer_service`, `free_entry_point`, …
    pub kind: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Messages of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

impl Model {
    /// A message as it is made: nothing is known of what became of it, and it carries no code.
    pub fn made(
        (shop, id): (ShopId, MessageId),
        campaign: CampaignId,
        recipient: RecipientId,
        link_slug: String,
        now: Timestamp,
    ) -> Self {
        Self {
            shop_id: shop,
            id,
            campaign_id: campaign,
            recipient_id: recipient,
            redeem_code_id: None,
            link_slug,
            checkout_token: None,
            wamid_hash: None,
            issued_at: now,
            expires_at: None,
            sent_at: None,
            delivered_at: None,
            read_at: None,
            failed_at: None,
            failure_code: None,
            cost_minor: None,
            cost_currency: None,
            cost_amount: None,
            country: None,
            price_category: None,
            price_kind: None,
            code_redeemed_at: None,
        }
    }

    /// Whether it is known never to have arrived.
    pub const fn failed(&self) -> bool {
        self.failed_at.is_some() && self.delivered_at.is_none() && self.read_at.is_none()
    }

    /// What its failure means, where that is known.
    pub fn failure(&self) -> Option<Failure> {
        self.failure_code.and_then(failure).copied()
    }

    /// What it cost, as it was told.
    pub fn cost(&self) -> Option<Price> {
        let currency = Currency::parse(self.cost_currency.as_deref()?)?;
        match &self.cost_amount {
            Some(amount) => Price::parse(amount, currency).ok(),
            None => Some(Money::new(self.cost_minor?, currency).into()),
        }
    }

    /// When it left, by whatever was told of it.
    pub fn left(&self) -> Option<Left> {
        let about = [self.sent_at, self.delivered_at].into_iter().flatten().min();
        let by = [about, self.read_at].into_iter().flatten().min()?;
        Some(Left { by, about })
    }

    /// When it arrived, as far as we know: `read` implies `delivered`, and Meta may send only `read`.
    pub fn arrived_at(&self) -> Option<Timestamp> {
        [self.delivered_at, self.read_at].into_iter().flatten().min()
    }
}
