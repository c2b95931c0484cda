//! Where every euro went: each order on exactly one line, the lines summing to net sales.

use std::borrow::Cow;

use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, Iterable};
use serde::Serialize;

use super::measures::Measure;
use super::period::Period;
use super::totals::{Total, totals};
use crate::attribution::Line;
use crate::kernel::Money;
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

/// The ledger of a period.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Ledger {
    currency: String,
    lines: Vec<LedgerLine>,
    total: LedgerTotal,
    left_out: Vec<LeftOut>,
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
        }
    });
    let left_out = |line, title, why, orders, amount| LeftOut { line, title, why, orders, amount: money(amount) };
    let renewals = |total: &Total| if total.left_out == 0 { 0 } else { total.orders };
    Ok(Ledger {
        currency: shop.money().to_string(),
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
