//! Kinds of evidence, strongest first. A new kind is one file here and one line in [`KINDS`].

mod click_attribute;
mod click_session;
mod person_click;
mod redeem_code;

pub use click_session::pixel_ties;

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
    /// The visit that ended in the order was opened by the message's link.
    ClickSession,
    /// The recipient tapped the message's link and then ordered.
    PersonClick,
}

impl Kind {
    /// How much it proves.
    pub const fn class(self) -> Class {
        match self {
            Self::RedeemCode | Self::ClickAttribute => Class::Certain,
            Self::ClickSession | Self::PersonClick => Class::Strong,
        }
    }

    /// What it is called in a sentence.
    pub const fn called(self) -> &'static str {
        match self {
            Self::RedeemCode => "a redeemed code",
            Self::ClickAttribute => "a click id on the cart",
            Self::ClickSession => "a visit opened by a link",
            Self::PersonClick => "a tap of the same person",
        }
    }
}

/// How much a kind proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// It names the message itself.
    Certain,
    /// It names a browser or a person, and those stand close to the message.
    Strong,
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
    /// A click id, when the click happened, and who says that it opened the visit.
    Session(String, Timestamp, Seen),
    /// A tap of the person behind the order, when, and how they are known to be the same.
    Person(String, Timestamp, &'static str),
}

/// Where a click id of a visit was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// In the address of the page the visit began on.
    pub landing: bool,
    /// By the pixel, in the browser that had this checkout, at this instant.
    pub pixel: Option<Timestamp>,
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
    /// What it rests on, as a sentence without its end.
    pub fact: String,
    /// Why it counts for nothing although it is in time.
    pub yielded: Option<String>,
    /// The code it rests on.
    pub code: Option<String>,
    /// The click id it rests on.
    pub click_id: Option<String>,
}

type Rule = fn(&Order, &Pointed, &Policy) -> Option<Evidence>;

/// Every kind's rule, strongest first.
const KINDS: &[Rule] = &[redeem_code::judge, click_attribute::judge, click_session::judge, person_click::judge];

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
