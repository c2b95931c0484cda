//! One use of a code by one order. A single-use code may have two: Shopify promises nothing stricter.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;

use super::id::RedeemCodeId;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "redemptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub redeem_code_id: RedeemCodeId,
    /// Shopify's numeric order id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: i64,
    /// When the shopper ordered.
    pub at: Timestamp,
    /// When the order was cancelled; the code stays used all the same.
    pub cancelled_at: Option<Timestamp>,
    /// When we heard of it.
    pub noted_at: Timestamp,
    /// When the radar last looked at it.
    pub looked_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Redemptions of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}
