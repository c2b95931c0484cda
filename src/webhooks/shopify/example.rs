//! What Shopify sends when a merchant tries a topic out: an order that never was.

/// The order of "Send test notification" in the admin: it exists in no shop.
pub(super) const EXAMPLE: i64 = 820_982_911_946_154_508;

/// Why the example is left aside.
pub(super) const EXAMPLE_REASON: &str = "a test notification sent from the admin: this order exists in no shop";
