//! An experiment's arms within a horizon: how many were assigned, and what those whose horizon has closed bought.
//!
//! Read page by page and summed up as it is read, so that a million recipients take no more memory than their sales.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult};

use super::outcome::{BEFORE_SECONDS, Column as O, Entity as Outcomes};
use crate::campaigns::{self, Arm, Experiment};
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::stats::{ArmMoments, Spent};

/// Recipients with orders read at a time.
const PAGE: u64 = 20_000;

/// Whose outcomes are looked at, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    /// Assigned at this instant or after it.
    pub from: Timestamp,
    /// Assigned at this instant or before it.
    pub until: Timestamp,
    /// For how long after the assignment orders count; `None`: as long as anything is known.
    pub seconds: Option<i64>,
    /// Everything up to here is known.
    pub through: Timestamp,
    /// Only orders placed at or after the first instant and before the second; `None`: whenever they were.
    pub ordered: Option<(Timestamp, Timestamp)>,
}

impl Horizon {
    /// Whoever was assigned by then has a closed horizon.
    pub fn closed_until(&self) -> Timestamp {
        let closed = self.through.plus_seconds(-self.seconds.unwrap_or(0));
        Ord::min(closed, self.until)
    }

    /// Whether an order in `outcomes` was placed within it.
    pub fn holds_order(&self) -> Expr {
        let end = match self.seconds {
            Some(seconds) => Expr::col(O::AssignedAt).add(seconds * 1_000_000),
            None => Expr::val(self.through.micros() + 1),
        };
        let after = Expr::col(O::OrderedAt).gte(Expr::col(O::AssignedAt)).and(Expr::col(O::OrderedAt).lt(end));
        self.ordered.iter().fold(after, |all, (from, until)| {
            all.and(Expr::col(O::OrderedAt).gte(*from)).and(Expr::col(O::OrderedAt).lt(*until))
        })
    }
}

/// An arm.
#[derive(Clone, Debug, Default)]
pub struct ArmSum {
    /// Everybody assigned to it.
    pub assigned: i64,
    /// Those whose horizon has closed: what they bought.
    pub moments: ArmMoments,
    /// Net revenue of each of them that is not 0, minor units.
    pub sales: Vec<i64>,
    /// Their orders.
    pub orders: i64,
    /// Those of them to which one of our codes ties a message.
    pub redeemed: i64,
    /// What discounts took off them, minor units.
    pub discounts: i64,
    /// What the shop keeps of their sales after the price of the goods, when it said its margin.
    pub kept: Option<ArmMoments>,
}

impl ArmSum {
    /// Two arms as one.
    pub fn with(mut self, other: &Self) -> Self {
        self.assigned += other.assigned;
        self.moments.merge(&other.moments);
        self.sales.extend(&other.sales);
        self.orders += other.orders;
        self.redeemed += other.redeemed;
        self.discounts += other.discounts;
        if let (Some(kept), Some(others)) = (&mut self.kept, &other.kept) {
            kept.merge(others);
        }
        self
    }
}

/// What one recipient did.
#[derive(FromQueryResult)]
struct Did {
    unit_id: MessageId,
    arm: Arm,
    net: i64,
    orders: i64,
    redeemed: i64,
    discounts: i64,
    before: i64,
}

/// The arms of an experiment. `margin_ppm`: what the shop earns on its goods, in millionths of their price before discounts.
pub async fn arms(
    db: &impl ConnectionTrait,
    shop: ShopId,
    experiment: Experiment,
    horizon: &Horizon,
    margin_ppm: Option<i32>,
) -> Result<BTreeMap<Arm, ArmSum>, DbErr> {
    let mut arms: BTreeMap<Arm, ArmSum> = BTreeMap::new();
    for one in campaigns::assigned(db, shop, experiment, (horizon.from, horizon.until)).await? {
        arms.entry(one.arm).or_default().assigned = one.recipients;
    }
    let closed_until = horizon.closed_until();
    if closed_until < horizon.from {
        return Ok(arms);
    }
    let closed = campaigns::assigned(db, shop, experiment, (horizon.from, closed_until)).await?;
    let mut after: Option<MessageId> = None;
    loop {
        let page = page(db, shop, experiment, horizon, after).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.unit_id);
        for one in &page {
            add(arms.entry(one.arm).or_default(), one, margin_ppm);
        }
    }
    // Everybody else did nothing, before and after: most of them.
    for one in closed {
        let arm = arms.entry(one.arm).or_default();
        let idle = one.recipients - arm.moments.n;
        let nothing = ArmMoments { n: idle, known_before: idle, ..ArmMoments::default() };
        arm.moments.merge(&nothing);
        if margin_ppm.is_some() {
            arm.kept.get_or_insert_default().merge(&nothing);
        }
    }
    Ok(arms)
}

