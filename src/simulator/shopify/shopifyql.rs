//! ShopifyQL, as far as anybody here asks: net sales by day, from the pretend shop's own orders.
//!
//! Each thing counts on the shop's local day on which it happened: an order on its own, what staff put on it later on
//! theirs, what went back on the day it went back. Pending and cancelled orders are in, with what takes them back; test
//! orders, tips and gift cards are not.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::kernel::{Day, Money, Timestamp};

use super::after_sale::everything;
use super::order::{Order, Refund};
use super::shop::Shop;

/// The scope it needs.
pub(super) const SCOPE: &str = "read_reports";

/// `shopifyqlQuery`.
pub(super) fn answer(shop: &Shop, query: &str, now: Timestamp) -> Value {
    let (errors, table) = match read(query) {
        Ok((from, to)) => (vec![], rows(shop, from, to.min(now.day(shop.profile.zone)))),
        Err(wrong) => (vec![wrong], Value::Null),
    };
    json!({"__typename": "ShopifyqlQueryResponse", "parseErrors": errors, "parseWarnings": [], "tableData": table})
}

/// The days asked for.
fn read(query: &str) -> Result<(Day, Day), String> {
    let words: Vec<&str> = query.split_whitespace().collect();
    let day = |text: &str| Day::parse(text).ok_or_else(|| format!("`{text}` is no date"));
    match words.as_slice() {
        ["FROM", "sales", "SHOW", "net_sales", "SINCE", from, "UNTIL", to, "TIMESERIES", "day", rest @ ..]
            if rest.is_empty() || rest == ["ORDER", "BY", "day", "ASC", "LIMIT", "1000"] =>
        {
            Ok((day(from)?, day(to)?))
        }
        _ => Err(format!("this pretend shop does not understand `{query}`")),
    }
}

/// A row for every day, also for those on which nothing happened.
fn rows(shop: &Shop, from: Day, to: Day) -> Value {
    let zone = shop.profile.zone;
    let mut days: BTreeMap<Day, i64> = (from.0..=to.0).map(|day| (Day(day), 0)).collect();
    for (at, minor) in shop.orders.values().flat_map(sales) {
        if let Some(sum) = days.get_mut(&at.day(zone)) {
            *sum += minor;
        }
    }
    let amount = |minor| Money::new(minor, shop.profile.currency).decimal();
    let rows: Vec<Value> =
        days.into_iter().map(|(day, minor)| json!({"day": day.to_string(), "net_sales": amount(minor)})).collect();
    let column = |name: &str, kind: &str| json!({"__typename": "ShopifyqlTableDataColumn", "name": name, "displayName": name, "dataType": kind});
    json!({"__typename": "ShopifyqlTableData", "rows": rows,
        "columns": [column("day", "DAY_TIMESTAMP"), column("net_sales", "MONEY")]})
}

/// What an order sold and took back, and when.
fn sales(order: &Order) -> Vec<(Timestamp, i64)> {
    if order.test {
        return vec![];
    }
    let edited = |line: usize| order.edits.iter().find(|edit| edit.line == line).map(|edit| edit.at);
    let contained = |tax: i64| if order.cart.taxes_included { tax } else { 0 };
    let goods = order.cart.lines.iter().enumerate().filter(|(_, line)| !line.gift_card);
    let mut sales: Vec<(Timestamp, i64)> = goods
        .map(|(n, line)| (edited(n).unwrap_or(order.created_at), line.discounted() - contained(line.tax)))
        .collect();
    let worth = |refund: &Refund| {
        let lines = refund.lines.iter().filter(|back| !order.cart.lines[back.line].gift_card);
        -lines.map(|back| back.subtotal).sum::<i64>() - refund.goodwill
    };
    sales.extend(order.refunds.iter().map(|refund| (refund.at, worth(refund))));
    // Nobody paid for it: what is left of it is taken back all the same.
    let unpaid = order.cancelled_at.filter(|_| order.refunds.iter().all(|refund| !refund.cancels));
    sales.extend(unpaid.map(|at| (at, worth(&everything(order, order.id + 7, at)))));
    sales
}
