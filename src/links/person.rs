//! What this room can show of a person: the hits on their links; and letting go of what they were judged by.
//!
//! A hit keeps no address. It keeps the browser's name and the device's mark ([`super::classify::device`]) for as long as
//! it may have to be judged again; then both go, and the verdict stays.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::classify::Signs;
use super::click::{COLUMN, Column, Entity, Model as Click};
use crate::db::INSERT_ROWS;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Taps on some links, oldest first.
pub async fn clicks_of(db: &impl ConnectionTrait, shop: ShopId, slugs: &[String]) -> Result<Vec<Click>, DbErr> {
    let find = Entity::of(shop).filter(COLUMN.slug.is_in(slugs.to_vec()));
    find.order_by_asc(COLUMN.at).order_by_asc(COLUMN.id).all(db).await
}

/// Lets go of the signs of hits from before `before`: browser, mark, Meta's click id. Counts and verdicts stay. Answers
/// how many, about [`INSERT_ROWS`] at a time.
pub async fn let_old_signs_go(txn: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    let kept = Expr::col(Column::Signs).bit_and(Signs::GONE).eq(0);
    let last: Option<Timestamp> = Entity::of(shop)
        .filter(COLUMN.at.lt(before))
        .filter(kept.clone())
        .select_only()
        .column(Column::At)
        .order_by_asc(COLUMN.at)
        .limit(INSERT_ROWS as u64)
        .into_tuple::<Timestamp>()
        .all(txn)
        .await?
        .pop();
    let Some(last) = last else { return Ok(0) };
    let gone = without_signs(shop).filter(COLUMN.at.lte(last)).filter(kept).exec(txn).await?;
    Ok(usize::try_from(gone.rows_affected).unwrap_or(INSERT_ROWS))
}

/// Lets go of the signs of every hit on some links: whoever they were sent to is forgotten.
pub async fn let_signs_go(txn: &impl ConnectionTrait, shop: ShopId, slugs: &[String]) -> Result<(), DbErr> {
    without_signs(shop).filter(COLUMN.slug.is_in(slugs.to_vec())).exec(txn).await.map(drop)
}

fn without_signs(shop: ShopId) -> sea_orm::UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::Signs, Expr::col(Column::Signs).bit_or(Signs::GONE))
        .col_expr(Column::Device, Expr::value(0))
        .col_expr(Column::Agent, Expr::value(Option::<String>::None))
        .col_expr(Column::MetaClick, Expr::value(Option::<i64>::None))
        .filter(COLUMN.shop_id.eq(shop))
}
