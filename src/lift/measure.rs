//! Keeping outcomes: an order that is judged, and somebody who is assigned, each bring the rows of both up to date.
//!
//! Whoever comes second sees the first: an order is measured after its verdict is committed, a draw after the draw is. Two
//! that measure one order take turns, and the later one reads the newer verdict.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::outcome::{self, AFTER_SECONDS, BEFORE_SECONDS, Model as Outcome};
use crate::app::App;
use crate::attribution::evidence::Kind;
use crate::attribution::{self, Line, WorthChanged, buyers_of};
use crate::campaigns::{self, Drawn, Experiment, Unit};
use crate::db::{each, insert_once};
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::news::Hears;
use crate::orders::{self, OrderId};
use crate::shops::Shop;

/// What one order is part of, by experiment and whoever is in it.
type Rows = BTreeMap<(Uuid, MessageId), Outcome>;

/// Orders measured in one transaction.
const BATCH: usize = 200;

/// Orders count something else, or others stand behind them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeasureOrders(WorthChanged);

impl Hears for MeasureOrders {
    type News = WorthChanged;
}

impl Job for MeasureOrders {
    const NAME: &'static str = "lift.worth_changed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        measure(&app, shop, self.0.orders.into_iter().map(OrderId).collect()).await?;
        Ok(Next::Done)
    }
}

/// Somebody was assigned: their orders from before are part of their outcome, and those that came meanwhile.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeasureDrawn(Drawn);

impl Hears for MeasureDrawn {
    type News = Drawn;
}

impl Job for MeasureDrawn {
    const NAME: &'static str = "lift.drawn";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let since = app.clock.now().plus_seconds(-BEFORE_SECONDS);
        let recipients = campaigns::recipients_of_draws(app.db.read(), shop, self.0.draws).await?;
        let txn = app.db.begin_write().await?;
        let theirs = attribution::known_now(&txn, shop, recipients, since).await?;
        txn.commit().await?;
        measure(&app, shop, theirs).await?;
        Ok(Next::Done)
    }
}

/// Measures every order of a shop anew. Over unchanged facts this changes nothing; answers how many orders it did.
pub async fn rebuild(app: &App, shop: &Shop) -> Result<usize, DbErr> {
    let (mut after, mut changed) = (OrderId(i64::MIN), 0);
    loop {
        let ids = orders::ids_after(app.db.read(), shop.shop_id, after, BATCH as u64).await?;
        let Some(last) = ids.last() else { return Ok(changed) };
        after = *last;
        changed += measure(app, shop.shop_id, ids.into_iter().collect()).await?;
    }
}

/// Brings the outcomes of some orders up to date; answers how many orders' came out different.
async fn measure(app: &App, shop: ShopId, orders: BTreeSet<OrderId>) -> Result<usize, DbErr> {
    let orders: Vec<OrderId> = orders.into_iter().collect();
    let mut changed = 0;
    for batch in orders.chunks(BATCH) {
        let txn = app.db.begin_write().await?;
        changed += measure_batch(&txn, shop, batch).await?;
        txn.commit().await?;
    }
    Ok(changed)
}

async fn measure_batch(txn: &impl ConnectionTrait, shop: ShopId, batch: &[OrderId]) -> Result<usize, DbErr> {
    orders::hold(txn, shop, batch).await?;
    let mut wanted = wanted(txn, shop, batch).await?;
    let of_shop = outcome::Entity::find().filter(outcome::COLUMN.shop_id.eq(shop));
    let known: Vec<Outcome> = each(txn, of_shop, outcome::Column::ShopifyOrderId, batch.to_vec()).await?;
    let mut by_order: BTreeMap<OrderId, Rows> = BTreeMap::new();
    for row in known {
        by_order.entry(row.shopify_order_id).or_default().insert((row.experiment_id, row.unit_id), row);
    }
    wanted.retain(|order, rows| by_order.get(order) != Some(rows));
    let gone = by_order.keys().filter(|order| wanted.contains_key(order)).copied();
    let gone: Vec<OrderId> = gone.collect();
    let changed = wanted.iter().filter(|(order, rows)| !rows.is_empty() || by_order.contains_key(order)).count();
    if !gone.is_empty() {
        outcome::Entity::delete_many()
            .filter(outcome::COLUMN.shop_id.eq(shop))
            .filter(outcome::COLUMN.shopify_order_id.is_in(gone))
            .exec(txn)
            .await?;
    }
    insert_once(txn, wanted.into_values().flat_map(Rows::into_values).map(IntoActiveModel::into_active_model)).await?;
    Ok(changed)
}

/// What the outcomes of some orders are, from who stands behind each and what it counts.
async fn wanted(db: &impl ConnectionTrait, shop: ShopId, batch: &[OrderId]) -> Result<BTreeMap<OrderId, Rows>, DbErr> {
    let buyers = buyers_of(db, shop, batch).await?;
    let units = campaigns::units_of(db, shop, &buyers.values().flatten().copied().collect()).await?;
    let standing = attribution::standing(db, shop, batch).await?;
    let discounts = orders::discounts_of(db, shop, batch).await?;
    let mut wanted: BTreeMap<OrderId, Rows> = batch.iter().map(|order| (*order, Rows::new())).collect();
    for conversion in standing {
        let order = conversion.shopify_order_id;
        let theirs = buyers.get(&order).into_iter().flatten().filter_map(|one| units.get(one)).flatten();
        let near = theirs.filter(|unit| is_near(unit, conversion.ordered_at));
        let row = |unit: &Unit| Outcome {
            shop_id: shop,
            experiment_id: unit.experiment.id(),
            unit_id: unit.id,
            shopify_order_id: order,
            arm: unit.arm,
            assigned_at: unit.assigned_at,
            ordered_at: conversion.ordered_at,
            counts: counts(conversion.line),
            redeemed: conversion.evidence == Some(Kind::RedeemCode),
            net_minor: conversion.net_minor,
            discount_minor: discounts.get(&order).copied().unwrap_or_default(),
        };
        wanted.entry(order).or_default().extend(near.map(|unit| ((unit.experiment.id(), unit.id), row(unit))));
    }
    Ok(wanted)
}

/// Whether an order is near enough to an assignment to be part of any outcome.
fn is_near(unit: &Unit, ordered_at: Timestamp) -> bool {
    let since = unit.assigned_at.plus_seconds(-BEFORE_SECONDS);
    let ends = match unit.experiment {
        Experiment::Campaign(_) => unit.assigned_at.plus_seconds(AFTER_SECONDS),
        Experiment::Program(_) => Timestamp::FOREVER,
    };
    since <= ordered_at && ordered_at < ends
}

/// Whether an order on a line is one at all. One that is not paid yet is, as it is in net sales.
pub(super) const fn counts(line: Line) -> bool {
    matches!(line, Line::Attributed | Line::AttributedShared | Line::Unattributed | Line::Pending)
}
