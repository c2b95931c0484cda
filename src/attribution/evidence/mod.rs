//! Kinds of evidence, strongest first. A new kind is one file here and one line in [`KINDS`].

mod click_attribute;
mod redeem_code;

use sea_orm::entity::prelude::{DeriveActiveEnum, EnumIter, StringLen};
use serde::{Deserialize, Serialize};

use super::policy::Policy;
use crate::campaigns::{CampaignId, MessageId};
use crate::kernel::Timestamp;
use crate::orders::Order;

/// Why an order belongs to a message.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = EvidenceKind)]
pub enum Kind {
    /// The order used a code issued to the message's recipient.
    RedeemCode,
    /// The order's attributes carry a click id of the message's link.
    ClickAttribute,
}

/// How much a kind proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// It names the message itself.
    Certain,
}

/// A message that evidence points to, as loaded: what the rules look at and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointed {
    /// The message.
    pub message: MessageId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// When code and link were issued.
    pub issued_at: Timestamp,
    /// By what it is pointed to.
    pub by: Pointer,
    /// Known never to have arrived.
    pub failed: bool,
    /// When it arrived, as far as we know.
    pub arrived_at: Option<Timestamp>,
}

/// What on the order points to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pointer {
    /// A code, and when it ended.
    Code(String, Option<Timestamp>),
    /// A click id, and when the click happened.
    Click(String, Timestamp),
}

/// One piece of evidence, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its kind.
    pub kind: Kind,
    /// How much it proves.
    pub class: Class,
    /// The message.
    pub message: MessageId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Where its window begins.
    pub since: Timestamp,
    /// When the message touched the order.
    pub touched_at: Timestamp,
    /// How long its window is; `None`: no limit.
    pub window_seconds: Option<i64>,
    /// Whether the order lies in the window.
    pub holds: bool,
    /// Settles ties between equals: the later issue.
    pub issued_at: Timestamp,
    /// The code it rests on.
    pub code: Option<String>,
    /// The click id it rests on.
    pub click_id: Option<String>,
}

type Rule = fn(&Order, &Pointed, &Policy) -> Option<Evidence>;

/// Every kind's rule, strongest first.
const KINDS: &[Rule] = &[redeem_code::judge, click_attribute::judge];

/// All evidence that ties an order to messages: those that hold first, then by strength, then the latest.
/// The first one that holds is the originating message's.
pub fn gather(order: &Order, pointed: &[Pointed], policy: &Policy) -> Vec<Evidence> {
    let mut found: Vec<Evidence> =
        KINDS.iter().flat_map(|rule| pointed.iter().filter_map(|pointed| rule(order, pointed, policy))).collect();
    found.sort_by_key(|e| {
        (!e.holds, e.kind, std::cmp::Reverse((e.touched_at, e.issued_at)), e.message, e.click_id.clone())
    });
    found.dedup();
    found
}
