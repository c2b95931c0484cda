//! `orders/create`, `orders/updated`, `orders/paid`, `orders/cancelled`: an order as it stands. `orders/edited` only
//! says that something changed: that order is read again.

use serde::Deserialize;

use super::Arrived;
use super::arrived::folded;
use super::example::{EXAMPLE, EXAMPLE_REASON};
use super::landing;
use super::lenient;
use super::money::{Bag, Purse, less, sum, times};
use super::named::{Address, Customer, Named};
use super::refund;
use crate::links::CLICK_ATTRIBUTE;
use crate::orders::{Amounts, OrderId, Snapshot};
use crate::webhooks::parsed::{Parsed, Unreadable};

/// More click ids than a shopper could collect are somebody else's.
const CLICKS: usize = 5;

/// A state of an order.
pub fn read(arrived: &Arrived<'_>, body: &str) -> Result<Parsed, Unreadable> {
    let order: Payload = lenient::payload(body)?;
    if order.id == Some(EXAMPLE) {
        return Ok(Parsed::Nothing(EXAMPLE_REASON.to_owned()));
    }
    Ok(Parsed::Order(Box::new(order.snapshot(arrived)?)))
}

/// An edit names lines and no money: the order is read again.
pub fn read_edit(_: &Arrived<'_>, body: &str) -> Result<Parsed, Unreadable> {
    let edit: Edit = lenient::payload(body)?;
    let order = edit.order_edit.and_then(|edit| edit.order_id);
    let order = order.ok_or_else(|| Unreadable::because("the edit names no order"))?;
    if order == EXAMPLE {
        return Ok(Parsed::Nothing(EXAMPLE_REASON.to_owned()));
    }
    Ok(Parsed::Edited(OrderId(order)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Edit {
    #[serde(deserialize_with = "lenient::object")]
    order_edit: Option<Edits>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Edits {
    #[serde(deserialize_with = "lenient::whole")]
    order_id: Option<i64>,
}

/// What we read of an order.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Payload {
    #[serde(deserialize_with = "lenient::whole")]
    id: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    processed_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    updated_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    cancelled_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    currency: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    presentment_currency: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    source_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    financial_status: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    test: bool,
    #[serde(deserialize_with = "lenient::text")]
    checkout_token: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    cart_token: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    phone: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    email: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    contact_email: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    customer: Option<Customer>,
    #[serde(deserialize_with = "lenient::object")]
    billing_address: Option<Address>,
    #[serde(deserialize_with = "lenient::object")]
    shipping_address: Option<Address>,
    #[serde(deserialize_with = "lenient::text")]
    landing_site: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    referring_site: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    note_attributes: Vec<Attribute>,
    #[serde(deserialize_with = "lenient::list")]
    discount_codes: Vec<Application>,
    #[serde(deserialize_with = "lenient::maybe_list")]
    discount_applications: Option<Vec<Application>>,
    #[serde(deserialize_with = "lenient::flag")]
    taxes_included: bool,
    #[serde(deserialize_with = "lenient::list")]
    line_items: Vec<Line>,
    #[serde(deserialize_with = "lenient::maybe_list")]
    shipping_lines: Option<Vec<Shipping>>,
    #[serde(deserialize_with = "lenient::object")]
    total_shipping_price_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::text")]
    total_tax: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    total_tax_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::text")]
    total_tip_received: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    total_tip_received_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::flag")]
    duties_included: bool,
    #[serde(deserialize_with = "lenient::object")]
    original_total_duties_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::object")]
    original_total_additional_fees_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::text")]
    total_price: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    total_price_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::text")]
    current_total_price: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    current_total_price_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::list")]
    refunds: Vec<refund::Payload>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attribute {
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    value: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Application {
    #[serde(deserialize_with = "lenient::text", rename = "type")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Line {
    #[serde(deserialize_with = "lenient::flag")]
    gift_card: bool,
    /// Tips come as lines too, and only they have this key, which may be null.
    #[serde(deserialize_with = "lenient::present", rename = "tip_payment_gateway")]
    tip: bool,
    #[serde(deserialize_with = "lenient::list")]
    duties: Vec<Bag>,
    #[serde(deserialize_with = "lenient::whole")]
    quantity: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    price: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    price_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::list")]
    tax_lines: Vec<Part>,
    #[serde(deserialize_with = "lenient::list")]
    discount_allocations: Vec<Part>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Shipping {
    #[serde(deserialize_with = "lenient::text")]
    price: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    price_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::text")]
    discounted_price: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    discounted_price_set: Option<Bag>,
    #[serde(deserialize_with = "lenient::list")]
    tax_lines: Vec<Part>,
    #[serde(deserialize_with = "lenient::list")]
    discount_allocations: Vec<Part>,
}

/// A tax line (`price`) or a discount's share (`amount`).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Part {
    #[serde(deserialize_with = "lenient::text", alias = "amount")]
    price: Option<String>,
    #[serde(deserialize_with = "lenient::object", alias = "amount_set")]
    price_set: Option<Bag>,
}

impl Payload {
    pub(super) fn snapshot(&self, arrived: &Arrived<'_>) -> Result<Snapshot, Unreadable> {
        let id = self.id.ok_or_else(|| Unreadable::because("the order has no id"))?;
        let codes = [self.currency.as_deref(), self.total_price_set.as_ref().and_then(Bag::code)];
        let purse = Purse::named("order", codes, arrived.currency)?;
        let instant = |text: &Option<String>| arrived.instant(text.as_deref());
        let updated_at = instant(&self.updated_at).unwrap_or(arrived.at);
        let customer = self.customer.as_ref();
        let ordered_at = instant(&self.processed_at).or_else(|| instant(&self.created_at)).unwrap_or(arrived.at);
        let refunds = self.refunds.iter().map(|refund| refund.snapshot(purse, arrived, updated_at));
        Ok(Snapshot {
            order: OrderId(id),
            name: self.name.clone().unwrap_or_default(),
            ordered_at,
            created_at: instant(&self.created_at).unwrap_or(ordered_at),
            updated_at,
            currency: purse.0.to_string(),
            presentment_currency: self.presentment_currency.clone().unwrap_or_else(|| purse.0.to_string()),
            source_name: self.source_name.clone().unwrap_or_default(),
            financial_status: self.financial_status.clone(),
            test: self.test,
            cancelled_at: self.cancelled_at.as_deref().map(|text| super::arrived::parsed(text, updated_at)),
            checkout_token: self.checkout_token.clone(),
            cart_token: self.cart_token.as_deref().and_then(without_key),
            shopify_customer_id: customer.and_then(|customer| customer.id),
            contacts: self.named().contacts(arrived),
            codes: self.codes(),
            click_ids: self.click_ids(),
            landing_click_id: self.landing_site.as_deref().and_then(landing::click),
            landing: self.landing_site.as_deref().map(landing::channel_part),
            referrer: self.referring_site.as_deref().and_then(landing::host),
            amounts: self.amounts(purse)?,
            current_total: self.current_total(purse),
            refunds: refunds.collect::<Result<_, _>>()?,
        })
    }

    /// What it comes to now. It is compared, and counted nowhere: what cannot be read is not told.
    fn current_total(&self, purse: Purse) -> Option<i64> {
        let (set, plain) = (self.current_total_price_set.as_ref(), self.current_total_price.as_deref());
        purse.find("current_total_price", set, plain).ok().flatten()
    }

    fn named(&self) -> Named<'_> {
        Named {
            phone: self.phone.as_deref(),
            emails: [self.email.as_deref(), self.contact_email.as_deref()],
            customer: self.customer.as_ref(),
            billing: self.billing_address.as_ref(),
            shipping: self.shipping_address.as_ref(),
        }
    }

    /// Codes that were redeemed. A staff-typed title of a draft's manual discount looks like a code and is none.
    fn codes(&self) -> Vec<String> {
        let draft = self.source_name.as_deref() == Some("shopify_draft_order");
        match &self.discount_applications {
            Some(all) => {
                let codes = all.iter().filter(|one| one.kind.as_deref() == Some("discount_code"));
                folded(codes.filter_map(|one| one.code.as_deref()))
            }
            None if draft => Vec::new(),
            None => folded(self.discount_codes.iter().filter_map(|one| one.code.as_deref())),
        }
    }

    fn click_ids(&self) -> Vec<String> {
        let ours = self.note_attributes.iter().filter(|one| one.name.as_deref() == Some(CLICK_ATTRIBUTE));
        let values = ours.filter_map(|one| one.value.clone()).filter(|value| value.len() <= landing::CLICK_LENGTH);
        values.take(CLICKS).collect()
    }

    /// What the order was worth when it began. What is no merchandise stands apart, and so does what prices include:
    /// taxes and duties are taken out of the goods and counted once, as what they are.
    fn amounts(&self, purse: Purse) -> Result<Amounts, Unreadable> {
        let (mut gross, mut discounts, mut gift_cards, mut tips) = (vec![], vec![], vec![], vec![]);
        for line in &self.line_items {
            let price = purse.read("a line's price", line.price_set.as_ref(), line.price.as_deref())?;
            let worth = times(price, line.quantity.unwrap_or(1))?;
            let off = parts(purse, "a line's discount", &line.discount_allocations)?;
            let tax = self.included(purse, &line.tax_lines)?;
            if line.tip {
                tips.extend([Ok(worth), less(off)]);
            } else if line.gift_card {
                gift_cards.extend([Ok(worth), less(off), less(tax)]);
            } else {
                gross.extend([Ok(worth), less(tax)]);
                discounts.push(Ok(off));
            }
        }
        let told = purse.read("the tip", self.total_tip_received_set.as_ref(), self.total_tip_received.as_deref())?;
        let (on_lines, duties) = self.duties(purse)?;
        if self.duties_included {
            gross.push(less(if on_lines == 0 { duties } else { on_lines }));
        }
        let fees = self.original_total_additional_fees_set.as_ref();
        let total = purse.find("total_price", self.total_price_set.as_ref(), self.total_price.as_deref())?;
        let amounts = Amounts {
            gross: sum(gross)?,
            discounts: sum(discounts)?,
            shipping: self.shipping(purse)?,
            tax: purse.read("total_tax", self.total_tax_set.as_ref(), self.total_tax.as_deref())?,
            // The sum may lack what was given back, the lines what has none.
            tips: sum(tips)?.max(told),
            gift_cards: sum(gift_cards)?,
            total: total.ok_or_else(|| Unreadable::because("the order has no total_price"))?,
            ..Amounts::default()
        };
        Ok(with_charges(amounts, duties, purse.read("the additional fees", fees, None)?))
    }

    /// Duties as the lines name them, and in all.
    fn duties(&self, purse: Purse) -> Result<(i64, i64), Unreadable> {
        let lines = self.line_items.iter().flat_map(|line| &line.duties);
        let on_lines = sum(lines.map(|duty| purse.read("a line's duty", Some(duty), None)))?;
        let all = purse.find("original_total_duties_set", self.original_total_duties_set.as_ref(), None)?;
        Ok((on_lines, all.unwrap_or(on_lines)))
    }

    /// Shipping after its discounts, without the tax it may include.
    fn shipping(&self, purse: Purse) -> Result<i64, Unreadable> {
        let Some(lines) = &self.shipping_lines else {
            return purse.read("total_shipping_price_set", self.total_shipping_price_set.as_ref(), None);
        };
        sum(lines.iter().map(|line| {
            let after = purse.find(
                "discounted shipping",
                line.discounted_price_set.as_ref(),
                line.discounted_price.as_deref(),
            )?;
            let price = match after {
                Some(after) => after,
                None => {
                    let price = purse.read("a shipping price", line.price_set.as_ref(), line.price.as_deref())?;
                    sum([Ok(price), less(parts(purse, "a shipping discount", &line.discount_allocations)?)])?
                }
            };
            sum([Ok(price), less(self.included(purse, &line.tax_lines)?)])
        }))
    }

    fn included(&self, purse: Purse, taxes: &[Part]) -> Result<i64, Unreadable> {
        if self.taxes_included { parts(purse, "an included tax", taxes) } else { Ok(0) }
    }
}

/// Duties and fees are paid with the order, or at the door and then no part of its total: each whole or not at all. The
/// total tells which; where it fits neither, they are parts, and what is left unexplained raises the alarm.
fn with_charges(amounts: Amounts, duties: i64, fees: i64) -> Amounts {
    let ways = [(duties, fees), (duties, 0), (0, fees), (0, 0)];
    let with = |(duties, fees)| Amounts { duties, fees, ..amounts };
    ways.into_iter().map(with).find(|with| with.unexplained() == 0).unwrap_or_else(|| with((duties, fees)))
}

fn parts(purse: Purse, what: &str, parts: &[Part]) -> Result<i64, Unreadable> {
    sum(parts.iter().map(|part| purse.read(what, part.price_set.as_ref(), part.price.as_deref())))
}

/// A cart token may carry `?key=…`, which opens the cart and joins nothing.
pub(super) fn without_key(token: &str) -> Option<String> {
    token.split('?').next().filter(|token| !token.is_empty()).map(str::to_owned)
}
