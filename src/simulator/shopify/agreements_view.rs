//! Who sold what, in Shopify's own book: the agreements of an order, made from the pretend shop's own facts. The one place
//! that says which line is a tip.
//!
//! One when it was placed; one for each edit; one for each refund; one when an order nobody paid for is cancelled, which
//! takes back what is left of it.

use serde_json::{Value, json};

use super::money_view::{bag, tip_line};
use super::order::{Order, Refund};
use super::pricing::Line;
use super::view::{connection, gid, instant};
use crate::kernel::Timestamp;

/// `Order.agreements`.
pub(super) fn agreements(order: &Order) -> Value {
    let edits = order.edits.iter().map(|edit| {
        let sales = order.cart.lines.get(edit.line).map(|line| sold(order, edit.line, line));
        agreement("OrderEditAgreement", "ORDER_EDIT", edit.id, edit.at, sales.into_iter().collect())
    });
    let refunds = order
        .refunds
        .iter()
        .map(|refund| agreement("RefundAgreement", "REFUND", refund.id, refund.at, given_back(order, refund)));
    let mut later: Vec<(Timestamp, Value)> = order.edits.iter().map(|edit| edit.at).zip(edits).collect();
    later.extend(order.refunds.iter().map(|refund| refund.at).zip(refunds));
    later.sort_by_key(|(at, _)| *at);
    let taken_back = order.cancelled_at.filter(|_| order.refunds.iter().all(|refund| !refund.cancels)).map(|at| {
        let everything = super::after_sale::everything(order, order.id + 7, at);
        agreement("RefundAgreement", "REFUND", order.id + 7, at, given_back(order, &everything))
    });
    let all = std::iter::once(placed(order)).chain(later.into_iter().map(|(_, one)| one)).chain(taken_back);
    connection("SalesAgreement", all.collect())
}

fn agreement(kind: &str, reason: &str, id: i64, at: Timestamp, sales: Vec<Value>) -> Value {
    json!({"__typename": kind, "id": gid("SalesAgreement", id), "reason": reason, "happenedAt": instant(at),
        "sales": connection("Sale", sales)})
}

fn placed(order: &Order) -> Value {
    let edited = |n: usize| order.edits.iter().any(|edit| edit.line == n);
    let lines = order.cart.lines.iter().enumerate().filter(|(n, _)| !edited(*n));
    let mut sales: Vec<Value> = lines.map(|(n, line)| sold(order, n, line)).collect();
    if let Some(way) = &order.cart.shipping {
        let off = way.price - way.discounted();
        let worth = [taxed(order, way.discounted(), way.tax), way.tax, off];
        sales.push(sale(order, "ShippingLineSale", order.id + 5, "SHIPPING", "ORDER", 1, worth));
    }
    sales.extend((order.tip > 0).then(|| tip(order, order.id + 6, "ORDER", order.tip)));
    agreement("OrderAgreement", "ORDER", order.id, order.created_at, sales)
}

fn sold(order: &Order, n: usize, line: &Line) -> Value {
    let (kind, of) = kinds(line);
    let worth = [taxed(order, line.discounted(), line.tax), line.tax, line.discount()];
    sale(order, kind, order.id * 10 + n as i64, of, "ORDER", line.quantity, worth)
}

fn given_back(order: &Order, refund: &Refund) -> Vec<Value> {
    let lines = refund.lines.iter().zip(0..);
    let mut back: Vec<Value> = lines
        .map(|(one, n)| {
            let (kind, of) = kinds(&order.cart.lines[one.line]);
            let worth = [-one.subtotal - one.tax, -one.tax, 0];
            sale(order, kind, refund.id * 10 + n, of, "RETURN", -one.quantity, worth)
        })
        .collect();
    if refund.shipping != (0, 0) {
        let worth = [-refund.shipping.0 - refund.shipping.1, -refund.shipping.1, 0];
        back.push(sale(order, "ShippingLineSale", refund.id + 5, "SHIPPING", "RETURN", -1, worth));
    }
    back.extend((refund.tip > 0).then(|| tip(order, refund.id + 6, "RETURN", -refund.tip)));
    let goodwill = [-refund.goodwill, 0, 0];
    let goodwill = || sale(order, "AdjustmentSale", refund.id + 8, "ADJUSTMENT", "UPDATE", 1, goodwill);
    back.extend((refund.goodwill != 0).then(goodwill));
    back
}

/// An amount of the cart with its tax, whether prices contain it or not.
fn taxed(order: &Order, minor: i64, tax: i64) -> i64 {
    minor + if order.cart.taxes_included { 0 } else { tax }
}

fn kinds(line: &Line) -> (&'static str, &'static str) {
    if line.gift_card { ("GiftCardSale", "GIFT_CARD") } else { ("ProductSale", "PRODUCT") }
}

fn tip(order: &Order, n: i64, way: &str, minor: i64) -> Value {
    let mut sale = sale(order, "TipSale", n, "TIP", way, 1, [minor, 0, 0]);
    sale["lineItem"] = tip_line(order);
    sale
}

fn sale(order: &Order, kind: &str, n: i64, line: &str, way: &str, quantity: i64, worth: [i64; 3]) -> Value {
    let [total, tax, off] = worth.map(|minor| bag(order, minor));
    json!({"__typename": kind, "id": gid(kind, n), "lineType": line, "actionType": way, "quantity": quantity,
        "totalAmount": total, "totalTaxAmount": tax, "totalDiscountAmountBeforeTaxes": off,
        "totalDiscountAmountAfterTaxes": off})
}
