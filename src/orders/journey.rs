//! How the asking for an order's visits stands: Shopify works a customer journey out after the order, and not for all.
//!
//! ```text
//! waiting ─▶ told        visits came
//!    │  ├──▶ nothing     Shopify tells none: consent refused, no browser
//!    │  ├──▶ not_ready   it had not finished after a day of asking, or could not answer
//!    │  └──▶ unasked     it was too old when it could have been asked, or its shopper was forgotten
//!    └─ not ready: again, later each time
//! ```
//!
//! 1. Only orders of the online store's own checkout wait; all others have no row.
//! 2. Each order ends once: whoever asked twice, or in two places, writes once.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};
use serde::Serialize;

use super::click;
use super::doubted::doubt_orders;
use super::order::OrderId;
use super::snapshot::Snapshot;
use super::visit::Model as Visit;
use crate::db::{INSERT_ROWS, insert_once};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Shopify needs about this long; what is asked sooner is asked twice.
const SETTLES_SECONDS: i64 = 3_600;

/// Where the asking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = JourneyState)]
pub enum State {
    /// To be asked, or asked again.
    Waiting,
    /// Its visits are here.
    Told,
    /// Shopify tells no visits of it.
    Nothing,
    /// Shopify had not finished after a day of asking, or could not answer.
    NotReady,
    /// Never to be asked: too old, or its shopper was forgotten.
    Unasked,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_journeys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    pub state: State,
    /// How often Shopify said that it had not finished.
    pub tries: i32,
    /// Not asked before this instant; once it ended: when it was last due.
    pub ask_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Journeys of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// The order came out of the online store's checkout: only those have visits (not POS, drafts, the API, renewals). What
/// was paid with play money counts for nothing.
fn has_visits(snapshot: &Snapshot) -> bool {
    snapshot.source_name == "web" && snapshot.checkout_token.is_some() && !snapshot.test
}

/// Its visits are to be asked for, an hour after it was placed. Safe to repeat: what stands there stays.
pub(super) async fn expect(txn: &impl ConnectionTrait, shop: ShopId, wave: &[&Snapshot]) -> Result<(), DbErr> {
    let row = |snapshot: &&Snapshot| ActiveModel {
        shop_id: Set(shop),
        shopify_order_id: Set(snapshot.order),
        state: Set(State::Waiting),
        tries: Set(0),
        ask_at: Set(snapshot.ordered_at.plus_seconds(SETTLES_SECONDS)),
    };
    let rows: Vec<ActiveModel> = wave.iter().filter(|snapshot| has_visits(snapshot)).map(row).collect();
    insert_once(txn, rows).await.map(drop)
}

/// Journeys that came due between two instants, the latest first.
pub async fn due_journeys(
    db: &impl ConnectionTrait,
    shop: ShopId,
    (from, until): (Timestamp, Timestamp),
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let due = Entity::of(shop).filter(COLUMN.state.eq(State::Waiting)).filter(COLUMN.ask_at.between(from, until));
    due.order_by_desc(COLUMN.ask_at).order_by_desc(COLUMN.shopify_order_id).limit(limit).all(db).await
}

/// What came due before `before` is asked no more; answers how many orders that were, at most [`INSERT_ROWS`].
pub async fn leave_old_journeys(txn: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    let old = Entity::of(shop).filter(COLUMN.state.eq(State::Waiting)).filter(COLUMN.ask_at.lt(before));
    let old: Vec<OrderId> =
        old.select_only().column(Column::ShopifyOrderId).limit(INSERT_ROWS as u64).into_tuple().all(txn).await?;
    forget(txn, shop, &old).await?;
    Ok(old.len())
}

/// When the next journey comes due after an instant.
pub async fn next_journey(
    db: &impl ConnectionTrait,
    shop: ShopId,
    after: Timestamp,
) -> Result<Option<Timestamp>, DbErr> {
    let later = Entity::of(shop).filter(COLUMN.state.eq(State::Waiting)).filter(COLUMN.ask_at.gt(after));
    let first = later.order_by_asc(COLUMN.ask_at).one(db).await?;
    Ok(first.map(|row| row.ask_at))
}

/// How the asking for one order stands; `None`: it is not asked about.
pub async fn journey_of(db: &impl ConnectionTrait, shop: ShopId, order: OrderId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((shop, order)).one(db).await
}

/// Shopify has not finished, or cannot answer for this order: it is asked about again at `ask_at`, or not any more.
pub async fn journey_not_ready(
    txn: &impl ConnectionTrait,
    was: &Model,
    ask_at: Option<Timestamp>,
) -> Result<(), DbErr> {
    let state = if ask_at.is_some() { State::Waiting } else { State::NotReady };
    end(txn, was, state, was.tries + 1, ask_at.unwrap_or(was.ask_at)).await.map(drop)
}

/// Shopify told the visits of an order: they are appended, and the asking ends. `true`: there are some, and nobody had
/// written them down before.
pub async fn record_journey(txn: &impl ConnectionTrait, was: &Model, visits: Vec<Visit>) -> Result<bool, DbErr> {
    let state = if visits.is_empty() { State::Nothing } else { State::Told };
    if !end(txn, was, state, was.tries, was.ask_at).await? {
        return Ok(false);
    }
    let carried = visits.iter().filter_map(|visit| Some((was.shopify_order_id, visit.click_id.clone()?)));
    let carried: BTreeSet<(OrderId, String)> = carried.collect();
    click::note(txn, was.shop_id, carried).await?;
    insert_once(txn, visits.into_iter().map(IntoActiveModel::into_active_model)).await?;
    Ok(state == State::Told)
}

/// `false`: it ended, or was asked again, in the meantime.
async fn end(
    txn: &impl ConnectionTrait,
    was: &Model,
    state: State,
    tries: i32,
    ask_at: Timestamp,
) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::Tries, Expr::value(tries))
        .col_expr(Column::AskAt, Expr::value(ask_at))
        .filter(COLUMN.shop_id.eq(was.shop_id))
        .filter(COLUMN.shopify_order_id.eq(was.shopify_order_id))
        .filter(COLUMN.state.eq(State::Waiting))
        .filter(COLUMN.tries.eq(was.tries));
    let ended = update.exec(txn).await?.rows_affected == 1;
    if ended && state != State::Waiting {
        doubt_orders(txn, was.shop_id, &[was.shopify_order_id]).await?;
    }
    Ok(ended)
}

/// Nothing more is asked about these orders: what is known of them stays.
pub(super) async fn forget(txn: &impl ConnectionTrait, shop: ShopId, own: &[OrderId]) -> Result<(), DbErr> {
    for ids in own.chunks(INSERT_ROWS) {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Unasked))
            .filter(COLUMN.shop_id.eq(shop))
            .filter(COLUMN.shopify_order_id.is_in(ids.to_vec()))
            .filter(COLUMN.state.eq(State::Waiting))
            .exec(txn)
            .await?;
        doubt_orders(txn, shop, ids).await?;
    }
    Ok(())
}
