//! A state of an order or refund as a source told it, read into our words.

use super::money::Amounts;
use super::order::OrderId;
use crate::kernel::{Contacts, Timestamp};

/// One state of one order. Money is the shop's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Shopify's numeric id.
    pub order: OrderId,
    /// `#1001`, with the merchant's prefix.
    pub name: String,
    /// When the shopper ordered.
    pub ordered_at: Timestamp,
    /// When it was written down: an order may be told for an earlier day than this.
    pub created_at: Timestamp,
    /// When this state began (one-second resolution).
    pub updated_at: Timestamp,
    /// ISO 4217.
    pub currency: String,
    /// What the shopper saw.
    pub presentment_currency: String,
    /// `web`, `pos`, `shopify_draft_order`, `subscription_contract…`, an app's id.
    pub source_name: String,
    /// Shopify's words.
    pub financial_status: Option<String>,
    /// Paid with play money.
    pub test: bool,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Joins checkout and order.
    pub checkout_token: Option<String>,
    /// Joins cart and order.
    pub cart_token: Option<String>,
    /// The shopper's numeric id.
    pub shopify_customer_id: Option<i64>,
    /// Whom it names.
    pub contacts: Contacts,
    /// Codes that were really redeemed (applications of type `discount_code`), folded.
    pub codes: Vec<String>,
    /// Click ids in the order's attributes.
    pub click_ids: Vec<String>,
    /// Click id of the landing page.
    pub landing_click_id: Option<String>,
    /// What the landing page's address says of the channel, and nothing else of it; `Some("")`: nothing.
    pub landing: Option<String>,
    /// Host of the page before it.
    pub referrer: Option<String>,
    /// What it was worth when it began.
    pub amounts: Amounts,
    /// What it comes to after edits and returns, as the order itself says; `None`: it does not.
    pub current_total: Option<i64>,
    /// Refunds listed inside it.
    pub refunds: Vec<RefundSnapshot>,
}

/// One refund. Money is the shop's currency, what went back is positive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundSnapshot {
    /// Shopify's numeric id.
    pub refund: i64,
    /// When it happened.
    pub at: Timestamp,
    /// When the source last spoke of it: a refund may settle later.
    pub known_at: Timestamp,
    /// Goods taken back or let off, without tax, without gift cards.
    pub goods: i64,
    /// Shipping let off.
    pub shipping: i64,
    /// Tax given back.
    pub tax: i64,
    /// Tips given back.
    pub tips: i64,
    /// Gift cards taken back.
    pub gift_cards: i64,
    /// Duties and fees given back.
    pub charges: i64,
    /// The money that went back, where the source tells it in the shop's currency.
    pub moved: Option<i64>,
}

impl RefundSnapshot {
    /// How much of the money that went back no part explains; nothing when it is not told.
    pub fn unexplained(&self) -> i64 {
        let parts = [self.goods, self.shipping, self.tax, self.tips, self.gift_cards, self.charges];
        let parts = parts.into_iter().fold(0, i64::saturating_add);
        self.moved.map_or(0, |moved| moved.saturating_sub(parts))
    }
}

impl Snapshot {
    /// Whether every amount of it is explained by its parts.
    pub fn adds_up(&self) -> bool {
        self.amounts.unexplained() == 0 && self.refunds.iter().all(|refund| refund.unexplained() == 0)
    }
}
