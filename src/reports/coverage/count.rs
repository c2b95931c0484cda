//! Counting what is known of orders.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{ConnectionTrait, FromQueryResult, IntoActiveModel, QueryOrder, QuerySelect};
use tokio_util::sync::CancellationToken;

use super::known::{Known, ORDER_SOURCES};
use crate::app::App;
use crate::db::counts::{self, CHECKOUTS, Changes, Doubted, ORDERS, QUARTER};
use crate::db::{INSERT_ROWS, insert_once};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::messages;
use crate::orders::{
    BookColumn, BookState, Books, DifferenceColumn, DifferenceKind, Differences, JourneyColumn, JourneyState, Journeys,
    ORDER, OrderColumn, OrderId, Orders,
};
use crate::pixel::saw;
use crate::reports::checkouts;

/// How often somebody looks.
const EVERY: Duration = Duration::from_millis(700);

/// Shops looked after in one round.
const SHOPS: u64 = 500;

/// What an order was counted as.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "counted_orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    /// [`Known`], as it is kept.
    pub counted: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// Counts what is doubted, until told to stop. Any number of nodes may.
pub async fn keep_counted(app: App, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        if let Err(error) = count_doubted(&app).await {
            // Nothing is lost: a report looks after what is doubted by itself.
            tracing::debug!(error = %error, "doubted counts wait");
        }
    }
}

/// Counts what is doubted, of every shop.
pub async fn count_doubted(app: &App) -> Result<(), DbErr> {
    for shop in counts::shops_in_doubt(app.db.read(), SHOPS).await? {
        while count_some(app, shop).await? {}
        while messages::count_doubted_codes(app, shop).await? {}
        while checkouts::count_doubted_checkouts(app, shop).await? {}
    }
    Ok(())
}

/// Counts some of what is doubted; whether there was anything.
async fn count_some(app: &App, shop: ShopId) -> Result<bool, DbErr> {
    let txn = app.db.begin_write().await?;
    let Some(doubted) = counts::take_doubts(&txn, shop, ORDER_SOURCES, &[ORDERS, CHECKOUTS]).await? else {
        return Ok(false);
    };
    let orders = orders_of(&txn, shop, &doubted).await?;
    let (changes, rows) = differences(&txn, shop, &orders).await?;
    keep(&txn, rows).await?;
    changes.append(&txn, &app.chance, shop, app.clock.now()).await?;
    txn.commit().await?;
    Ok(true)
}

async fn keep(txn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    let instead =
        OnConflict::columns([Column::ShopId, Column::ShopifyOrderId]).update_column(Column::Counted).to_owned();
    for some in rows.chunks(INSERT_ROWS) {
        let rows = some.iter().cloned().map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows).on_conflict(instead.clone()).exec_without_returning(txn).await?;
    }
    Ok(())
}

/// The orders that are doubted.
pub(super) async fn orders_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    doubted: &Doubted,
) -> Result<Vec<OrderId>, DbErr> {
    let none = BTreeSet::new();
    let by_id = doubted.get(ORDERS).unwrap_or(&none).iter().filter_map(|key| key.parse().ok().map(OrderId));
    let mut orders: BTreeSet<OrderId> = by_id.collect();
    let tokens: Vec<&String> = doubted.get(CHECKOUTS).unwrap_or(&none).iter().collect();
    for some in tokens.chunks(INSERT_ROWS) {
        let of_tokens =
            Orders::of(shop).filter(OrderColumn::CheckoutToken.is_in(some.iter().map(|token| token.as_str())));
        let ids = of_tokens.select_only().column(OrderColumn::ShopifyOrderId).into_tuple::<OrderId>();
        orders.extend(ids.all(db).await?);
    }
    Ok(orders.into_iter().collect())
}

/// What became of some orders since they were counted, and what is to be kept as counted.
pub(super) async fn differences(
    db: &impl ConnectionTrait,
    shop: ShopId,
    orders: &[OrderId],
) -> Result<(Changes, Vec<Model>), DbErr> {
    let (mut changes, mut rows) = (Changes::default(), Vec::new());
    for some in orders.chunks(INSERT_ROWS) {
        let counted = Entity::find()
            .filter(COLUMN.shop_id.eq(shop))
            .filter(COLUMN.shopify_order_id.is_in(some.iter().copied()))
            .all(db)
            .await?;
        let counted: BTreeMap<OrderId, String> =
            counted.into_iter().map(|row| (row.shopify_order_id, row.counted)).collect();
        for (order, is) in known(db, shop, some).await? {
            let (kept, was) = (is.kept(), counted.get(&order));
            if was == Some(&kept) {
                continue;
            }
            if let Some(was) = was.and_then(|was| Known::read(was)) {
                was.count(&mut changes, -1);
            }
            is.count(&mut changes, 1);
            rows.push(Model { shop_id: shop, shopify_order_id: order, counted: kept });
        }
    }
    Ok((changes, rows))
}

