//! What one transaction changed, until it is added to the cells.

use sea_orm::entity::prelude::*;

use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "count_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// [`Changes`](super::Changes), written out.
    pub changes: String,
}

impl ActiveModelBehavior for ActiveModel {}
