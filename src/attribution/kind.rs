//! Kinds of evidence and classes of kinds, by name. What each looks for stands in its own file in `evidence/`.

use sea_orm::entity::prelude::{DeriveActiveEnum, EnumIter, StringLen};
use serde::{Deserialize, Serialize};

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
    /// The order completes the abandoned checkout the message was about.
    Checkout,
    /// The order's attributes carry a click id of the message's link.
    ClickAttribute,
    /// The visit that ended in the order was opened by the message's link.
    ClickSession,
    /// The recipient tapped the message's link and then ordered.
    PersonClick,
    /// The recipient read the message and then ordered.
    PersonRead,
    /// The message reached the recipient, who then ordered.
    PersonDelivered,
}

impl Kind {
    /// Its name, as policies and reports write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RedeemCode => "redeem_code",
            Self::Checkout => "checkout",
            Self::ClickAttribute => "click_attribute",
            Self::ClickSession => "click_session",
            Self::PersonClick => "person_click",
            Self::PersonRead => "person_read",
            Self::PersonDelivered => "person_delivered",
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
    /// The person may have seen the message, and nothing shows that it moved them.
    Exposure,
}

impl Class {
    /// Its name, as the API writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Strong => "strong",
            Self::Exposure => "exposure",
        }
    }
}
