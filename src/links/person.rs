//! What this room can show of a person: the taps on their links. A tap keeps no address and no browser, so that there is
//! nothing in it to forget.

use sea_orm::{ConnectionTrait, DbErr, QueryFilter, QueryOrder};

use super::click::{COLUMN, Entity, Model as Click};
use crate::kernel::id::ShopId;

/// Taps on some links, oldest first.
pub async fn clicks_of(db: &impl ConnectionTrait, shop: ShopId, slugs: &[String]) -> Result<Vec<Click>, DbErr> {
    let find = Entity::of(shop).filter(COLUMN.slug.is_in(slugs.to_vec()));
    find.order_by_asc(COLUMN.at).order_by_asc(COLUMN.id).all(db).await
}
