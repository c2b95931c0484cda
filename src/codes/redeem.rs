//! An order used a code.

use std::collections::HashMap;

use sea_orm::sea_query::{CaseStatement, Expr, Func, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
};

use super::doubted::doubt_codes;
use super::generate::fold;
use super::id::RedeemCodeId;
use super::leaks::radar::{self, Kind, SeenOn};
use super::redeem_code::{COLUMN, Column, Entity, Model, State};
use super::redemption;
use crate::app::App;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// What an order says of a code it used.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    /// The code, in any case.
    pub code: &'a str,
    /// Shopify's numeric order id.
    pub order: i64,
    /// When the shopper ordered.
    pub at: Timestamp,
    /// When the order was cancelled.
    pub cancelled_at: Option<Timestamp>,
}

/// Which codes of ours are used, and when.
pub async fn named(
    db: &impl ConnectionTrait,
    shop: ShopId,
    used: &[Use<'_>],
) -> Result<Vec<(RedeemCodeId, Timestamp)>, DbErr> {
    if used.is_empty() {
        return Ok(Vec::new());
    }
    let ours = Entity::of(shop).filter(COLUMN.code.is_in(used.iter().map(|used| fold(used.code)))).all(db).await?;
    let ours: HashMap<&str, RedeemCodeId> = ours.iter().map(|code| (code.code.as_str(), code.id)).collect();
    Ok(used.iter().filter_map(|used| Some((*ours.get(fold(used.code).as_str())?, used.at))).collect())
}

/// Marks codes as used; the earliest use counts, whatever order we hear of them in. What is no code of ours is passed over.
/// A second order with the same code is kept and flagged; which of them it belongs to is attribution's business.
pub async fn redeem(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    used: Vec<Use<'_>>,
    now: Timestamp,
) -> Result<(), DbErr> {
    if used.is_empty() {
        return Ok(());
    }
    let named = used.iter().map(|used| fold(used.code));
    let ours = Entity::of(shop).filter(COLUMN.code.is_in(named)).all(txn).await?;
    let ours: HashMap<&str, &Model> = ours.iter().map(|code| (code.code.as_str(), code)).collect();
    for used in used {
        let Some(code) = ours.get(fold(used.code).as_str()) else { continue };
        mark(txn, code, used.at).await?;
        keep(txn, code, used, now).await?;
        let on = SeenOn::Order(used.order);
        if code.was_given_to_nobody() {
            radar::sight(txn, app, code, Kind::Canary, on, used.at, now).await?;
        }
        let uses =
            redemption::Entity::of(shop).filter(redemption::COLUMN.redeem_code_id.eq(code.id)).count(txn).await?;
        if uses > 1 {
            radar::sight(txn, app, code, Kind::UsedTwice, SeenOn::Code, used.at, now).await?;
        }
    }
    Ok(())
}

/// Facts outrank our own book-keeping: a code that was used existed, whatever state we thought it in.
async fn mark(txn: &impl ConnectionTrait, code: &Model, at: Timestamp) -> Result<(), DbErr> {
    let earlier: Expr = CaseStatement::new()
        .case(Expr::col(Column::RedeemedAt).lt(at), Expr::col(Column::RedeemedAt))
        .finally(at)
        .into();
    Entity::update_many()
        .col_expr(Column::RedeemedAt, earlier)
        .col_expr(Column::State, Expr::value(State::Redeemed))
        .filter(COLUMN.shop_id.eq(code.shop_id))
        .filter(COLUMN.id.eq(code.id))
        .exec(txn)
        .await?;
    doubt_codes(txn, code.shop_id, &[code.id]).await
}

/// Keeps the use once per order; a cancellation is never taken back, whichever state of the order comes last.
async fn keep(txn: &impl ConnectionTrait, code: &Model, used: Use<'_>, now: Timestamp) -> Result<(), DbErr> {
    use redemption::Column as C;
    let row = redemption::ActiveModel {
        shop_id: Set(code.shop_id),
        redeem_code_id: Set(code.id),
        shopify_order_id: Set(used.order),
        at: Set(used.at),
        cancelled_at: Set(used.cancelled_at),
        noted_at: Set(now),
        looked_at: Set(None),
    };
    let cancelled =
        Func::coalesce([Expr::col(("redemptions", C::CancelledAt)), Expr::col(("excluded", C::CancelledAt))]);
    let once = OnConflict::columns([C::ShopId, C::RedeemCodeId, C::ShopifyOrderId])
        .value(C::CancelledAt, cancelled)
        .to_owned();
    redemption::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await.map(drop)
}
