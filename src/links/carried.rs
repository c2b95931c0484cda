//! That a link carries another code since: what tells nodes that remember it to read it again.

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "carried_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// The links of a shop that carry another code since; the latest `most`.
pub async fn carried_since(
    db: &impl ConnectionTrait,
    shop: ShopId,
    since: Timestamp,
    most: u64,
) -> Result<Vec<String>, DbErr> {
    let find = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.at.gte(since));
    find.select_only().column(Column::Slug).order_by_desc(COLUMN.at).limit(most).into_tuple().all(db).await
}
