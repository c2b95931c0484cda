//! What a shop grants us may change after the installation.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::shop;
use crate::kernel::id::ShopId;
use crate::shopify::Scopes;

/// Keeps the scopes Shopify says we have now. `true`: they were others before.
pub async fn granted(db: &impl ConnectionTrait, shop: ShopId, scopes: &Scopes) -> Result<bool, DbErr> {
    let scopes = scopes.to_string();
    let update = shop::Entity::update_many().col_expr(shop::Column::Scopes, Expr::value(scopes.clone()));
    let update = update.filter(shop::COLUMN.shop_id.eq(shop)).filter(shop::COLUMN.scopes.ne(scopes));
    Ok(update.exec(db).await?.rows_affected == 1)
}
