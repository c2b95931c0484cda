//! A report of what became of a message, as whoever tells it names the message.
#![expect(missing_docs, reason = "variants and fields are WhatsApp's own words")]

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::message::Charged;
use crate::kernel::id::MessageId;
use crate::kernel::{Price, Timestamp};

/// WhatsApp's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Sent,
    Delivered,
    Read,
    Failed,
}

/// How a report names its message.
#[derive(Clone, Debug)]
pub enum Known {
    /// By our id.
    Id(MessageId),
    /// By WhatsApp's id; it contains the recipient, so only its keyed hash is ever kept.
    Wamid(String),
}

/// One report.
#[derive(Clone, Debug)]
pub struct Reported {
    pub message: Known,
    /// WhatsApp's id, when the report carries it beside ours.
    pub wamid: Option<String>,
    pub status: Status,
    pub at: Timestamp,
    pub error_code: Option<i64>,
    pub cost: Option<Price>,
    /// Whose number it went to.
    pub country: Option<String>,
    /// What else is told of its charge.
    pub pricing: Charged,
}
