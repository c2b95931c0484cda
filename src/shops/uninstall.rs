//! A shop leaves: its tokens are void already, ours go too. Its data waits for `shop/redact`.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::{shop, token};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Marks the shop as uninstalled at `at` and drops its tokens. A late `app/uninstalled` of an earlier life, older than
/// the present installation, changes nothing: `false`.
pub async fn uninstall(db: &impl ConnectionTrait, shop: ShopId, at: Timestamp) -> Result<bool, DbErr> {
    let left = shop::Entity::update_many()
        .col_expr(shop::Column::UninstalledAt, Expr::value(at))
        .filter(shop::COLUMN.shop_id.eq(shop))
        .filter(shop::COLUMN.installed_at.lte(at))
        .exec(db)
        .await?
        .rows_affected;
    if left == 1 {
        token::Entity::delete_many().filter(token::COLUMN.shop_id.eq(shop)).exec(db).await?;
    }
    Ok(left == 1)
}
