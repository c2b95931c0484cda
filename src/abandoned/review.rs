//! Looking again at checkouts, in the transaction that keeps a fact about them: what they are now, and whoever must be
//! told.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::abandonment::{ActiveModel, Because, COLUMN, Column, Entity, Model, State};
use super::delays::delays;
use super::judge::{Verdict, judge};
use super::load::facts_of;
use super::offered::{Offer, Offered, TakenBack, Withdrawn};
use crate::app::App;
use crate::checkouts::{self, Marks};
use crate::db::{INSERT_ROWS, counts};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::OrderId;
use crate::{jobs, news, orders};

/// How long before an order a checkout may have begun that it ends.
const REACH_SECONDS: i64 = 60 * 86_400;

/// What lay quiet long enough so long ago is offered to nobody any more.
pub(super) const FRESH_SECONDS: i64 = 7 * 86_400;

/// The job that looks at checkouts when they have lain quiet long enough.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Watch {}

/// What facts were kept about.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Tokens of checkouts.
    pub checkouts: BTreeSet<String>,
    /// Orders: they end the checkouts of whoever placed them.
    pub orders: BTreeSet<OrderId>,
}

/// Looks again at whatever was touched. Safe to repeat.
pub async fn review(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    touched: Touched,
    now: Timestamp,
) -> Result<(), DbErr> {
    let Touched { checkouts: mut tokens, orders } = touched;
    tokens.extend(of_orders(txn, shop, orders).await?);
    let tokens = stand_in_line(txn, shop, tokens).await?;
    if tokens.is_empty() {
        return Ok(());
    }
    let delays = delays(txn, shop).await?;
    let facts = facts_of(txn, shop, &tokens).await?;
    let rows = Entity::of(shop).filter(COLUMN.token.is_in(tokens)).all(txn).await?;
    let (mut offers, mut gone, mut next) = (Vec::new(), Vec::new(), None);
    for old in rows {
        let Some(facts) = facts.get(&old.token) else { continue };
        let verdict = judge(facts, delays[0], now);
        let mut new = old.clone();
        gone.extend(follow(&mut new, verdict, now));
        offers.extend(offer(&mut new, &delays, now));
        new.next_at = due(&new, &delays);
        next = [next, new.next_at].into_iter().flatten().min();
        write(txn, &old, new).await?;
    }
    if !offers.is_empty() {
        news::tell(txn, app, shop, &Offered { checkouts: offers }, now).await?;
    }
    if !gone.is_empty() {
        news::tell(txn, app, shop, &Withdrawn { checkouts: gone }, now).await?;
    }
    match next {
        Some(next) => jobs::enqueue(txn, &app.chance, shop, &Watch {}, next, now).await,
        None => Ok(()),
    }
}

/// Checkouts that some orders may end: their own, those of their carts, those of whoever placed them.
async fn of_orders(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    ids: BTreeSet<OrderId>,
) -> Result<BTreeSet<String>, DbErr> {
    let mut tokens = BTreeSet::new();
    let mut marks = Marks::default();
    let placed = if ids.is_empty() { Vec::new() } else { orders::named(txn, shop, ids).await? };
    let Some(span) = placed.first().zip(placed.last()) else { return Ok(tokens) };
    let span = (span.0.0.ordered_at.plus_seconds(-REACH_SECONDS), span.1.0.ordered_at);
    for (order, contacts) in placed {
        tokens.extend(order.checkout_token);
        marks.carts.extend(order.cart_token);
        marks.customers.extend(order.shopify_customer_id);
        marks.hashes.extend(contacts.each().map(|(_, hash)| hash.clone()));
    }
    tokens.extend(checkouts::marked(txn, shop, &marks, span).await?);
    Ok(tokens)
}

