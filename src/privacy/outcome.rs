//! What became of a request, written down beside it.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::jobs::{JobError, Next};
use crate::kernel::Timestamp;
use crate::tombstones::{REQUEST, Request, RequestColumn, Requests, State};

/// It is dealt with: the payload goes, why and when stay.
pub(super) async fn close(
    db: &impl ConnectionTrait,
    request: &Request,
    state: State,
    reason: String,
    now: Timestamp,
) -> Result<Next, JobError> {
    let update = Requests::update_many()
        .col_expr(RequestColumn::State, Expr::value(state))
        .col_expr(RequestColumn::Reason, Expr::value(reason))
        .col_expr(RequestColumn::DoneAt, Expr::value(now))
        .col_expr(RequestColumn::PayloadSealed, Expr::value(Vec::<u8>::new()));
    of(update, request).exec(db).await?;
    Ok(Next::Done)
}

/// The export was handed to the merchant.
pub(super) async fn downloaded(db: &impl ConnectionTrait, request: &Request, now: Timestamp) -> Result<(), DbErr> {
    let update = Requests::update_many()
        .col_expr(RequestColumn::State, Expr::value(State::Done))
        .col_expr(RequestColumn::DoneAt, Expr::value(now))
        .filter(RequestColumn::DoneAt.is_null());
    of(update, request).exec(db).await.map(drop)
}

/// To write about this request.
pub(super) fn of(update: sea_orm::UpdateMany<Requests>, request: &Request) -> sea_orm::UpdateMany<Requests> {
    update.filter(REQUEST.shop_id.eq(request.shop_id)).filter(REQUEST.id.eq(&request.id))
}