fn add(arm: &mut ArmSum, one: &Did, margin_ppm: Option<i32>) {
    arm.moments.add(&Spent { revenue: one.net, bought: one.orders > 0, before: Some(one.before) });
    if one.net != 0 {
        arm.sales.push(one.net);
    }
    arm.orders += one.orders;
    arm.redeemed += one.redeemed;
    arm.discounts += one.discounts;
    if let Some(margin) = margin_ppm {
        let kept = arm.kept.get_or_insert_default();
        kept.add(&Spent { revenue: kept_of(one.net, one.discounts, margin), bought: one.orders > 0, before: Some(0) });
    }
}

/// What is left of net sales after the price of the goods: that is the rest of their price before discounts.
fn kept_of(net: i64, discounts: i64, margin_ppm: i32) -> i64 {
    let goods = i128::from(net) + i128::from(discounts);
    let price = (goods * i128::from(1_000_000 - margin_ppm)).div_euclid(1_000_000);
    i64::try_from(i128::from(net) - price).unwrap_or(0)
}

async fn page(
    db: &impl ConnectionTrait,
    shop: ShopId,
    experiment: Experiment,
    horizon: &Horizon,
    after: Option<MessageId>,
) -> Result<Vec<Did>, DbErr> {
    let within = || horizon.holds_order();
    let before = Expr::col(O::OrderedAt)
        .lt(Expr::col(O::AssignedAt))
        .and(Expr::col(O::OrderedAt).gte(Expr::col(O::AssignedAt).sub(BEFORE_SECONDS * 1_000_000)));
    let counted = || within().and(Expr::col(O::Counts).eq(true));
    let sum = |when: Expr, then: Expr| {
        let case = Expr::case(when, then).finally(0);
        Expr::expr(sea_orm::sea_query::Func::sum(case)).cast_as("BIGINT")
    };
    let mut select = Query::select();
    select
        .columns([O::UnitId, O::Arm])
        .expr_as(sum(within(), Expr::col(O::NetMinor)), "net")
        .expr_as(sum(counted(), Expr::val(1)), "orders")
        .expr_as(sum(counted().and(Expr::col(O::Redeemed).eq(true)), Expr::val(1)), "redeemed")
        .expr_as(sum(counted(), Expr::col(O::DiscountMinor)), "discounts")
        .expr_as(sum(before, Expr::col(O::NetMinor)), "before")
        .from(Outcomes)
        .and_where(Expr::col(O::ShopId).eq(shop))
        .and_where(Expr::col(O::ExperimentId).eq(experiment.id()))
        .and_where(Expr::col(O::AssignedAt).gte(horizon.from))
        .and_where(Expr::col(O::AssignedAt).lte(horizon.closed_until()))
        .group_by_columns([O::UnitId, O::Arm])
        .order_by(O::UnitId, sea_orm::Order::Asc)
        .limit(PAGE);
    if let Some(after) = after {
        select.and_where(Expr::col(O::UnitId).gt(after));
    }
    let rows = db.query_all(&select).await?;
    rows.iter().map(|row| Did::from_query_result(row, "")).collect()
}

#[cfg(test)]
mod tests {
    use super::kept_of;

    #[test]
    fn what_is_kept_is_after_discounts() {
        // 100.00 of goods at 60 % margin cost 40.00. With 15.00 off, 85.00 come in and 45.00 are left.
        assert_eq!(kept_of(8_500, 1_500, 600_000), 4_500);
        assert_eq!(kept_of(10_000, 0, 600_000), 6_000);
        assert_eq!(kept_of(0, 0, 600_000), 0);
    }
}
