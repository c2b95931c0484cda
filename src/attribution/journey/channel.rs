//! The channels by which people come.

use sea_orm::entity::prelude::{DeriveActiveEnum, EnumIter, StringLen};
use serde::{Deserialize, Serialize};

/// A channel. `Other` is what is known and none of the rest: text messages, push.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A message of ours, or another one on WhatsApp.
    Whatsapp,
    /// E-mail.
    Email,
    /// Advertising and affiliates.
    Paid,
    /// Search without payment.
    Organic,
    /// A link on somebody else's page, social networks too.
    Referral,
    /// Typed in, from a bookmark, or from where nothing is told.
    Direct,
    /// Text messages, push, and what names itself in no known way.
    Other,
}

impl Channel {
    /// Its name, as reports and files write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
            Self::Email => "email",
            Self::Paid => "paid",
            Self::Organic => "organic",
            Self::Referral => "referral",
            Self::Direct => "direct",
            Self::Other => "other",
        }
    }

    /// What it is called in a sentence.
    pub const fn called(self) -> &'static str {
        match self {
            Self::Whatsapp => "WhatsApp",
            Self::Email => "e-mail",
            Self::Paid => "paid advertising",
            Self::Organic => "search",
            Self::Referral => "another page",
            Self::Direct => "nobody we know of",
            Self::Other => "another channel",
        }
    }
}
