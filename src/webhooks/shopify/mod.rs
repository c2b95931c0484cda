//! What Shopify's topics say. One file per topic or family; the table below says which.

mod app;
mod arrived;
mod checkout;
mod compliance;
mod discount;
mod example;
pub mod landing;
mod lenient;
mod money;
mod named;
mod order;
mod refund;

pub use arrived::Arrived;

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::delivery::{Model as Delivery, Source};
use super::parsed::{Parsed, Unreadable};
use crate::kernel::{Timestamp, Vault};
use crate::shopify::ShopDomain;
use crate::shopify::named::{Named, names_its_shop};
use crate::shops::Shop;

/// Reads a body of one topic.
type Read = fn(&Arrived<'_>, &str) -> Result<Parsed, Unreadable>;

/// A topic we read.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// Shopify's name for it.
    pub name: &'static str,
    read: Read,
}

/// Every topic we read; `shopify.app.toml` subscribes to exactly these ("Handled by").
pub const TOPICS: &[Topic] = &[
    Topic { name: "orders/create", read: order::read },
    Topic { name: "orders/updated", read: order::read },
    Topic { name: "orders/paid", read: order::read },
    Topic { name: "orders/cancelled", read: order::read },
    Topic { name: "orders/edited", read: order::read_edit },
    Topic { name: "refunds/create", read: refund::read },
    Topic { name: "checkouts/create", read: checkout::read },
    Topic { name: "checkouts/update", read: checkout::read },
    Topic { name: "checkouts/delete", read: checkout::read_deleted },
    Topic { name: "discounts/update", read: discount::read },
    Topic { name: "discounts/delete", read: discount::read },
    Topic { name: "app/uninstalled", read: app::read_uninstalled },
    Topic { name: "app/scopes_update", read: app::read_scopes },
    Topic { name: "customers/data_request", read: compliance::read_data_request },
    Topic { name: "customers/redact", read: compliance::read_customer_redact },
    Topic { name: "shop/redact", read: compliance::read_shop_redact },
];

/// What a kept delivery says.
pub fn read(vault: &Vault, shop: Option<&Shop>, delivery: &Delivery, body: &[u8]) -> Result<Parsed, Unreadable> {
    let Some(topic) = TOPICS.iter().find(|topic| topic.name == delivery.topic) else {
        return Ok(Parsed::Nothing(format!("topic {} is not one we read", delivery.topic)));
    };
    // Again here and not only at the door: a replay comes this way too.
    if let Some(reason) = not_believed(delivery, body) {
        return Ok(Parsed::Nothing(reason));
    }
    let arrived = Arrived::of(vault, shop, delivery);
    // A mark before the first brace and broken bytes in somebody's name are no reason to lose an order.
    let text = String::from_utf8_lossy(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
    // A panic is a bug of ours; it must not take the shop's other deliveries with it.
    catch_unwind(AssertUnwindSafe(|| (topic.read)(&arrived, &text)))
        .unwrap_or_else(|_| Err(Unreadable::because("reading it failed on our side; replay it after an update")))
}

/// Why a kept delivery is not what its headers say. One that cannot be read at all is told of as such where it is read,
/// unless it should have named its shop. What we read again ourselves has no headers.
fn not_believed(delivery: &Delivery, body: &[u8]) -> Option<String> {
    if delivery.source != Source::Shopify {
        return None;
    }
    let domain = ShopDomain::parse(&delivery.shop_domain).ok()?;
    let fits = match Named::read(body) {
        Err(_) if !names_its_shop(&delivery.topic) => return None,
        named => named.and_then(|named| named.fits(&delivery.topic, &domain, delivery.shop_id)),
    };
    fits.err().map(|error| format!("not believed: {error}"))
}

/// How old a delivery may be. Shopify tries for 4 hours and may begin a day late; half of that again is margin, so that
/// no honest delivery is turned away. An older one is a recording: its body proves nothing about when it was sent.
const OLDEST_SECONDS: i64 = 36 * 3_600;

/// The reason not to apply a delivery that is older than any retry. Ten minutes, as for queries, would lose honest late
/// ones. What a shopper has a right to is never refused for its age; that a shop left, or what it grants, is compared
/// with what is known since; and `replay` applies what was left aside here.
pub fn too_old(topic: &str, triggered_at: Option<Timestamp>, now: Timestamp) -> Option<String> {
    let at = triggered_at.filter(|at| !names_its_shop(topic) && now.seconds_since(*at) > OLDEST_SECONDS)?;
    Some(format!("it says it happened at {at}, longer ago than Shopify tries: taken for a recording, not applied"))
}

#[cfg(test)]
mod tests;
