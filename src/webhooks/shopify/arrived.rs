//! What is known of a delivery besides its body, while it is read.

use crate::checkouts::Knows;
use crate::codes::fold;
use crate::kernel::id::ShopId;
use crate::kernel::{Currency, Timestamp, Vault};
use crate::shops::Shop;
use crate::webhooks::delivery::{Model as Delivery, Source};

/// The circumstances of a delivery.
#[derive(Clone, Debug)]
pub struct Arrived<'a> {
    /// Whose.
    pub shop: ShopId,
    /// Its id.
    pub delivery_id: &'a str,
    /// When it came in.
    pub received_at: Timestamp,
    /// When it happened, as far as the envelope says; else when it came in.
    pub at: Timestamp,
    /// The shop's country: decides about numbers in national form that stand beside no country of their own.
    pub country: Option<&'a str>,
    /// The shop's currency.
    pub currency: Option<Currency>,
    /// How much its source knows of who is behind a checkout.
    pub knows: Knows,
    /// Makes look-up hashes and seals.
    pub vault: &'a Vault,
}

impl<'a> Arrived<'a> {
    /// The circumstances of a kept delivery.
    pub fn of(vault: &'a Vault, shop: Option<&'a Shop>, delivery: &'a Delivery) -> Self {
        Self {
            shop: delivery.shop_id,
            delivery_id: &delivery.delivery_id,
            received_at: delivery.received_at,
            at: delivery.triggered_at.unwrap_or(delivery.received_at),
            country: shop.and_then(|shop| shop.country.as_deref()),
            currency: shop.and_then(|shop| Currency::parse(&shop.currency)),
            knows: if delivery.source == Source::Reread { Knows::Customer } else { Knows::Contact },
            vault,
        }
    }

    /// An instant that is there. Unreadable ones become the event's own instant: no event is lost for its clock.
    pub fn instant(&self, text: Option<&str>) -> Option<Timestamp> {
        text.map(|text| parsed(text, self.at))
    }
}

/// An instant, or `otherwise` when it cannot be read.
pub fn parsed(text: &str, otherwise: Timestamp) -> Timestamp {
    Timestamp::parse(text).unwrap_or(otherwise)
}

/// Codes as compared, each once, in their order.
pub fn folded<'t>(codes: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for code in codes.into_iter().map(fold).filter(|code| !code.is_empty() && code.len() <= 255) {
        if !all.contains(&code) {
            all.push(code);
        }
    }
    all
}
