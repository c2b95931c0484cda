//! A discount in our words: as it is to be made, and as it stands at Shopify.

use crate::kernel::{Money, Timestamp};
use crate::shopify::gid::gid_type;

gid_type!(
    /// A discount.
    DiscountGid
);

/// What a code is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscountValue {
    /// Off the order, in basis points: 1500 is 15 %.
    Percentage(u32),
    /// Off the order as a whole, in the shop's currency.
    FixedAmount(Money),
    /// No shipping costs, anywhere.
    FreeShipping,
}

/// What a discount may meet on one order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Combines {
    /// Order discounts.
    pub order: bool,
    /// Product discounts.
    pub product: bool,
    /// Shipping discounts. Free shipping never meets another one.
    pub shipping: bool,
}

/// What must be in the cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Minimum {
    /// This subtotal, in the shop's currency.
    Subtotal(Money),
    /// So many pieces.
    Quantity(i64),
}

/// What a discount is about. Free shipping is always about the whole order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Items {
    /// The whole order.
    #[default]
    All,
    /// These products, by number; at most 100.
    Products(Vec<String>),
    /// What is in these collections, by number; at most 100.
    Collections(Vec<String>),
}

/// How things must be bought. A discount on a subscription is for its first order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purchase {
    /// Once. Nothing is said about subscriptions: shops that sell none refuse to hear of them.
    #[default]
    OneTime,
    /// On a subscription.
    Subscription,
    /// Either.
    Both,
}

/// A discount to be made, with its first code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDiscount {
    /// Shown to merchant and shopper.
    pub title: String,
    /// What it is worth.
    pub value: DiscountValue,
    /// A discount has at least one code.
    pub first_code: String,
    /// From when its codes work.
    pub starts_at: Timestamp,
    /// Until when; `None` is for ever.
    pub ends_at: Option<Timestamp>,
    /// What must be in the cart.
    pub minimum: Option<Minimum>,
    /// What it is about.
    pub items: Items,
    /// How things must be bought.
    pub purchase: Purchase,
    /// What it may meet.
    pub combines: Combines,
    /// At most five.
    pub tags: Vec<String>,
}

/// A discount as it stands at Shopify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its title.
    pub title: String,
    /// Whether its codes work now, as far as time and switches decide.
    pub active: bool,
    /// Until when; `None` is for ever.
    pub ends_at: Option<Timestamp>,
    /// How often each code works; `None` is without limit.
    pub usage_limit: Option<i64>,
    /// What it is worth; `None` for something we never make.
    pub value: Option<DiscountValue>,
    /// What must be in the cart.
    pub minimum: Option<Minimum>,
}

/// Which of Shopify's two kinds of code discounts one of ours is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscountKind {
    /// Money or a share off.
    Basic,
    /// Free shipping.
    FreeShipping,
}
