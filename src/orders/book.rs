//! How the asking for an order's sales stands, and through which state of the order they are known.
//!
//! ```text
//! waiting ─▶ read        its sales are here, through an instant ─┐ something happened after it, or a sum differs
//!    ▲  ├──▶ left        too old to be shown, or it could not be │
//!    │  │                told within a day of asking             │
//!    └──┴────────────────────────────────────────────────────────┘ asked again
//! ```
//!
//! 1. Every order has one from the beginning, but test orders, which count for nothing.
//! 2. What is known stays known while it is asked again; an older answer never takes the place of a newer one.
//! 3. Whether something happened after it was read is told by instants of Shopify's own clock, not by what came first.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ExprTrait, IntoActiveModel, QueryOrder, QuerySelect};
use serde::Serialize;

use super::doubted::doubt_orders;
use super::order::OrderId;
use super::sale;
use super::snapshot::Snapshot;
use crate::db::{INSERT_ROWS, insert_once};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Beside the order's journey, which Shopify needs about this long for.
const SETTLES_SECONDS: i64 = 3_600;

/// Where the asking stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = BookState)]
pub enum State {
    /// To be asked for, or asked for again.
    Waiting,
    /// Its sales are here.
    Read,
    /// Not asked for any more: too old, or they could not be told within a day.
    Left,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_books")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    pub state: State,
    /// How often it was asked for in vain since it was last read whole.
    pub tries: i32,
    /// Not asked for before this instant; once it is not waiting: when it was last due.
    pub ask_at: Timestamp,
    /// When its sales were last read.
    pub read_at: Option<Timestamp>,
    /// Which state of the order, by Shopify's clock, they are known through.
    pub through: Option<Timestamp>,
    /// What Shopify itself said the order comes to in that state.
    pub current_total_minor: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Books of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// Its sales are to be asked for, an hour after it was written down. Safe to repeat: what stands there stays. They name
/// nobody, so those of somebody who was forgotten are asked for too.
pub(super) async fn expect(txn: &impl ConnectionTrait, shop: ShopId, wave: &[&Snapshot]) -> Result<(), DbErr> {
    // An order may be told for a day long before the one it was written on; Shopify shows it by the latter.
    let written_at = |snapshot: &Snapshot| Ord::max(snapshot.ordered_at, snapshot.created_at);
    let row = |snapshot: &&Snapshot| ActiveModel {
        shop_id: Set(shop),
        shopify_order_id: Set(snapshot.order),
        state: Set(State::Waiting),
        tries: Set(0),
        ask_at: Set(written_at(snapshot).plus_seconds(SETTLES_SECONDS)),
        read_at: Set(None),
        through: Set(None),
        current_total_minor: Set(None),
    };
    let rows: Vec<ActiveModel> = wave.iter().filter(|snapshot| !snapshot.test).map(row).collect();
    insert_once(txn, rows).await.map(drop)
}

/// Something happened to orders at an instant each: books that were read before it are to be read again, and then this
/// answers `true`. Of a state that names what the order comes to, only another sum than the book's is something.
pub(super) async fn happened(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    told: Vec<(OrderId, Timestamp, Option<i64>)>,
) -> Result<bool, DbErr> {
    if told.is_empty() {
        return Ok(false);
    }
    let of_these = Entity::of(shop).filter(COLUMN.shopify_order_id.is_in(told.iter().map(|(order, ..)| *order)));
    // Held, so that whoever is just writing down what was read has done so, or sees what we write.
    let books = of_these.order_by_asc(COLUMN.shopify_order_id).lock_exclusive().all(txn).await?;
    let books: HashMap<OrderId, Model> = books.into_iter().map(|book| (book.shopify_order_id, book)).collect();
    let mut behind = false;
    for (order, at, comes_to) in told {
        if let Some(book) = books.get(&order) {
            behind |= happened_to(txn, shop, book, at, comes_to).await?;
        }
    }
    Ok(behind)
}

async fn happened_to(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    book: &Model,
    at: Timestamp,
    comes_to: Option<i64>,
) -> Result<bool, DbErr> {
    let order = book.shopify_order_id;
    let before = book.through.is_some_and(|through| through.seconds() < at.seconds());
    if !before || comes_to.is_some_and(|minor| book.current_total_minor == Some(minor)) {
        return Ok(false);
    }
    if book.state != State::Waiting {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Waiting))
            .col_expr(Column::Tries, Expr::value(0))
            .col_expr(Column::AskAt, Expr::value(at))
            .filter(COLUMN.shop_id.eq(shop))
            .filter(COLUMN.shopify_order_id.eq(order))
            .exec(txn)
            .await?;
        doubt_orders(txn, shop, &[order]).await?;
    }
    Ok(true)
}

/// Books that came due between two instants, the latest first.
pub async fn due_books(
    db: &impl ConnectionTrait,
    shop: ShopId,
    (from, until): (Timestamp, Timestamp),
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let due = Entity::of(shop).filter(COLUMN.state.eq(State::Waiting)).filter(COLUMN.ask_at.between(from, until));
    due.order_by_desc(COLUMN.ask_at).order_by_desc(COLUMN.shopify_order_id).limit(limit).all(db).await
}

