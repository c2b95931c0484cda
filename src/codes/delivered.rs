//! A message was delivered: the clock of its code starts, if that is when it starts.
//!
//! The earliest delivery counts, whatever order we hear of them in: an end only ever moves forward in time, so applying
//! every report in any order leaves the same end.

use sea_orm::sea_query::{CaseStatement, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};

use super::id::RedeemCodeId;
use super::redeem_code::{COLUMN, Column, Entity, Model};
use super::redemption;
use super::shopify::own_discount;
use crate::app::App;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::news::{self, News};

/// The message of a code arrived at `at`. Answers the code when its end moved.
pub async fn delivered(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    code: RedeemCodeId,
    at: Timestamp,
    now: Timestamp,
) -> Result<Option<Model>, DbErr> {
    let life = Expr::col(Column::LifeSeconds).mul(1_000_000_i64);
    let end = Expr::value(Timestamp::from_seconds(at.seconds())).add(life);
    // What is written down as expired ended with its new end.
    let expired: Expr = CaseStatement::new()
        .case(Expr::col(Column::ExpiredAt).is_null(), Expr::value(Option::<Timestamp>::None))
        .finally(end.clone())
        .into();
    let moved = Entity::update_many()
        .col_expr(Column::ExpiresAt, end.clone())
        .col_expr(Column::ExpiredAt, expired)
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.id.eq(code))
        .filter(Column::LifeSeconds.is_not_null())
        .filter(Expr::col(Column::ExpiresAt).gt(end))
        .exec_with_returning(txn)
        .await?
        .pop();
    if let Some(code) = &moved {
        own_discount::end_moved(txn, app, code, now).await?;
        EndMoved::tell(txn, app, code, now).await?;
    }
    Ok(moved)
}

/// News: a code that an order used ends at another instant than was known, and with it the window in which it counts.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct EndMoved(pub RedeemCodeId);

impl EndMoved {
    async fn tell(txn: &impl ConnectionTrait, app: &App, code: &Model, now: Timestamp) -> Result<(), DbErr> {
        let uses = redemption::Entity::of(code.shop_id).filter(redemption::COLUMN.redeem_code_id.eq(code.id));
        if uses.limit(1).one(txn).await?.is_none() {
            return Ok(());
        }
        news::tell(txn, app, code.shop_id, &Self(code.id), now).await
    }
}

impl News for EndMoved {
    const NAME: &'static str = "codes.end_moved";

    /// Once per code, however often it moves.
    fn key(&self) -> Option<String> {
        Some(format!("end-moved:{}", self.0))
    }
}
