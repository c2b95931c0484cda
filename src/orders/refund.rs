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
}

impl ActiveModelBehavior for ActiveModel {}
