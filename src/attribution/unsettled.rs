//! Orders whose verdict is out of date: whoever learns a fact about an order says so, in the transaction that keeps the fact.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, ExprTrait};
use serde::{Deserialize, Serialize};

use super::policies;
use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::{self, OrderId};

/// An order whose facts changed since its verdict. `again` tells the job that more came while it worked.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unsettled_orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    pub again: i64,
}

impl ActiveModelBehavior for ActiveModel {}

/// The job that derives the verdicts of all unsettled orders of a shop.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Settle {}

/// Asks for the verdict of some orders.
pub async fn mark_unsettled(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    orders: &[OrderId],
    now: Timestamp,
) -> Result<(), DbErr> {
    if orders.is_empty() {
        return Ok(());
    }
    let rows =
        orders.iter().map(|order| ActiveModel { shop_id: Set(shop), shopify_order_id: Set(*order), again: Set(0) });
    let again = OnConflict::columns([Column::ShopId, Column::ShopifyOrderId])
        .value(Column::Again, Expr::col(("unsettled_orders", Column::Again)).add(1))
        .to_owned();
    for row in rows {
        Entity::insert(row).on_conflict(again.clone()).exec_without_returning(txn).await?;
    }
    jobs::enqueue(txn, &app.chance, shop, &Settle {}, now, now).await
}

/// Asks for the verdict of the orders that completed a checkout: what we learn late of a checkout may change them.
pub async fn mark_checkout_unsettled(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    token: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    let orders = orders::of_checkout(txn, shop, token).await?;
    mark_unsettled(txn, app, shop, &orders, now).await
}

/// Orders asked about in one statement's worth.
const PAGE: u64 = 1_000;

/// Asks for the verdict of every order placed between two instants. More orders may be asked about than a fact touched;
/// those come out as they stand.
async fn mark_unsettled_between(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    (first, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut after = OrderId(i64::MIN);
    loop {
        let ids = orders::ids_between(txn, shop, (first, until), after, PAGE).await?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = *last;
        mark_unsettled(txn, app, shop, &ids, now).await?;
    }
}

/// Asks for the verdict of the orders that clicks at some instants may have touched. Far apart, they are asked about
/// apart: what lies between is no business of theirs.
pub async fn mark_unsettled_by_taps(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    mut clicks: Vec<Timestamp>,
    now: Timestamp,
) -> Result<(), DbErr> {
    if clicks.is_empty() {
        return Ok(());
    }
    let counts = policies::taps_count_seconds(&policies::active(txn, shop).await?);
    let until = |at: Timestamp| counts.map_or(Timestamp::FOREVER, |seconds| at.plus_seconds(seconds));
    clicks.sort_unstable();
    let mut spans: Vec<(Timestamp, Timestamp)> = Vec::new();
    for at in clicks {
        match spans.last_mut().filter(|span| at <= span.1) {
            Some(span) => span.1 = until(at),
            None => spans.push((at, until(at))),
        }
    }
    for span in spans {
        mark_unsettled_between(txn, app, shop, span, now).await?;
    }
    Ok(())
}
