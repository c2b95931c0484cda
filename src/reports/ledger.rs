//! Where every euro went: each order on exactly one line, the lines summing to net sales.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, Iterable};
use serde::Serialize;

use super::measures::Measure;
use super::period::Period;
use super::summary::Certainty;
use super::totals::{Total, totals};
use crate::attribution::Line;
use crate::attribution::evidence::Class;
use crate::catchup;
use crate::kernel::{Day, Money, Timestamp};
use crate::shops::Shop;

/// One line.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LedgerLine {
    line: Line,
    title: &'static str,
    #[schema(value_type = String)]
    why: Cow<'static, str>,
    orders: i64,
    net_sales: Money,
    /// How sure a line with evidence is: the classes that have orders sum to it. Empty where nothing is credited.
    certainty: Vec<Certainty>,
}

/// The last line.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LedgerTotal {
    /// Every order, those that count 0 too.
    orders: i64,
    /// Those that carry net sales.
    sales: i64,
    net_sales: Money,
}

/// Money that is no net sales.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LeftOut {
    line: &'static str,
    title: &'static str,
    why: &'static str,
    orders: i64,
    amount: Money,
}

/// One line on one day.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LedgerDayLine {
    line: Line,
    orders: i64,
    net_sales: Money,
}

/// One day.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LedgerDay {
    #[schema(value_type = String, format = "date")]
    day: Day,
    /// Every order, those that count 0 too.
    orders: i64,
    /// The lines of all days sum to the ledger's.
    net_sales: Money,
    /// The part of what is attributed that rests on certain evidence.
    certain: Money,
    /// And on strong evidence.
    strong: Money,
    /// Lines with orders of this day.
    lines: Vec<LedgerDayLine>,
}

/// The ledger of a period.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Ledger {
    currency: String,
    /// The instant up to which every source is known to be whole; `null` until reconciliation has looked.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    lines: Vec<LedgerLine>,
    total: LedgerTotal,
    left_out: Vec<LeftOut>,
    /// Days with orders, the earliest first.
    days: Vec<LedgerDay>,
}

/// A line of the ledger as a row: name, title, orders, amount, what it means.
pub(super) type LedgerRow<'a> = (String, &'a str, i64, Money, &'a str);

impl Ledger {
    /// All lines, their total, and what is left out of both.
    pub(super) fn rows(&self) -> Vec<LedgerRow<'_>> {
        let lines = self.lines.iter().map(|one| (one.line.to_value(), one.title, one.orders, one.net_sales, &*one.why));
        let total = ("total".to_owned(), "Net sales", self.total.orders, self.total.net_sales, "The sum of the lines.");
        let left = |one: &LeftOut| (format!("left_out.{}", one.line), one.title, one.orders, one.amount, one.why);
        lines.chain([total]).chain(self.left_out.iter().map(left)).collect()
    }
}

/// Reads the ledger. Lines without orders are there too, so that programs find them.
pub async fn ledger(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<Ledger, DbErr> {
    let totals = totals(db, shop.shop_id, period).await?;
    let money = |minor| Money::new(minor, shop.money());
    let sum = |of: &dyn Fn(&Total) -> i64| totals.iter().map(of).sum::<i64>();
    let lines = Line::iter().map(|line| {
        let on_line =
            |of: &dyn Fn(&Total) -> i64| totals.iter().filter(|total| total.line == line).map(of).sum::<i64>();
        LedgerLine {
            line,
            title: line.title(),
            why: line.why(&period.policy),
            orders: on_line(&|t| t.orders),
            net_sales: money(on_line(&|t| t.net)),
            certainty: certainty(&of_line(&totals, line), shop),
        }
    });
    let left_out = |line, title, why, orders, amount| LeftOut { line, title, why, orders, amount: money(amount) };
    let renewals = |total: &Total| if total.left_out == 0 { 0 } else { total.orders };
    Ok(Ledger {
        currency: shop.money().to_string(),
        complete_through: catchup::complete_through(db, shop.shop_id).await?,
        days: days(&totals, shop),
        lines: lines.collect(),
        total: LedgerTotal {
            orders: sum(&|total| total.orders),
            sales: Measure::Sales.sum(&totals).orders,
            net_sales: money(sum(&|total| total.net)),
        },
        left_out: vec![
            left_out(
                "tips",
                "Tips",
                "Given to the staff, not sold.",
                sum(&|total| total.tipped),
                sum(&|total| total.tips),
            ),
            left_out(
                "gift_cards",
                "Gift cards",
                "A debt until somebody spends them.",
                sum(&|total| total.gifted),
                sum(&|total| total.gift_cards),
            ),
            left_out(
                "subscription_renewals",
                "Subscription renewals",
                "No message makes a subscription renew itself.",
                sum(&renewals),
                sum(&|total| total.left_out),
            ),
        ],
    })
}

fn of_line(totals: &[Total], line: Line) -> Vec<Total> {
    totals.iter().filter(|total| total.line == line).cloned().collect()
}

/// The classes of evidence that some orders rest on.
fn certainty(totals: &[Total], shop: &Shop) -> Vec<Certainty> {
    let classes =
        [(Class::Certain, Measure::Certain), (Class::Strong, Measure::Strong), (Class::Exposure, Measure::Exposure)];
    let sums = classes.into_iter().map(|(class, measure)| (class, measure.sum(totals)));
    let held = sums.filter(|(_, sum)| sum.orders > 0);
    held.map(|(class, sum)| Certainty::of(class, sum.orders, Money::new(sum.net, shop.money()))).collect()
}

/// The days that have orders.
fn days(totals: &[Total], shop: &Shop) -> Vec<LedgerDay> {
    let mut days: BTreeMap<Day, Vec<Total>> = BTreeMap::new();
    totals.iter().for_each(|total| days.entry(total.ordered_on).or_default().push(total.clone()));
    let money = |minor| Money::new(minor, shop.money());
    let line = |of: &[Total], line| {
        let on_line = of_line(of, line);
        let (orders, net) = on_line.iter().fold((0, 0), |sum, one| (sum.0 + one.orders, sum.1 + one.net));
        (orders > 0).then(|| LedgerDayLine { line, orders, net_sales: money(net) })
    };
    let day = |(day, of): (Day, Vec<Total>)| LedgerDay {
        day,
        orders: of.iter().map(|total| total.orders).sum(),
        net_sales: money(of.iter().map(|total| total.net).sum()),
        certain: money(Measure::Certain.sum(&of).net),
        strong: money(Measure::Strong.sum(&of).net),
        lines: Line::iter().filter_map(|one| line(&of, one)).collect(),
    };
    days.into_iter().map(day).collect()
}
