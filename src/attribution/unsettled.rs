//! Orders whose verdict is out of date: whoever learns a fact about an order says so, in the transaction that keeps the fact.

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, ExprTrait};
use serde::{Deserialize, Serialize};

use super::reach;
use crate::app::App;
use crate::db::INSERT_ROWS;
use crate::jobs;
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
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
    /// When the first of what is not judged yet came in; `None`: an earlier version marked it.
    pub since: Option<Timestamp>,
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
    orders: impl IntoIterator<Item = OrderId>,
    now: Timestamp,
) -> Result<(), DbErr> {
    mark_unsettled_since(txn, app, shop, orders, (now, now)).await
}

/// The same for facts that came in at `since`: how long a verdict takes is counted from there.
pub async fn mark_unsettled_since(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    orders: impl IntoIterator<Item = OrderId>,
    (since, now): (Timestamp, Timestamp),
) -> Result<(), DbErr> {
    let orders: BTreeSet<OrderId> = orders.into_iter().collect();
    if orders.is_empty() {
        return Ok(());
    }
    let again = OnConflict::columns([Column::ShopId, Column::ShopifyOrderId])
        .value(Column::Again, Expr::col(("unsettled_orders", Column::Again)).add(1))
        .to_owned();
    let since = Some(since);
    let row = |shopify_order_id: OrderId| {
        let shopify_order_id = Set(shopify_order_id);
        ActiveModel { shop_id: Set(shop), shopify_order_id, again: Set(0), since: Set(since) }
    };
    let rows: Vec<ActiveModel> = orders.into_iter().map(row).collect();
    for rows in rows.chunks(INSERT_ROWS) {
        Entity::insert_many(rows.to_vec()).on_conflict(again.clone()).exec_without_returning(txn).await?;
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
    mark_unsettled(txn, app, shop, orders, now).await
}

/// Asks for the verdict of the orders that news of some messages can touch.
pub async fn mark_unsettled_by_messages(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    messages: Vec<MessageId>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let orders = reach::of_messages(txn, shop, messages).await?;
    mark_unsettled(txn, app, shop, orders, now).await
}
