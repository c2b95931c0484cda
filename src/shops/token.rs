//! How we may speak for a shop: an expiring token pair, sealed.

use sea_orm::entity::prelude::*;

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    pub access_sealed: String,
    pub access_expires_at: Timestamp,
    pub refresh_sealed: String,
    pub refresh_expires_at: Timestamp,
    pub version: i32,
    pub reopen_since: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
