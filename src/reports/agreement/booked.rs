//! What was booked on each day, everything on the day on which it happened: an order on its own, a refund on the refund's.
//! The ledger puts all of an order on the order's day and restates it; the same stages, added up by the instants at which
//! they begin, can stand beside a book that does not.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, Iden};

use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::attribution::{Basis, Line, stages};
use crate::kernel::{Day, Timestamp};
use crate::orders::{
    self, BookColumn, BookState, Books, OrderColumn, OrderId, Orders, RefundColumn, Refunds, SaleColumn, Sales,
};
use crate::reports::period::Period;
use crate::reports::totals::{bigint, rows};
use crate::shops::Shop;

/// Zones lie a multiple of this apart, so that days can be made of such pieces.
const QUARTER_MICROS: i64 = 900_000_000;

/// Orders whose facts are read together.
const PAGE: usize = 500;

/// Orders and their amount in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// How many.
    pub orders: i64,
    /// What they come to.
    pub minor: i64,
}

impl Part {
    /// Adds more of it.
    pub fn add(&mut self, orders: i64, minor: i64) {
        self.orders += orders;
        self.minor += minor;
    }
}

/// What was booked on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// Net sales.
    pub net: i64,
    /// Subscription renewals, which are left out of them.
    pub renewals: Part,
    /// What Shopify's own book still holds of orders that were cancelled that day.
    pub kept: Part,
    /// Given back for orders we never saw.
    pub older: Part,
    /// Orders in another currency than the shop counts in.
    pub foreign: i64,
    /// Orders placed that day whose buyer saw another currency than the shop's.
    pub presented: i64,
}

#[derive(FromQueryResult)]
struct Quarter {
    quarter: i64,
    net: i64,
    left_out: i64,
    renewals: i64,
    foreign: i64,
    presented: i64,
}

#[derive(FromQueryResult)]
struct Happened {
    at: Timestamp,
    minor: i64,
}