#[derive(FromQueryResult)]
struct Row {
    shopify_order_id: OrderId,
    ordered_at: Timestamp,
    online: bool,
    seen: bool,
    journey: Option<JourneyState>,
    book: Option<BookState>,
    through: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Differing {
    shopify_order_id: OrderId,
    kind: DifferenceKind,
    payload_minor: i64,
    sales_minor: i64,
}

/// What is known of some orders now.
async fn known(db: &impl ConnectionTrait, shop: ShopId, orders: &[OrderId]) -> Result<BTreeMap<OrderId, Known>, DbErr> {
    let these = |column: Expr| column.is_in(orders.iter().map(|order| order.0));
    let select = facts(shop).and_where(these(Expr::col((Orders, OrderColumn::ShopifyOrderId)))).to_owned();
    let mut found = BTreeMap::new();
    for row in db.query_all(&select).await? {
        let row = Row::from_query_result(&row, "")?;
        let known = Known {
            quarter: row.ordered_at.micros().div_euclid(QUARTER),
            online: row.online,
            seen: row.online && row.seen,
            journey: row.journey,
            book: row.book,
            known: row.through.is_some(),
            differences: BTreeMap::new(),
        };
        found.insert(row.shopify_order_id, known);
    }
    let differing = Query::select()
        .columns([
            DifferenceColumn::ShopifyOrderId,
            DifferenceColumn::Kind,
            DifferenceColumn::PayloadMinor,
            DifferenceColumn::SalesMinor,
        ])
        .from(Differences)
        .and_where(Expr::col(DifferenceColumn::ShopId).eq(shop))
        .and_where(these(Expr::col(DifferenceColumn::ShopifyOrderId)))
        .to_owned();
    for row in db.query_all(&differing).await? {
        let Differing { shopify_order_id, kind, payload_minor, sales_minor } = Differing::from_query_result(&row, "")?;
        if let Some(known) = found.get_mut(&shopify_order_id) {
            known.differences.insert(kind, sales_minor - payload_minor);
        }
    }
    Ok(found)
}

fn facts(shop: ShopId) -> SelectStatement {
    let order = |column: OrderColumn| Expr::col((Orders, column));
    let online = order(OrderColumn::SourceName)
        .eq("web")
        .and(order(OrderColumn::Test).eq(false))
        .and(order(OrderColumn::CheckoutToken).is_not_null());
    let journeys = Expr::col((Journeys, JourneyColumn::ShopId))
        .equals((Orders, OrderColumn::ShopId))
        .and(Expr::col((Journeys, JourneyColumn::ShopifyOrderId)).equals((Orders, OrderColumn::ShopifyOrderId)));
    let books = Expr::col((Books, BookColumn::ShopId))
        .equals((Orders, OrderColumn::ShopId))
        .and(Expr::col((Books, BookColumn::ShopifyOrderId)).equals((Orders, OrderColumn::ShopifyOrderId)));
    Query::select()
        .columns([(Orders, OrderColumn::ShopifyOrderId), (Orders, OrderColumn::OrderedAt)])
        .expr_as(online, "online")
        .expr_as(saw(shop, order(OrderColumn::CheckoutToken)), "seen")
        .expr_as(Expr::col((Journeys, JourneyColumn::State)), "journey")
        .expr_as(Expr::col((Books, BookColumn::State)), "book")
        .expr_as(Expr::col((Books, BookColumn::Through)), "through")
        .from(Orders)
        .left_join(Journeys, journeys)
        .left_join(Books, books)
        .and_where(order(OrderColumn::ShopId).eq(shop))
        .to_owned()
}

/// Counts every order from its rows, and keeps what it is counted as.
pub async fn recount(txn: &impl ConnectionTrait, shop: ShopId) -> Result<Changes, DbErr> {
    Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).exec(txn).await?;
    let mut changes = Changes::default();
    let mut after = OrderId(i64::MIN);
    loop {
        let next = Orders::of(shop).filter(ORDER.shopify_order_id.gt(after)).order_by_asc(ORDER.shopify_order_id);
        let next = next.limit(INSERT_ROWS as u64).select_only().column(OrderColumn::ShopifyOrderId);
        let orders: Vec<OrderId> = next.into_tuple().all(txn).await?;
        let Some(last) = orders.last() else { return Ok(changes) };
        after = *last;
        let mut rows = Vec::with_capacity(orders.len());
        for (order, known) in known(txn, shop, &orders).await? {
            known.count(&mut changes, 1);
            rows.push(Model { shop_id: shop, shopify_order_id: order, counted: known.kept() }.into_active_model());
        }
        insert_once(txn, rows).await?;
    }
}
