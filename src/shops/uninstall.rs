//! A shop leaves: its tokens are void already, ours go too, and its link domain is free for whoever it leads here for
//! next. Its data waits for `shop/redact`.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::{condition, shop, token};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Marks the shop as uninstalled at `at` and drops its tokens. A late `app/uninstalled` of an earlier life changes
/// nothing but what is void anyway: `false`. Earlier is what is older than the present installation, and what is older
/// than an opening of the app since: Shopify vouched for that one, so the app was there again.
pub async fn uninstall(db: &impl ConnectionTrait, shop: ShopId, at: Timestamp) -> Result<bool, DbErr> {
    if condition::of(db, shop).await?.opened_at.is_some_and(|opened_at| opened_at > at) {
        return outlived(db, shop, at).await.map(|()| false);
    }
    let left = shop::Entity::update_many()
        .col_expr(shop::Column::UninstalledAt, Expr::value(at))
        .col_expr(shop::Column::LinkDomain, Expr::value(Option::<String>::None))
        .col_expr(shop::Column::LinkDomainRestsAt, Expr::value(Option::<Timestamp>::None))
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

/// The shop left and came back before we heard of it: a pair from before is void, and the next opening brings another.
async fn outlived(db: &impl ConnectionTrait, shop: ShopId, at: Timestamp) -> Result<(), DbErr> {
    let Some(kept) = token::of(db, shop).await?.filter(|kept| kept.exchanged_at <= at) else { return Ok(()) };
    let reason = "The app was removed and added again; the token from before is void.";
    token::need_reopening(db, &kept, reason, at).await.map(drop)
}
