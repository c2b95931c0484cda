//! `checkouts/create`, `checkouts/update`: a checkout as it stands. Abandonment is no event of Shopify's; it is the
//! time that passes after the last of these. `checkouts/delete`: it is gone, by its number and its cart.

use serde::Deserialize;

use super::Arrived;
use super::arrived::{folded, parsed};
use super::lenient;
use super::money::Purse;
use super::named::{Address, Customer, Named};
use super::order::without_key;
use crate::checkouts::{CheckoutSnapshot, Deleted, seal_recovery_url};
use crate::webhooks::parsed::{Parsed, Unreadable};

/// Shopify combines six codes at most.
const CODES: usize = 20;

/// Longer carts make no address that every browser takes.
const ITEMS: usize = 50;

/// A state of a checkout.
pub fn read(arrived: &Arrived<'_>, body: &str) -> Result<Parsed, Unreadable> {
    let checkout: Payload = lenient::payload(body)?;
    Ok(match checkout.snapshot(arrived)? {
        Some(snapshot) => Parsed::Checkout(Box::new(snapshot)),
        None => Parsed::Nothing("the checkout has no token: it joins nothing".to_owned()),
    })
}

/// A checkout was deleted. Shopify tells its number and its cart, never its token.
pub fn read_deleted(arrived: &Arrived<'_>, body: &str) -> Result<Parsed, Unreadable> {
    let gone: Gone = lenient::payload(body)?;
    let cart_token = gone.cart_token.as_deref().and_then(without_key);
    Ok(match Deleted::new(gone.id, cart_token, arrived.at) {
        Some(deleted) => Parsed::CheckoutDeleted(deleted),
        None => Parsed::Nothing("the deleted checkout has neither number nor cart: it joins nothing".to_owned()),
    })
}

/// What we read of a deletion.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Gone {
    #[serde(deserialize_with = "lenient::whole")]
    id: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    cart_token: Option<String>,
}

/// What we read of a checkout.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload {
    #[serde(deserialize_with = "lenient::whole")]
    id: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    token: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    cart_token: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    currency: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    total_price: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    phone: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    email: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    customer: Option<Customer>,
    #[serde(deserialize_with = "lenient::object")]
    billing_address: Option<Address>,
    #[serde(deserialize_with = "lenient::object")]
    shipping_address: Option<Address>,
    #[serde(deserialize_with = "lenient::text")]
    created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    updated_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    completed_at: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    abandoned_checkout_url: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    discount_codes: Vec<Typed>,
    #[serde(deserialize_with = "lenient::list")]
    line_items: Vec<Item>,
}

/// What somebody wants to buy.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    #[serde(deserialize_with = "lenient::whole")]
    variant_id: Option<i64>,
    #[serde(deserialize_with = "lenient::whole")]
    quantity: Option<i64>,
}

/// A code somebody typed, or a link applied.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    #[serde(deserialize_with = "lenient::text")]
    code: Option<String>,
}

impl Payload {
    /// All that is in it, as a cart permalink has it. Half a cart would be worse than none: `None` when a line names no
    /// variant, as those that staff made up.
    fn items(&self) -> Option<String> {
        let item = |item: &Item| {
            let (variant, quantity) = (item.variant_id.filter(|id| *id > 0)?, item.quantity.filter(|many| *many > 0)?);
            Some(format!("{variant}:{quantity}"))
        };
        let all: Option<Vec<String>> = self.line_items.iter().map(item).collect();
        all.filter(|all| (1..=ITEMS).contains(&all.len())).map(|all| all.join(","))
    }

    fn snapshot(&self, arrived: &Arrived<'_>) -> Result<Option<CheckoutSnapshot>, Unreadable> {
        let Some(token) = self.token.clone() else { return Ok(None) };
        let purse = Purse::named("checkout", [self.currency.as_deref()], arrived.currency)?;
        let updated_at = arrived.instant(self.updated_at.as_deref()).unwrap_or(arrived.at);
        let customer = self.customer.as_ref();
        let named = Named {
            phone: self.phone.as_deref(),
            emails: [self.email.as_deref(), None],
            customer,
            billing: self.billing_address.as_ref(),
            shipping: self.shipping_address.as_ref(),
        };
        let seal = |url: &String| seal_recovery_url(arrived.vault, arrived.shop, url);
        Ok(Some(CheckoutSnapshot {
            token,
            cart_token: self.cart_token.as_deref().and_then(without_key),
            currency: purse.0.to_string(),
            total_minor: purse.read("total_price", None, self.total_price.as_deref())?,
            contacts: named.contacts(arrived),
            shopify_customer_id: customer.and_then(|customer| customer.id),
            created_at: arrived.instant(self.created_at.as_deref()).unwrap_or(updated_at),
            updated_at,
            completed_at: self.completed_at.as_deref().map(|text| parsed(text, updated_at)),
            knows: arrived.knows,
            recovery_url_sealed: self.abandoned_checkout_url.as_ref().map(seal),
            cart_items: self.items(),
            shopify_checkout_id: self.id,
            codes: folded(self.discount_codes.iter().take(CODES).filter_map(|one| one.code.as_deref())),
        }))
    }
}
