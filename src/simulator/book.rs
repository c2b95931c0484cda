//! The order book: what truly happened, and why. Nobody in the pretend world can be wrong about it.
//!
//! The words are those of `measurement.md` §2. Per order, in minor units of the shop's currency:
//! `gross` = price × quantity of goods without the tax contained in what was paid; `discounts` = what codes and staff
//! took off the goods; `returns` = goods that came back, without tax; `goodwill` = money given back without goods;
//! `net` = gross − discounts − returns − goodwill. Gift cards, tips, shipping and tax are in none of them.
//! Test orders, cancelled orders and renewals have a `net` of 0; pending ones keep theirs and say so.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::kernel::{Day, Timestamp};

use super::clues::{Clues, PixelTold, StatusTold, Tapped};
use super::shopify::order::Order;
use super::shopify::shop::Shop;
use super::state::State;

/// A person drawn into a campaign, with the truth about them.
#[derive(Clone, Debug, Serialize)]
pub struct Recipient {
    /// The campaign's id at the app.
    pub campaign_id: String,
    /// `broadcast` or `abandoned_checkout`.
    pub kind: &'static str,
    /// The platform's key of the person.
    pub key: String,
    /// Number among the known customers, if they are one.
    pub person: Option<usize>,
    /// What the platform told the app of them: the phone, or the e-mail, or both.
    pub phone: Option<String>,
    /// See above.
    pub email: Option<String>,
    /// The app's id of the message.
    pub message_id: String,
    /// Left alone on purpose.
    pub held_out: bool,
    /// When they were drawn.
    pub drawn_at: Timestamp,
    /// The code they got.
    pub code: Option<String>,
    /// The link they got.
    pub link: Option<String>,
    /// When the code ends, as the app said.
    pub expires_at: Option<Timestamp>,
    /// The checkout the message is about.
    pub checkout_token: Option<String>,
    /// Chance that a delivered message makes this person buy who would not have.
    pub message_effect: f64,
    /// Added by the code.
    pub code_effect: f64,
    /// Whether a delivered message would make them buy. Known for held-out people too, who never get one.
    pub movable: bool,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
    /// When it was read, receipts or not.
    pub read_at: Option<Timestamp>,
    /// Never delivered.
    pub failed: bool,
    /// A human tap on the link.
    pub tapped: bool,
    /// Taps of people on their link, as the app answered them.
    pub taps: Vec<Tapped>,
    /// Codes their link brought: usually the one they got, but the app may put a fresh one behind it.
    pub brought: Vec<String>,
    /// Statuses that reached the app.
    pub told: Vec<StatusTold>,
    /// The order that would not be there without the message.
    pub caused_order: Option<i64>,
}

/// One order, as it truly is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderRecord {
    /// Shopify's number.
    pub shopify_order_id: i64,
    /// `#1001`.
    pub name: String,
    /// When it was placed.
    pub created_at: Timestamp,
    /// The shop's local day of that.
    pub day: Day,
    /// `web`, `pos` …
    pub source: String,
    /// ISO 4217.
    pub currency: String,
    /// See the head of this file.
    pub gross: i64,
    /// What codes and staff took off the goods.
    pub discounts: i64,
    /// Goods that came back, without tax.
    pub returns: i64,
    /// Given back without goods.
    pub goodwill: i64,
    /// What counts; 0 for test, cancelled and renewal orders.
    pub net: i64,
    /// Left out of net.
    pub tips: i64,
    /// Left out of net.
    pub gift_cards: i64,
    /// Not paid yet: counted apart.
    pub pending: bool,
    /// Bogus gateway.
    pub test: bool,
    /// Fully cancelled.
    pub cancelled: bool,
    /// Renewal of a subscription.
    pub renewal: bool,
    /// Codes that truly took part (not what staff typed).
    pub codes: Vec<String>,
    /// Its checkout.
    pub checkout_token: Option<String>,
    /// What it says of itself that could tie it to a message.
    pub clues: Clues,
    /// The message without which it would not be there.
    pub caused_by: Option<String>,
}

/// Sums over a range of local days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All orders placed.
    pub orders: i64,
    /// Gross of the orders that count.
    pub gross: i64,
    /// Discounts of the orders that count.
    pub discounts: i64,
    /// Returns and goodwill of the orders that count.
    pub returns: i64,
    /// Net of the orders that count: paid, and neither test, cancelled nor renewal.
    pub net: i64,
    /// Net of orders not paid yet.
    pub pending: i64,
    /// Tips of all but test and cancelled orders.
    pub tips: i64,
    /// Gift cards of all but test and cancelled orders.
    pub gift_cards: i64,
    /// Goods net of renewals.
    pub renewals: i64,
    /// Net of the orders that messages truly caused.
    pub caused: i64,
    /// How many test orders.
    pub test_orders: i64,
    /// How many cancelled orders.
    pub cancelled_orders: i64,
}

