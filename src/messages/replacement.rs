//! A message's second code: once per message, whoever asks and however often.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::codes::RedeemCodeId;
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "replacements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: MessageId,
    /// What it carried first.
    pub old_code_id: RedeemCodeId,
    /// What it carries since.
    pub new_code_id: RedeemCodeId,
    pub reason: Reason,
    pub replaced_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Replacements of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// Why a recipient got another code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = ReplacementReason)]
pub enum Reason {
    /// It ended before WhatsApp delivered the message, or so soon after that its life was cut short.
    ExpiredBeforeDelivery,
    /// It was taken back.
    Revoked,
    /// The order that used it was cancelled; Shopify does not give a used code back.
    OrderCancelled,
}
