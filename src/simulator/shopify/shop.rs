//! A pretend shop: what it is, what it sells, and what it keeps.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::kernel::{Currency, Timestamp};

use super::bulk::Operation;
use super::cost::Bucket;
use super::discounts::Discounts;
use super::oauth::Tokens;
use super::order::Order;
use crate::simulator::storefront::checkout::Checkout;
use crate::simulator::storefront::session::Session;

/// What a shop is.
#[derive(Clone, Debug)]
pub struct ShopProfile {
    /// `….myshopify.com`.
    pub domain: String,
    /// Shopify's number of the shop.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it counts in.
    pub currency: Currency,
    /// What it says it counts in, where that is no currency anybody counts.
    pub named_currency: Option<&'static str>,
    /// Where its day begins.
    pub zone: Tz,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// Whether prices contain the tax.
    pub taxes_included: bool,
    /// Tax rate in basis points.
    pub tax_basis_points: i64,
    /// What buyers may also pay in, each with its price of one unit of the shop's currency in millionths.
    pub presentment: Vec<(Currency, i64)>,
    /// Whether some of its products are sold on a subscription.
    pub sells_subscriptions: bool,
    /// What the app was granted.
    pub scopes: Vec<String>,
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).expect("a currency of ISO 4217")
}

impl Default for ShopProfile {
    fn default() -> Self {
        let scopes = "read_orders,read_discounts,write_discounts,read_customers,write_pixels,read_customer_events";
        Self {
            domain: "alpenglow.myshopify.com".into(),
            id: 548_380_010,
            name: "Alpenglow".into(),
            currency: currency("EUR"),
            named_currency: None,
            zone: chrono_tz::Europe::Vienna,
            country: "AT".into(),
            taxes_included: true,
            tax_basis_points: 2000,
            presentment: vec![(currency("CHF"), 941_300), (currency("CZK"), 24_310_000)],
            sells_subscriptions: true,
            scopes: scopes.split(',').map(str::to_owned).collect(),
        }
    }
}

/// A thing the shop sells.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Product {
    pub handle: &'static str,
    pub title: &'static str,
    pub cents: i64,
    pub gift_card: bool,
    /// Sold on a subscription only: these are its first order's prices.
    pub subscription: bool,
    pub colour: &'static str,
}

const fn product(handle: &'static str, title: &'static str, cents: i64, colour: &'static str) -> Product {
    Product { handle, title, cents, gift_card: false, subscription: false, colour }
}

/// The catalogue; prices in hundredths, read as whole units where the currency has none.
pub(in crate::simulator) const PRODUCTS: [Product; 12] = [
    product("merino-beanie", "Merino Beanie", 2990, "#b4532a"),
    product("wool-socks", "Wool Socks, two pairs", 2450, "#6b7d5e"),
    product("linen-shirt", "Linen Shirt", 7900, "#d9c7a3"),
    product("felt-slippers", "Felt Slippers", 5490, "#7a6f8f"),
    product("loden-jacket", "Loden Jacket", 24900, "#3f5546"),
    product("enamel-mug", "Enamel Mug", 1690, "#3d6a8a"),
    product("pine-soap", "Pine Soap", 990, "#58744f"),
    product("rain-cape", "Rain Cape", 11950, "#c2a633"),
    product("down-blanket", "Down Blanket", 18900, "#a9b6c2"),
    product("trail-bottle", "Trail Bottle", 3499, "#8a4b52"),
    Product {
        handle: "gift-card",
        title: "Gift Card",
        cents: 5000,
        gift_card: true,
        subscription: false,
        colour: "#c98b9b",
    },
    Product {
        handle: "wool-box",
        title: "Wool Box, every month",
        cents: 2000,
        gift_card: false,
        subscription: true,
        colour: "#8f7f4a",
    },
];

/// The gift card's place in the catalogue; what stands before it is what shoppers of the daily life buy.
pub(in crate::simulator) const GIFT_CARD: usize = 10;

/// The collections: Shopify's number, and which products are in it.
pub(in crate::simulator) const COLLECTIONS: [(i64, &[usize]); 2] =
    [(310_400_100, &[0, 1, 3, 4]), (310_400_101, &[5, 6, 9])];

/// A pretend shop and all it keeps.
pub(in crate::simulator) struct Shop {
    pub profile: ShopProfile,
    pub installed: bool,
    /// The status every call of the Admin API is answered with: 402 not paid, 423 locked.
    pub frozen: Option<u16>,
    pub tokens: Tokens,
    pub bucket: Bucket,
    pub discounts: Discounts,
    pub pixel: Option<(i64, serde_json::Value)>,
    pub sessions: BTreeMap<String, Session>,
    pub checkouts: BTreeMap<String, Checkout>,
    pub orders: BTreeMap<i64, Order>,
    pub bulk: Vec<Operation>,
    pub created_at: Timestamp,
    made: i64,
}

impl Shop {
    pub fn new(profile: ShopProfile, now: Timestamp) -> Self {
        Self {
            profile,
            installed: true,
            frozen: None,
            tokens: Tokens::default(),
            bucket: Bucket::full(now),
            discounts: Discounts::default(),
            pixel: None,
            sessions: BTreeMap::new(),
            checkouts: BTreeMap::new(),
            orders: BTreeMap::new(),
            bulk: vec![],
            created_at: now,
            made: 0,
        }
    }

    /// A fresh number; what the app asks for draws from another row of numbers (see [`Discounts`]).
    pub fn number(&mut self) -> i64 {
        self.made += 1;
        self.made
    }

    /// What a product costs here, in minor units.
    pub fn price_of(&self, product: &Product) -> i64 {
        if self.profile.currency.exponent() == 3 { product.cents * 10 } else { product.cents }
    }
}
