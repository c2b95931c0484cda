//! One step of a checkout: an instant at which it was worked on.

use sea_orm::entity::prelude::*;

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checkout_activities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
