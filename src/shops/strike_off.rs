//! The last of an erased shop: its lines in the directories.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::{number, shop};
use crate::kernel::id::ShopId;

/// Takes a shop out of the directories. Each stands alone: they are copied to every node.
pub async fn strike_off(db: &impl ConnectionTrait, shop: ShopId) -> Result<(), DbErr> {
    number::keep_only(db, shop, &[]).await?;
    shop::Entity::delete_many().filter(shop::COLUMN.shop_id.eq(shop)).exec(db).await.map(drop)
}
