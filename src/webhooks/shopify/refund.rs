//! `refunds/create`, and the refunds listed inside an order.

use serde::Deserialize;

use super::Arrived;
use super::lenient;
use super::money::{Bag, Purse, less, sum};
use super::order::{EXAMPLE, EXAMPLE_REASON};
use crate::kernel::{Currency, Timestamp};
use crate::orders::{OrderId, RefundSnapshot};
use crate::webhooks::told::{Told, Unreadable};

/// A refund as it was recorded; it may settle later, and an order told afterwards says so.
pub fn read(arrived: &Arrived<'_>, body: &str) -> Result<Told, Unreadable> {
    let refund: Payload = lenient::payload(body)?;
    let order = refund.order_id.ok_or_else(|| Unreadable::because("the refund names no order"))?;
    if order == EXAMPLE {
        return Ok(Told::Nothing(EXAMPLE_REASON.to_owned()));
    }
    let currency = refund.currency().or(arrived.currency);
    let purse = Purse(currency.ok_or_else(|| Unreadable::because("the refund names no currency"))?);
    Ok(Told::Refund(OrderId(order), refund.snapshot(purse, arrived, arrived.at)?))
}

/// What we read of a refund.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Payload {
    #[serde(deserialize_with = "lenient::whole")]
    id: Option<i64>,
    #[serde(deserialize_with = "lenient::whole")]
    order_id: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    processed_at: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    refund_line_items: Vec<Line>,
    #[serde(deserialize_with = "lenient::list")]
    refund_shipping_lines: Vec<Shipping>,
    #[serde(deserialize_with = "lenient::list")]
    order_adjustments: Vec<Adjustment>,
    #[serde(deserialize_with = "lenient::object")]
    total_duties_set: Option<Bag>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Line {
    #[serde(deserialize_with = "lenient::text")]
    subtotal: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    subtotal_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::text")]
    total_tax: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    total_tax_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::object")]
    line_item: Option<Item>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    #[serde(deserialize_with = "lenient::flag")]
    gift_card: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Shipping {
    #[serde(deserialize_with = "lenient::text", alias = "subtotal")]
    subtotal_amount: Option<String>,
    #[serde(deserialize_with = "lenient::object", alias = "subtotal_set")]
    subtotal_amount_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::text", alias = "total_tax")]
    tax_amount: Option<String>,
    #[serde(deserialize_with = "lenient::object", alias = "total_tax_set")]
    tax_amount_set: Option<Bag>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Adjustment {
    #[serde(deserialize_with = "lenient::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    amount: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    amount_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::text")]
    tax_amount: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    tax_amount_set: Option<Bag>,
}

impl Payload {
    pub(super) fn snapshot(
        &self,
        purse: Purse,
        arrived: &Arrived<'_>,
        known_at: Timestamp,
    ) -> Result<RefundSnapshot, Unreadable> {
        let id = self.id.ok_or_else(|| Unreadable::because("a refund has no id"))?;
        let at = self.processed_at.as_deref().or(self.created_at.as_deref());
        let (goods, shipping, tax) = self.amounts(purse)?;
        Ok(RefundSnapshot { refund: id, at: arrived.instant(at).unwrap_or(known_at), known_at, goods, shipping, tax })
    }

    /// Goods, shipping and tax that went back. An adjustment says how far the money differs from the lines: a negative
    /// one is goodwill on top, a positive one has not been paid back (yet) and takes from goods, then shipping, then
    /// tax, so that nothing goes back below nothing.
    fn amounts(&self, purse: Purse) -> Result<(i64, i64, i64), Unreadable> {
        let (mut goods, mut shipping, mut tax) = (vec![], vec![], vec![]);
        for line in &self.refund_line_items {
            let subtotal = purse.read("a refunded line", line.subtotal_set.as_ref(), line.subtotal.as_deref())?;
            if !line.line_item.as_ref().is_some_and(|item| item.gift_card) {
                goods.push(Ok(subtotal));
            }
            tax.push(purse.read("a refunded tax", line.total_tax_set.as_ref(), line.total_tax.as_deref()));
        }
        for line in &self.refund_shipping_lines {
            let (set, plain) = (line.subtotal_amount_set.as_ref(), line.subtotal_amount.as_deref());
            shipping.push(purse.read("refunded shipping", set, plain));
            tax.push(purse.read("a refunded tax", line.tax_amount_set.as_ref(), line.tax_amount.as_deref()));
        }
        for one in &self.order_adjustments {
            let amount = purse.read("an adjustment", one.amount_set.as_ref(), one.amount.as_deref())?;
            let part = purse.read("an adjusted tax", one.tax_amount_set.as_ref(), one.tax_amount.as_deref())?;
            // Before 2024-04 shipping came back as an adjustment of its own kind.
            let to = if one.kind.as_deref() == Some("shipping_refund") { &mut shipping } else { &mut goods };
            to.push(less(amount));
            tax.push(less(part));
        }
        let (goods, shipping, tax) = (sum(goods)?, sum(shipping)?, sum(tax)?);
        let shipping = sum([Ok(shipping), Ok(goods.min(0))])?;
        let tax = sum([Ok(tax), Ok(shipping.min(0))])?;
        Ok((goods.max(0), shipping.max(0), tax.max(0)))
    }

    /// The currency its bags name.
    fn currency(&self) -> Option<Currency> {
        let lines = self.refund_line_items.iter().map(|line| line.subtotal_set.as_ref());
        let shipping = self.refund_shipping_lines.iter().map(|line| line.subtotal_amount_set.as_ref());
        let adjustments = self.order_adjustments.iter().map(|one| one.amount_set.as_ref());
        let bags = lines.chain(shipping).chain(adjustments).chain([self.total_duties_set.as_ref()]);
        bags.flatten().find_map(Bag::currency)
    }
}
