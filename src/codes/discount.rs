//! One discount at Shopify: an offer, until the end of a slot.

use sea_orm::entity::prelude::*;

use crate::campaigns::CampaignId;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

crate::uuid_id!(
    /// A discount of ours at Shopify.
    DiscountId
);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "discounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DiscountId,
    pub campaign_id: CampaignId,
    pub slot_ends_at: Timestamp,
    pub state: State,
    pub title: String,
    pub shopify_discount_id: Option<String>,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Discounts of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// Where a discount stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub enum State {
    /// Wanted here, unknown at Shopify.
    Planned,
    /// Shopify was asked for it; the answer may have been lost.
    Asked,
    /// It exists at Shopify.
    Live,
}
