//! What this room can show of a person: the verdicts on their orders. Verdicts name messages, never people.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::{conversion, credit};
use crate::kernel::id::ShopId;
use crate::orders::OrderId;

/// Conversions and credits of some orders, oldest first.
pub async fn verdicts_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    orders: &[OrderId],
) -> Result<(Vec<conversion::Model>, Vec<credit::Model>), DbErr> {
    let conversions = conversion::Entity::find()
        .filter(conversion::COLUMN.shop_id.eq(shop))
        .filter(conversion::COLUMN.shopify_order_id.is_in(orders.to_vec()))
        .order_by_asc(conversion::COLUMN.shopify_order_id)
        .order_by_asc(conversion::COLUMN.effective_at)
        .all(db)
        .await?;
    let credits = credit::Entity::find()
        .filter(credit::COLUMN.shop_id.eq(shop))
        .filter(credit::COLUMN.shopify_order_id.is_in(orders.to_vec()))
        .order_by_asc(credit::COLUMN.shopify_order_id)
        .order_by_asc(credit::COLUMN.effective_at)
        .all(db)
        .await?;
    Ok((conversions, credits))
}