/// Reads what was booked on the days of a period; days on which nothing was booked are left out.
pub async fn booked(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<BTreeMap<Day, Booked>, DbErr> {
    let zone = shop.zone();
    let mut days: BTreeMap<Day, Booked> = BTreeMap::new();
    for quarter in rows::<Quarter>(db, &by_quarter(shop, period)).await? {
        let at = Timestamp::from_micros(quarter.quarter.saturating_mul(QUARTER_MICROS));
        let day = days.entry(at.day(zone)).or_default();
        day.net += quarter.net;
        day.renewals.add(quarter.renewals, quarter.left_out);
        day.foreign += quarter.foreign;
        day.presented += quarter.presented;
    }
    // A policy that counts total sales books those; Shopify's figure is net sales.
    if period.policy.basis == Basis::TotalSales {
        days.values_mut().for_each(|day| (day.net, day.renewals.minor) = (0, 0));
        for (at, net, left_out) in from_facts(db, shop, period).await? {
            let day = days.entry(at.day(zone)).or_default();
            day.net += net;
            day.renewals.minor += left_out;
        }
    }
    for one in rows::<Happened>(db, &kept(shop, period)).await? {
        days.entry(one.at.day(zone)).or_default().kept.add(1, one.minor);
    }
    for one in rows::<Happened>(db, &older(shop, period)).await? {
        days.entry(one.at.day(zone)).or_default().older.add(1, one.minor);
    }
    Ok(days)
}

/// The stages that begin in a period, as `stage`, each beside the one before it, as `before`, if it has one.
pub(super) fn beginning(shop: &Shop, period: &Period) -> SelectStatement {
    let stage = |column: C| Expr::col(("stage", column));
    let before = |column: C| Expr::col(("before", column));
    Query::select()
        .from_as(Conversions, "stage")
        .join_as(
            sea_orm::JoinType::LeftJoin,
            Conversions,
            "before",
            before(C::ShopId)
                .eq(stage(C::ShopId))
                .and(before(C::Policy).eq(stage(C::Policy)))
                .and(before(C::ShopifyOrderId).eq(stage(C::ShopifyOrderId)))
                .and(before(C::SupersededAt).eq(stage(C::EffectiveAt))),
        )
        .and_where(stage(C::ShopId).eq(shop.shop_id))
        .and_where(stage(C::Policy).eq(period.policy.name.clone()))
        .and_where(stage(C::EffectiveAt).gte(period.instants.0))
        .and_where(stage(C::EffectiveAt).lt(period.instants.1))
        .to_owned()
}

/// What a stage changes of an amount, against the stage before it.
pub(super) fn change(column: C) -> String {
    let name = column.unquoted();
    format!("stage.{name} - COALESCE(before.{name}, 0)")
}

fn by_quarter(shop: &Shop, period: &Period) -> SelectStatement {
    let stage = |column: C| Expr::col(("stage", column));
    let order = |column: OrderColumn| Expr::col((Orders, column));
    let quarter = || Expr::cust(format!("stage.{} / {QUARTER_MICROS}", C::EffectiveAt.unquoted()));
    let sum = |what: String| Expr::cust(format!("CAST(COALESCE(SUM({what}), 0) AS BIGINT)"));
    let many = |holds: Expr| {
        let one = sea_orm::sea_query::CaseStatement::new().case(holds, 1).finally(0);
        bigint(Expr::expr(one).sum())
    };
    let first = || Expr::col(("before", C::ShopId)).is_null();
    let presented = order(OrderColumn::PresentmentCurrency).ne(order(OrderColumn::Currency));
    beginning(shop, period)
        .expr_as(quarter(), "quarter")
        .expr_as(sum(change(C::NetMinor)), "net")
        .expr_as(sum(change(C::LeftOutMinor)), "left_out")
        .expr_as(many(stage(C::Line).eq(Line::SubscriptionRenewals)), "renewals")
        .expr_as(many(stage(C::Line).eq(Line::OtherCurrency)), "foreign")
        .expr_as(many(first().and(presented).and(stage(C::Line).ne(Line::OtherCurrency))), "presented")
        .inner_join(
            Orders,
            order(OrderColumn::ShopId)
                .eq(stage(C::ShopId))
                .and(order(OrderColumn::ShopifyOrderId).eq(stage(C::ShopifyOrderId))),
        )
        .add_group_by([quarter()])
        .to_owned()
}

/// Net sales, and what is left out of them, of every stage that begins in the period; read from the facts themselves.
async fn from_facts(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
) -> Result<Vec<(Timestamp, i64, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Id {
        shopify_order_id: OrderId,
    }
    let select = beginning(shop, period).column(("stage", C::ShopifyOrderId)).distinct().to_owned();
    let ids: Vec<OrderId> = rows::<Id>(db, &select).await?.into_iter().map(|row| row.shopify_order_id).collect();
    let mut changes = Vec::new();
    for ids in ids.chunks(PAGE) {
        for facts in orders::facts(db, shop.shop_id, ids).await? {
            let (mut net, mut left_out) = (0, 0);
            for stage in stages(&facts, shop.money()) {
                if (period.instants.0..period.instants.1).contains(&stage.effective_at) {
                    changes.push((stage.effective_at, stage.net - net, stage.left_out - left_out));
                }
                (net, left_out) = (stage.net, stage.left_out);
            }
        }
    }
    Ok(changes)
}

/// Orders that were cancelled in the period and of which Shopify's own book still holds something: a fee that was kept.
fn kept(shop: &Shop, period: &Period) -> SelectStatement {
    let stage = |column: C| Expr::col(("stage", column));
    let sale = |column: SaleColumn| Expr::col((Sales, column));
    let book = |column: BookColumn| Expr::col((Books, column));
    let (total, tax) = (SaleColumn::TotalMinor.unquoted(), SaleColumn::TaxMinor.unquoted());
    let worth = || Expr::cust(format!("CAST(SUM({total} - {tax}) AS BIGINT)"));
    beginning(shop, period)
        .expr_as(stage(C::EffectiveAt), "at")
        .expr_as(worth(), "minor")
        .inner_join(
            Sales,
            sale(SaleColumn::ShopId)
                .eq(stage(C::ShopId))
                .and(sale(SaleColumn::ShopifyOrderId).eq(stage(C::ShopifyOrderId))),
        )
        .inner_join(
            Books,
            book(BookColumn::ShopId)
                .eq(stage(C::ShopId))
                .and(book(BookColumn::ShopifyOrderId).eq(stage(C::ShopifyOrderId))),
        )
        .and_where(stage(C::Line).eq(Line::Cancelled))
        // A book that is to be read again may not hold the cancellation.
        .and_where(book(BookColumn::State).eq(BookState::Read))
        .and_where(sale(SaleColumn::LineType).is_in(["PRODUCT", "ADJUSTMENT"]))
        .add_group_by([stage(C::ShopifyOrderId), stage(C::EffectiveAt)])
        .and_having(worth().ne(0))
        .to_owned()
}

/// Goods given back in the period for orders that are not here: placed before Shopify shows us any.
fn older(shop: &Shop, period: &Period) -> SelectStatement {
    let refund = |column: RefundColumn| Expr::col((Refunds, column));
    let order = |column: OrderColumn| Expr::col((Orders, column));
    Query::select()
        .expr_as(refund(RefundColumn::At), "at")
        .expr_as(refund(RefundColumn::GoodsMinor), "minor")
        .from(Refunds)
        .left_join(
            Orders,
            order(OrderColumn::ShopId)
                .eq(refund(RefundColumn::ShopId))
                .and(order(OrderColumn::ShopifyOrderId).eq(refund(RefundColumn::ShopifyOrderId))),
        )
        .and_where(refund(RefundColumn::ShopId).eq(shop.shop_id))
        .and_where(refund(RefundColumn::At).gte(period.instants.0))
        .and_where(refund(RefundColumn::At).lt(period.instants.1))
        .and_where(order(OrderColumn::ShopId).is_null())
        .to_owned()
}