/// The truth about a stretch of the pretend world's life.
#[derive(Clone, Debug, Serialize)]
pub struct OrderBook {
    /// Every order, oldest first.
    pub orders: Vec<OrderRecord>,
    /// Everybody drawn, in that order.
    pub recipients: Vec<Recipient>,
    /// What pixels told.
    pub pixels: Vec<PixelTold>,
}

impl OrderBook {
    /// Sums over local days, both ends included.
    pub fn totals(&self, from: Day, to: Day) -> Totals {
        let mut sum = Totals::default();
        for order in self.orders.iter().filter(|order| order.day >= from && order.day <= to) {
            sum.orders += 1;
            sum.test_orders += i64::from(order.test);
            sum.cancelled_orders += i64::from(order.cancelled && !order.test);
            if order.test || order.cancelled {
                continue;
            }
            sum.tips += order.tips;
            sum.gift_cards += order.gift_cards;
            if order.renewal {
                sum.renewals += order.gross - order.discounts - order.returns - order.goodwill;
            } else if order.pending {
                sum.pending += order.net;
            } else {
                sum.gross += order.gross;
                sum.discounts += order.discounts;
                sum.returns += order.returns + order.goodwill;
                sum.net += order.net;
                sum.caused += if order.caused_by.is_some() { order.net } else { 0 };
            }
        }
        sum
    }

    /// Sums over everything.
    pub fn everything(&self) -> Totals {
        self.totals(Day(i32::MIN), Day(i32::MAX))
    }

    /// Net by local day, of orders that count.
    pub fn net_by_day(&self) -> BTreeMap<Day, i64> {
        let mut days = BTreeMap::new();
        for order in self.orders.iter().filter(|order| !order.pending) {
            *days.entry(order.day).or_insert(0) += order.net;
        }
        days
    }

    /// The order of this number.
    pub fn order(&self, shopify_order_id: i64) -> Option<&OrderRecord> {
        self.orders.iter().find(|order| order.shopify_order_id == shopify_order_id)
    }

    /// The true intention-to-treat lift of a campaign, in orders per recipient: the mean chance, over everybody
    /// drawn, that a message would have made them buy.
    pub fn true_lift(&self, campaign_id: &str) -> Option<f64> {
        let drawn: Vec<&Recipient> = self.recipients.iter().filter(|r| r.campaign_id == campaign_id).collect();
        let sum: f64 = drawn.iter().map(|r| r.message_effect + r.code_effect).sum();
        (!drawn.is_empty()).then(|| sum / drawn.len() as f64)
    }
}

fn record(order: &Order, shop: &Shop, caused_by: Option<String>) -> OrderRecord {
    let goods = || order.cart.lines.iter().enumerate().filter(|(_, line)| !line.gift_card);
    let contained = |tax: i64| if order.cart.taxes_included { tax } else { 0 };
    let gross = goods().map(|(_, line)| line.full() - contained(line.tax)).sum::<i64>();
    let discounts = goods().map(|(_, line)| line.discount()).sum::<i64>();
    let back = order.refunds.iter().flat_map(|refund| &refund.lines);
    let returns = back.filter(|back| !order.cart.lines[back.line].gift_card).map(|back| back.subtotal).sum::<i64>();
    let cards = order.cart.lines.iter().enumerate().filter(|(_, line)| line.gift_card);
    let given_back = |line: usize| -> i64 {
        let back = order.refunds.iter().flat_map(|refund| &refund.lines).filter(|back| back.line == line);
        back.map(|back| back.subtotal).sum()
    };
    let goodwill = order.refunds.iter().map(|refund| refund.goodwill).sum::<i64>();
    let renewal = order.source_name.starts_with("subscription_contract");
    let cancelled = order.cancelled_at.is_some();
    let counts = !(renewal || cancelled || order.test);
    let began = order.checkout_token.as_ref().and_then(|token| shop.checkouts.get(token)).map(|one| one.created_at);
    OrderRecord {
        shopify_order_id: order.id,
        name: order.name(),
        created_at: order.created_at,
        day: order.created_at.day(shop.profile.zone),
        source: order.source_name.clone(),
        currency: order.currency.code().to_owned(),
        gross,
        discounts,
        returns,
        goodwill,
        net: if counts { gross - discounts - returns - goodwill } else { 0 },
        tips: order.current_tip(),
        gift_cards: cards.map(|(n, line)| line.full() - given_back(n)).sum(),
        pending: order.paid_at.is_none() && !order.voided && !cancelled,
        test: order.test,
        cancelled,
        renewal,
        codes: order.cart.codes(),
        checkout_token: order.checkout_token.clone(),
        clues: Clues::of(order, began),
        caused_by,
    }
}

impl State {
    /// The truth up to now.
    pub fn book(&self) -> OrderBook {
        let cause = |id: &i64| self.causes.get(id).and_then(|n| self.recipients.get(*n)).map(|r| r.message_id.clone());
        let of = |shop: &Shop| shop.orders.iter().map(|(id, order)| record(order, shop, cause(id))).collect();
        OrderBook {
            orders: self.shops.get(&self.main).map(of).unwrap_or_default(),
            recipients: self.recipients.clone(),
            pixels: self.pixels.clone(),
        }
    }
}
