//! Which order used which code: a fact, and what finds a code used twice.

use sea_orm::entity::prelude::*;

use super::order::OrderId;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
}

impl ActiveModelBehavior for ActiveModel {}
