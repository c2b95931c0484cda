//! One number that Meta told: a figure of a template on a day.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub enum Figure {
    Sent,
    Delivered,
    Read,
    /// Clicks on buttons that open an address.
    UrlClicks,
    /// The same, each account once per button and day.
    UniqueUrlClicks,
    /// Taps on buttons that answer in the chat.
    QuickReplies,
    /// What the messages cost, in minor units.
    Spent,
}

impl Figure {
    /// Whether Meta lets it fall to zero by itself.
    pub(super) fn is_forgotten(self) -> bool {
        matches!(self, Self::Read | Self::UrlClicks | Self::UniqueUrlClicks | Self::QuickReplies)
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "template_figures")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    /// When the day begins, in UTC or in the zone of the merchant's WhatsApp account, as it was asked for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub start: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub template_id: String,
    /// `cloud_api`, or Meta's name of its Marketing Messages API.
    #[sea_orm(primary_key, auto_increment = false)]
    pub product: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub figure: Figure,
    pub amount: i64,
    /// Of money.
    pub currency: Option<String>,
    pub told_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Figures of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}