/// When the next book comes due after an instant.
pub async fn next_book(db: &impl ConnectionTrait, shop: ShopId, after: Timestamp) -> Result<Option<Timestamp>, DbErr> {
    let later = Entity::of(shop).filter(COLUMN.state.eq(State::Waiting)).filter(COLUMN.ask_at.gt(after));
    let first = later.order_by_asc(COLUMN.ask_at).one(db).await?;
    Ok(first.map(|row| row.ask_at))
}

/// What came due before `before` is asked for no more; answers how many orders that were, at most [`INSERT_ROWS`].
pub async fn leave_old_books(txn: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    let old = Entity::of(shop).filter(COLUMN.state.eq(State::Waiting)).filter(COLUMN.ask_at.lt(before));
    let old: Vec<OrderId> =
        old.select_only().column(Column::ShopifyOrderId).limit(INSERT_ROWS as u64).into_tuple().all(txn).await?;
    if old.is_empty() {
        return Ok(0);
    }
    Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Left))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.shopify_order_id.is_in(old.clone()))
        .filter(COLUMN.state.eq(State::Waiting))
        .exec(txn)
        .await?;
    doubt_orders(txn, shop, &old).await?;
    Ok(old.len())
}

/// Shopify does not tell it whole, or its sums do not agree: it is asked for again at `ask_at`, or not any more. What is
/// known of it stays.
pub async fn ask_book_again(txn: &impl ConnectionTrait, was: &Model, ask_at: Option<Timestamp>) -> Result<(), DbErr> {
    let given_up = if was.through.is_some() { State::Read } else { State::Left };
    Entity::update_many()
        .col_expr(Column::State, Expr::value(if ask_at.is_some() { State::Waiting } else { given_up }))
        .col_expr(Column::Tries, Expr::value(was.tries + 1))
        .col_expr(Column::AskAt, Expr::value(ask_at.unwrap_or(was.ask_at)))
        .filter(COLUMN.shop_id.eq(was.shop_id))
        .filter(COLUMN.shopify_order_id.eq(was.shopify_order_id))
        .exec(txn)
        .await?;
    doubt_orders(txn, was.shop_id, &[was.shopify_order_id]).await
}

/// Somebody wants these read anew: they are due at once, however often they were asked for. Answers how many there are.
pub async fn want_books(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    ids: &[OrderId],
    now: Timestamp,
) -> Result<u64, DbErr> {
    let asked = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Waiting))
        .col_expr(Column::Tries, Expr::value(0))
        .col_expr(Column::AskAt, Expr::value(now))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.shopify_order_id.is_in(ids.to_vec()))
        .exec(txn)
        .await?;
    doubt_orders(txn, shop, ids).await?;
    Ok(asked.rows_affected)
}

/// Shopify knows no such order (any more): it is asked for no more, and what is known of it stays.
pub async fn leave_book(txn: &impl ConnectionTrait, was: &Model) -> Result<(), DbErr> {
    let state = if was.through.is_some() { State::Read } else { State::Left };
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .filter(COLUMN.shop_id.eq(was.shop_id))
        .filter(COLUMN.shopify_order_id.eq(was.shopify_order_id))
        .exec(txn)
        .await?;
    doubt_orders(txn, was.shop_id, &[was.shopify_order_id]).await
}

/// All sales of an order as Shopify told them at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookRead {
    /// The state of the order they were told with.
    pub through: Timestamp,
    /// What Shopify said the order comes to in it.
    pub current_total: i64,
    /// The sales.
    pub sales: Vec<sale::Model>,
}

/// Writes down the sales of an order in place of those that stood there: Shopify may correct itself. Safe to repeat; what
/// was told of an older state changes nothing. Answers whether it was newer, or as new.
pub async fn record_book(
    txn: &impl ConnectionTrait,
    was: &Model,
    told: BookRead,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let (shop, order) = (was.shop_id, was.shopify_order_id);
    let newer = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Read))
        .col_expr(Column::ReadAt, Expr::value(now))
        .col_expr(Column::Through, Expr::value(told.through))
        .col_expr(Column::CurrentTotalMinor, Expr::value(told.current_total))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.shopify_order_id.eq(order))
        .filter(Column::Through.is_null().or(Column::Through.lte(told.through)))
        .exec(txn)
        .await?;
    if newer.rows_affected == 0 {
        return Ok(false);
    }
    doubt_orders(txn, shop, &[order]).await?;
    let of_order = || sale::COLUMN.shop_id.eq(shop).and(sale::COLUMN.shopify_order_id.eq(order));
    let mut known = sale::Entity::find().filter(of_order()).all(txn).await?;
    let mut sales = told.sales;
    known.sort_by(|a, b| a.shopify_sale_id.cmp(&b.shopify_sale_id));
    sales.sort_by(|a, b| a.shopify_sale_id.cmp(&b.shopify_sale_id));
    sales.dedup_by(|a, b| a.shopify_sale_id == b.shopify_sale_id);
    if known != sales {
        sale::Entity::delete_many().filter(of_order()).exec(txn).await?;
        insert_once(txn, sales.into_iter().map(IntoActiveModel::into_active_model)).await?;
    }
    Ok(true)
}

/// How the asking for one order's sales stands; `None`: a test order.
pub async fn book_of(db: &impl ConnectionTrait, shop: ShopId, order: OrderId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((shop, order)).one(db).await
}
