//! The receipt of a conversion: everything that was weighed, in a form a merchant can read.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::journey::{Channel, Touch};
use super::kind::{Class, Kind};
use crate::campaigns::CampaignId;
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::orders::OrderId;

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The order goes back to this message.
    Won,
    /// Other evidence of the message that won.
    Agrees,
    /// Stronger or later evidence of another message won.
    Lost,
    /// The evidence was too old, or younger than the order.
    OutsideWindow,
    /// In time, but a later click of another channel outweighs it.
    Yielded,
}

/// A message the order might have gone back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The message.
    pub message_id: MessageId,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// By which evidence.
    pub kind: Kind,
    /// How much that proves.
    pub class: Class,
    /// When the evidence arose.
    pub evidence_at: Timestamp,
    /// Its age at the order, in seconds.
    pub age_seconds: i64,
    /// How old it may be.
    pub window_seconds: Option<i64>,
    /// Whether it counts.
    pub holds: bool,
    /// Whether the policy credits orders to its kind.
    #[serde(default = "yes")]
    pub credited: bool,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, in a sentence.
    pub why: String,
    /// The code it rests on.
    pub code: Option<String>,
    /// The click id it rests on.
    pub click_id: Option<String>,
}

/// Before exposure was weighed every kind was credited.
const fn yes() -> bool {
    true
}

/// A touch that the models share an order among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SharedTouch {
    /// When.
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
    /// By which channel.
    pub channel: Channel,
    /// Our message; `null`: another channel.
    pub message_id: Option<MessageId>,
}

/// Why the order counts as recovered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovered {
    /// The message about the abandoned checkout.
    pub message_id: MessageId,
    /// The checkout that became the order.
    pub checkout_token: String,
    /// When it counted as abandoned.
    pub abandoned_at: Timestamp,
}

/// Everything that was weighed for one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Receipt {
    /// Under which policy.
    pub policy: String,
    /// And which version of it.
    pub policy_version: i32,
    /// All candidates: the winner first, then what held, then what did not.
    pub candidates: Vec<Candidate>,
    /// The code was used by somebody else than its recipient.
    pub shared: bool,
    /// The order completed an abandoned checkout that a message was about.
    pub recovered: Option<Recovered>,
    /// Messages that reached or were read by the shopper, where nothing ties the order to one.
    #[serde(default)]
    pub assisted: Vec<MessageId>,
    /// What touched the order, ours and others', oldest first.
    #[serde(default)]
    pub journey: Vec<Touch>,
    /// What the models share the order among, oldest first: whoever recomputes them by hand needs no more.
    #[serde(default)]
    pub touchpoints: Vec<SharedTouch>,
    /// Another paid or owned channel was clicked after the winner's evidence began: in a sentence.
    #[serde(default)]
    pub contested: Option<String>,
}

impl Receipt {
    /// The candidate the order goes back to.
    pub fn winner(&self) -> Option<&Candidate> {
        self.candidates.iter().find(|candidate| candidate.outcome == Outcome::Won)
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub policy: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    #[sea_orm(column_type = "JsonBinary")]
    pub document: Receipt,
}

impl ActiveModelBehavior for ActiveModel {}