/// Makes sure that each checkout that is known has a row, and that nobody else looks at the same ones meanwhile: whoever
/// comes second waits, and then sees the facts of the first. Answers which are known.
async fn stand_in_line(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    tokens: BTreeSet<String>,
) -> Result<BTreeSet<String>, DbErr> {
    if tokens.is_empty() {
        return Ok(tokens);
    }
    let known: Vec<String> =
        checkouts::these(txn, shop, tokens).await?.into_iter().map(|checkout| checkout.token).collect();
    let again = OnConflict::columns([Column::ShopId, Column::Token])
        .value(Column::Looks, Expr::col(("abandonments", Column::Looks)).add(1))
        .to_owned();
    // In the order of their tokens: two who wait for each other's rows would wait for ever.
    for tokens in known.chunks(INSERT_ROWS) {
        let rows = tokens.iter().map(|token| ActiveModel {
            shop_id: Set(shop),
            token: Set(token.clone()),
            state: Set(State::Unreachable),
            last_at: Set(Timestamp::default()),
            abandoned_at: Set(None),
            ended_at: Set(None),
            ended_by: Set(None),
            shopify_order_id: Set(None),
            offered_at: Set(None),
            withdrawn_at: Set(None),
            told_seconds: Set(0),
            next_at: Set(None),
            looks: Set(0),
        });
        Entity::insert_many(rows).on_conflict(again.clone()).exec_without_returning(txn).await?;
    }
    Ok(known.into_iter().collect())
}

/// Makes a row say what its checkout is now; an offer that does not hold any more is taken back.
fn follow(row: &mut Model, verdict: Verdict, now: Timestamp) -> Option<TakenBack> {
    let before = row.last_at;
    let offered = row.offered_at.is_some_and(|at| row.withdrawn_at.is_none_or(|gone| gone <= at));
    let was_offered = offered && row.told_seconds > 0;
    row.state = verdict.state;
    row.last_at = verdict.last_at;
    row.abandoned_at = verdict.abandoned_at;
    row.ended_at = verdict.ended.map(|end| end.at);
    row.ended_by = verdict.ended.map(|end| end.by);
    row.shopify_order_id = verdict.ended.and_then(|end| end.order);
    if row.state == State::Open {
        return None;
    }
    row.told_seconds = 0;
    if !was_offered {
        return None;
    }
    row.withdrawn_at = Some(now);
    let (because, at) = match (verdict.ended, row.state) {
        (Some(end), _) => (end.by, end.at),
        (None, State::Unreachable) => (Because::Unreachable, now),
        (None, _) => (Because::Resumed, row.last_at),
    };
    Some(TakenBack { token: row.token.clone(), last_at: before, because, at })
}

/// Offers a checkout to the campaigns that have waited long enough, unless it lay quiet so long ago that nobody should
/// write about it any more.
fn offer(row: &mut Model, delays: &[i32], now: Timestamp) -> Option<Offer> {
    if row.state != State::Open {
        return None;
    }
    let over = |seconds: &&i32| row.last_at.plus_seconds(i64::from(**seconds)) <= now;
    let seconds = *delays.iter().filter(over).max().filter(|seconds| **seconds > row.told_seconds)?;
    row.told_seconds = seconds;
    let at = row.last_at.plus_seconds(i64::from(seconds));
    if now.seconds_since(at) > FRESH_SECONDS {
        return None;
    }
    row.offered_at = Some(now);
    Some(Offer { token: row.token.clone(), last_at: row.last_at, at, seconds })
}

/// When time alone will change a row: at the next delay nobody was told of.
fn due(row: &Model, delays: &[i32]) -> Option<Timestamp> {
    let waits = matches!(row.state, State::Working | State::Open);
    let next = delays.iter().find(|seconds| **seconds > row.told_seconds)?;
    waits.then(|| row.last_at.plus_seconds(i64::from(*next)))
}

/// Writes what changed.
async fn write(txn: &impl ConnectionTrait, old: &Model, new: Model) -> Result<(), DbErr> {
    if *old == new {
        return Ok(());
    }
    let (shop, token) = (new.shop_id, new.token.clone());
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(new.state))
        .col_expr(Column::LastAt, Expr::value(new.last_at))
        .col_expr(Column::AbandonedAt, Expr::value(new.abandoned_at))
        .col_expr(Column::EndedAt, Expr::value(new.ended_at))
        .col_expr(Column::EndedBy, Expr::value(new.ended_by))
        .col_expr(Column::ShopifyOrderId, Expr::value(new.shopify_order_id))
        .col_expr(Column::OfferedAt, Expr::value(new.offered_at))
        .col_expr(Column::WithdrawnAt, Expr::value(new.withdrawn_at))
        .col_expr(Column::ToldSeconds, Expr::value(new.told_seconds))
        .col_expr(Column::NextAt, Expr::value(new.next_at));
    update.filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.token.eq(&token)).exec(txn).await?;
    counts::doubt(txn, shop, counts::LEFT, vec![token]).await
}
