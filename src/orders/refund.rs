//! Money that went back.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;

use super::order::OrderId;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refunds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_refund_id: i64,
    pub at: Timestamp,
    pub version_key: String,
    pub goods_minor: i64,
    pub shipping_minor: i64,
    pub tax_minor: i64,
    pub tips_minor: i64,
    pub gift_cards_minor: i64,
    pub charges_minor: i64,
    pub moved_minor: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// How much of the money that went back no part explains; nothing when it is not told.
    pub fn unexplained(&self) -> i64 {
        let goods = [self.goods_minor, self.shipping_minor, self.tax_minor];
        let others = [self.tips_minor, self.gift_cards_minor, self.charges_minor];
        let parts = goods.into_iter().chain(others).fold(0, i64::saturating_add);
        self.moved_minor.map_or(0, |moved| moved.saturating_sub(parts))
    }
}
