//! An order as the pretend shop keeps it. Every payload, answer and line of the book is made from this one thing.
//!
//! ```text
//! pending ─▶ paid ─▶ partially_refunded ─▶ refunded        pending ─▶ voided        any ─▶ cancelled
//! ```

use crate::kernel::{Currency, Timestamp};

use super::pricing::{Priced, Shipping};
use crate::simulator::journey::Seen;

/// Who buys.
#[derive(Clone, Debug, Default)]
pub struct Buyer {
    /// Shopify's number of the customer.
    pub customer_id: Option<i64>,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// As typed at checkout.
    pub email: Option<String>,
    /// As typed at checkout.
    pub phone: Option<String>,
}

/// Goods that came back.
#[derive(Clone, Debug)]
pub struct RefundedLine {
    /// Index of the line.
    pub line: usize,
    /// How many.
    pub quantity: i64,
    /// Without tax.
    pub subtotal: i64,
    /// The tax on it.
    pub tax: i64,
}

/// Money given back.
#[derive(Clone, Debug)]
pub struct Refund {
    /// Number within its gid.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Which goods.
    pub lines: Vec<RefundedLine>,
    /// Shipping without tax, and the tax on it.
    pub shipping: (i64, i64),
    /// Of the tip.
    pub tip: i64,
    /// Given without goods; negative where a full refund takes an earlier one into account.
    pub goodwill: i64,
    /// As part of a cancellation.
    pub cancels: bool,
}

impl Refund {
    /// Everything that went back.
    pub fn total(&self) -> i64 {
        let goods: i64 = self.lines.iter().map(|line| line.subtotal + line.tax).sum();
        goods + self.shipping.0 + self.shipping.1 + self.tip + self.goodwill
    }
}

/// A line that staff put on an order that was placed.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    /// Number within its gid.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Index of the line.
    pub line: usize,
}

/// An order.
#[derive(Clone, Debug)]
pub struct Order {
    /// Shopify's number.
    pub id: i64,
    /// The shop's own running number.
    pub number: i64,
    /// Of the order's page.
    pub token: String,
    /// Absent for orders without a checkout.
    pub checkout_token: Option<String>,
    /// Absent for orders without a cart.
    pub cart_token: Option<String>,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// Its payment will never come.
    pub voided: bool,
    /// Sent off.
    pub fulfilled: bool,
    /// Bogus gateway.
    pub test: bool,
    /// `web`, `pos`, `shopify_draft_order`, `subscription_contract_checkout_one` …
    pub source_name: String,
    /// The application behind the source.
    pub app_id: Option<i64>,
    /// What the shop counts in.
    pub currency: Currency,
    /// What the buyer pays in.
    pub presentment: Currency,
    /// Price of one unit of the shop's currency in it, in millionths.
    pub rate: i64,
    /// What was sold.
    pub cart: Priced,
    /// For the staff.
    pub tip: i64,
    /// Who bought.
    pub buyer: Buyer,
    /// Cart attributes.
    pub attributes: Vec<(String, String)>,
    /// First landing of the session.
    pub landing_site: Option<String>,
    /// Where the session came from.
    pub referring_site: Option<String>,
    /// What Shopify saw before it.
    pub(in crate::simulator) visits: Vec<Seen>,
    /// When it tells so; absent for orders without a checkout of the online store.
    pub journey_ready_at: Option<Timestamp>,
    /// How it is paid.
    pub gateway: &'static str,
    /// What staff put on it afterwards.
    pub edits: Vec<Edit>,
    /// What went back.
    pub refunds: Vec<Refund>,
}

impl Order {
    /// `#1001`.
    pub fn name(&self) -> String {
        format!("#{}", self.number)
    }

    /// What was to be paid.
    pub fn total(&self) -> i64 {
        self.cart.total() + self.tip
    }

    /// What went back.
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(Refund::total).sum()
    }

    /// REST's word for how payment stands.
    pub fn financial_status(&self) -> &'static str {
        match () {
            () if self.voided => "voided",
            () if self.paid_at.is_none() => "pending",
            () if self.refunded() == 0 => "paid",
            () if self.refunded() >= self.total() => "refunded",
            () => "partially_refunded",
        }
    }

    /// How many pieces of a line went back.
    pub fn returned(&self, line: usize) -> i64 {
        self.refunds.iter().flat_map(|r| &r.lines).filter(|r| r.line == line).map(|r| r.quantity).sum()
    }

    fn returned_sum(&self, of: impl Fn(i64, i64) -> i64) -> i64 {
        self.refunds.iter().flat_map(|r| &r.lines).map(|r| of(r.subtotal, r.tax)).sum()
    }

    /// Subtotal after returns; nothing once cancelled.
    pub fn current_subtotal(&self) -> i64 {
        let tax = i64::from(self.cart.taxes_included);
        if self.cancelled_at.is_some() { 0 } else { self.cart.subtotal() - self.returned_sum(|s, t| s + t * tax) }
    }

    /// Tax after returns.
    pub fn current_tax(&self) -> i64 {
        let shipping: i64 = self.refunds.iter().map(|r| r.shipping.1).sum();
        if self.cancelled_at.is_some() { 0 } else { self.cart.tax() - self.returned_sum(|_, t| t) - shipping }
    }

    /// Shipping after refunds of it.
    pub fn current_shipping(&self) -> i64 {
        let tax = i64::from(self.cart.taxes_included);
        let back: i64 = self.refunds.iter().map(|r| r.shipping.0 + r.shipping.1 * tax).sum();
        if self.cancelled_at.is_some() { 0 } else { self.cart.shipping.as_ref().map_or(0, Shipping::discounted) - back }
    }

    /// Total after returns; a goodwill does not change it.
    pub fn current_total(&self) -> i64 {
        if self.cancelled_at.is_some() {
            return 0;
        }
        let tax = if self.cart.taxes_included { 0 } else { self.current_tax() };
        self.current_subtotal() + self.current_shipping() + tax + self.current_tip()
    }

    /// The tip, without what went back of it.
    pub fn current_tip(&self) -> i64 {
        self.tip - self.refunds.iter().map(|refund| refund.tip).sum::<i64>()
    }

    /// What is left to be paid.
    pub fn outstanding(&self) -> i64 {
        if self.paid_at.is_some() || self.voided || self.cancelled_at.is_some() { 0 } else { self.total() }
    }

    /// What the shop has received and kept.
    pub fn net_payment(&self) -> i64 {
        if self.paid_at.is_some() { self.total() - self.refunded() } else { 0 }
    }

    /// The refund of so many pieces of a line; the parts of a line always sum to the line.
    pub fn take_back(&self, line: usize, quantity: i64) -> Option<RefundedLine> {
        let sold = self.cart.lines.get(line)?;
        let before = self.returned(line);
        let quantity = quantity.min(sold.quantity - before);
        if quantity <= 0 {
            return None;
        }
        let net = sold.discounted() - if self.cart.taxes_included { sold.tax } else { 0 };
        let part = |whole: i64| whole * (before + quantity) / sold.quantity - whole * before / sold.quantity;
        Some(RefundedLine { line, quantity, subtotal: part(net), tax: part(sold.tax) })
    }
}
