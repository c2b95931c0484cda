//! What a shop allows us, as it changes.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::condition;
use super::shop::{self, Model as Shop};
use crate::app::App;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shopify::Scopes;

/// Keeps what `app/scopes_update` says is granted since `at`. `false`: something newer is known.
pub async fn rescope(txn: &impl ConnectionTrait, shop: ShopId, scopes: &Scopes, at: Timestamp) -> Result<bool, DbErr> {
    if !condition::learnt_scopes(txn, shop, at).await? {
        return Ok(false);
    }
    write(txn, shop, scopes).await.map(|()| true)
}

/// Keeps what came with a token, if it is news.
pub(super) async fn granted(app: &App, shop: &Shop, scopes: &Scopes, now: Timestamp) -> Result<(), DbErr> {
    if Scopes::parse(&shop.scopes) == *scopes {
        return Ok(());
    }
    let txn = app.db.begin_write().await?;
    if condition::learnt_scopes(&txn, shop.shop_id, now).await? {
        write(&txn, shop.shop_id, scopes).await?;
    }
    txn.commit().await?;
    app.db.changed();
    Ok(())
}

async fn write(txn: &impl ConnectionTrait, shop: ShopId, scopes: &Scopes) -> Result<(), DbErr> {
    let update = shop::Entity::update_many().col_expr(shop::Column::Scopes, Expr::value(scopes.to_string()));
    update.filter(shop::COLUMN.shop_id.eq(shop)).exec(txn).await.map(drop)
}
