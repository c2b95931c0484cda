//! Finding checkouts by what others know of them.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::checkout::{COLUMN, Column, Entity, Model as Checkout};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// One checkout as it stands.
pub async fn find(db: &impl ConnectionTrait, shop: ShopId, token: &str) -> Result<Option<Checkout>, DbErr> {
    Entity::find_by_id((shop, token.to_owned())).one(db).await
}

/// Checkouts of a cart, by token: one cart may have had several.
pub async fn of_cart(db: &impl ConnectionTrait, shop: ShopId, cart: &str) -> Result<Vec<Checkout>, DbErr> {
    Entity::of(shop).filter(Column::CartToken.eq(cart)).order_by_asc(COLUMN.token).all(db).await
}

/// Checkouts that a customer began from one instant until before another, by token.
pub async fn begun_by(
    db: &impl ConnectionTrait,
    shop: ShopId,
    customer: i64,
    (from, before): (Timestamp, Timestamp),
) -> Result<Vec<Checkout>, DbErr> {
    let of_customer = Entity::of(shop).filter(Column::ShopifyCustomerId.eq(customer));
    let begun = of_customer.filter(COLUMN.created_at.gte(from)).filter(COLUMN.created_at.lt(before));
    begun.order_by_asc(COLUMN.token).all(db).await
}
