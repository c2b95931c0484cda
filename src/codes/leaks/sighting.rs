//! One thing the leak radar saw.

use sea_orm::entity::prelude::*;

use super::alarm::Kind;
use crate::codes::id::{DiscountId, RedeemCodeId};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "code_sightings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub redeem_code_id: RedeemCodeId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Kind,
    /// `order:…`, `checkout:…` or `code`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seen_on: String,
    pub discount_id: DiscountId,
    pub at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Sightings of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}
