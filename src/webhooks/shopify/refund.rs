//! `refunds/create`, and the refunds listed inside an order.

use serde::Deserialize;

use super::Arrived;
use super::example::{EXAMPLE, EXAMPLE_REASON};
use super::lenient;
use super::money::{Bag, Purse, less, sum};
use crate::kernel::{Currency, Timestamp};
use crate::orders::{OrderId, RefundSnapshot};
use crate::webhooks::parsed::{Parsed, Unreadable};

/// A refund as it was recorded; it may settle later, and an order told afterwards says so.
pub fn read(arrived: &Arrived<'_>, body: &str) -> Result<Parsed, Unreadable> {
    let refund: Payload = lenient::payload(body)?;
    let order = refund.order_id.ok_or_else(|| Unreadable::because("the refund names no order"))?;
    if order == EXAMPLE {
        return Ok(Parsed::Nothing(EXAMPLE_REASON.to_owned()));
    }
    let purse = Purse::named("refund", [refund.code()], arrived.currency)?;
    Ok(Parsed::Refund(OrderId(order), refund.snapshot(purse, arrived, arrived.at)?))
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
    #[serde(deserialize_with = "lenient::list")]
    duties: Vec<Duty>,
    #[serde(deserialize_with = "lenient::object")]
    total_additional_fees_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::object")]
    total_refunded_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::list")]
    transactions: Vec<Transaction>,
}

/// A duty that was given back.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Duty {
    #[serde(deserialize_with = "lenient::object")]
    amount_set: Option<Bag>,
}

/// Money on its way.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Transaction {
    #[serde(deserialize_with = "lenient::text")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    amount: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    currency: Option<String>,
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
    /// As on an order's line.
    #[serde(deserialize_with = "lenient::present", rename = "tip_payment_gateway")]
    tip: bool,
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
        let [goods, shipping, tax, tips, gift_cards, charges] = self.amounts(purse)?;
        Ok(RefundSnapshot {
            refund: id,
            at: arrived.instant(at).unwrap_or(known_at),
            known_at,
            goods,
            shipping,
            tax,
            tips,
            gift_cards,
            charges,
            moved: self.moved(purse)?,
        })
    }

    /// Goods, shipping, tax, tips, gift cards, and duties with fees that went back. An adjustment says how far the money
    /// differs from the lines: a negative one is goodwill on top, a positive one has not been paid back (yet) and takes
    /// from each in this order, so that nothing goes back below nothing.
    ///
    /// A line's `subtotal` is read as without its tax, in shops whose prices include it too. Shopify documents the sum
    /// of a refund as made of the two (`SuggestedRefund`: `subtotalSet`, `totalTaxSet` and `amountSet`, "the total
    /// monetary value to be refunded", <https://shopify.dev/docs/api/admin-graphql/latest/objects/SuggestedRefund>;
    /// adjustments are the difference between that and what was given back,
    /// <https://shopify.dev/docs/api/admin-rest/2024-10/resources/refund>), and connectors that book both for every shop
    /// rely on it (<https://github.com/microsoft/BCApps/pull/7447>). It does not say so of such shops in as many words:
    /// where it is not so, the money that went back is less than the parts by the tax, and the order is marked.
    fn amounts(&self, purse: Purse) -> Result<[i64; 6], Unreadable> {
        let (mut goods, mut shipping, mut tax) = (vec![], vec![], vec![]);
        let (mut tips, mut gift_cards, mut charges) = (vec![], vec![], vec![]);
        for line in &self.refund_line_items {
            let subtotal = purse.read("a refunded line", line.subtotal_set.as_ref(), line.subtotal.as_deref());
            match &line.line_item {
                Some(item) if item.tip => tips.push(subtotal),
                Some(item) if item.gift_card => gift_cards.push(subtotal),
                _ => goods.push(subtotal),
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
        let duties = purse.find("refunded duties", self.total_duties_set.as_ref(), None)?;
        match duties {
            Some(all) => charges.push(Ok(all)),
            None => charges
                .extend(self.duties.iter().map(|duty| purse.read("a refunded duty", duty.amount_set.as_ref(), None))),
        }
        charges.push(purse.read("refunded fees", self.total_additional_fees_set.as_ref(), None));
        let mut all = [sum(goods)?, sum(shipping)?, sum(tax)?, sum(tips)?, sum(gift_cards)?, sum(charges)?];
        let mut owed = 0;
        for part in &mut all {
            let left = sum([Ok(*part), Ok(owed)])?;
            (*part, owed) = (left.max(0), left.min(0));
        }
        Ok(all)
    }

    /// The money that went back. `None`: none has yet, or it is told in another currency than the shop's.
    fn moved(&self, purse: Purse) -> Result<Option<i64>, Unreadable> {
        // Nothing may mean that it is still to come, or that staff took off what was never paid.
        let told = purse.find("total_refunded_set", self.total_refunded_set.as_ref(), None)?.filter(|told| *told != 0);
        let is = |one: &Option<String>, what: &str| one.as_deref().is_some_and(|one| one.eq_ignore_ascii_case(what));
        let moved = |one: &&Transaction| is(&one.kind, "refund") && is(&one.status, "success");
        let moved: Vec<&Transaction> = self.transactions.iter().filter(moved).collect();
        let ours = |one: &&Transaction| one.currency.as_deref().and_then(Currency::parse) == Some(purse.0);
        if told.is_some() || moved.is_empty() || !moved.iter().all(ours) {
            return Ok(told);
        }
        sum(moved.iter().map(|one| purse.read("a transaction", None, one.amount.as_deref()))).map(Some)
    }

    /// The code its bags name their currency by.
    fn code(&self) -> Option<&str> {
        let lines = self.refund_line_items.iter().map(|line| line.subtotal_set.as_ref());
        let shipping = self.refund_shipping_lines.iter().map(|line| line.subtotal_amount_set.as_ref());
        let adjustments = self.order_adjustments.iter().map(|one| one.amount_set.as_ref());
        let bags = lines.chain(shipping).chain(adjustments).chain([self.total_duties_set.as_ref()]);
        bags.flatten().find_map(Bag::code)
    }
}
