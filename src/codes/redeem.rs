//! An order used a code.

use sea_orm::sea_query::{CaseStatement, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter};

use super::generate::fold;
use super::redeem_code::{COLUMN, Column, Entity, State};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Marks a code as used at `at`, the instant of the order; the earliest use counts, whatever order we hear of them in.
/// `false`: not a code of ours. Which order used it is attribution's business.
pub async fn redeem(db: &impl ConnectionTrait, shop: ShopId, code: &str, at: Timestamp) -> Result<bool, DbErr> {
    let earlier: Expr = CaseStatement::new()
        .case(Expr::col(Column::RedeemedAt).lt(at), Expr::col(Column::RedeemedAt))
        .finally(at)
        .into();
    // Facts outrank our own book-keeping: a code that was used existed, whatever state we thought it in.
    let update = Entity::update_many()
        .col_expr(Column::RedeemedAt, earlier)
        .col_expr(Column::State, Expr::value(State::Redeemed))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.code.eq(fold(code)));
    Ok(update.exec(db).await?.rows_affected == 1)
}
