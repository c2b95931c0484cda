//! The ledger's lines: every order of the shop stands on exactly one.

use std::borrow::Cow;

use sea_orm::entity::prelude::{DeriveActiveEnum, EnumIter, StringLen};
use serde::{Deserialize, Serialize};

use super::policy::Policy;

/// Where an order stands in the ledger.
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
pub enum Line {
    /// Evidence ties it to a message.
    Attributed,
    /// Evidence ties it to a message, but somebody else than the recipient used the code.
    AttributedShared,
    /// Nothing ties it to a message.
    Unattributed,
    /// Not paid yet.
    Pending,
    /// A subscription renewing itself.
    SubscriptionRenewals,
    /// Cancelled: counts 0.
    Cancelled,
    /// Paid with play money: counts 0.
    Test,
    /// In another currency than the shop counts in: never added to it.
    OtherCurrency,
}

impl Line {
    /// Whether a message is credited with it.
    pub const fn credited(self) -> bool {
        matches!(self, Self::Attributed | Self::AttributedShared)
    }

    /// What the line is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Attributed => "Attributed to messages",
            Self::AttributedShared => "Attributed, code used by somebody else",
            Self::Unattributed => "Not tied to any message",
            Self::Pending => "Not paid yet",
            Self::SubscriptionRenewals => "Subscription renewals",
            Self::Cancelled => "Cancelled",
            Self::Test => "Test orders",
            Self::OtherCurrency => "In another currency",
        }
    }

    /// Why an order stands on it, under a policy.
    pub fn why(self, policy: &Policy) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Attributed => return Cow::Owned(format!("The order {}.", policy.ties())),
            Self::AttributedShared => {
                "The code was issued to one person and used by another: neither phone nor e-mail agree."
            }
            Self::Unattributed => {
                "Nothing that counts as evidence ties these orders to a message. Recovered checkouts without any stand here too."
            }
            Self::Pending => "Placed but not paid; they move to another line once the money has come in.",
            Self::SubscriptionRenewals => "Orders a subscription makes by itself are left out of net sales here.",
            Self::Cancelled => "Cancelled orders count 0.",
            Self::Test => "Test orders count 0.",
            Self::OtherCurrency => {
                "Two currencies are never added: orders from before the shop changed its currency count 0."
            }
        })
    }
}
