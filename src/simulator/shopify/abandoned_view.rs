//! Checkouts that were left, as the Admin API shows them: without their token, e-mail and phone.
//!
//! Listed is a checkout with contact data that was not completed within ten minutes; completed later, it stays listed.

use serde_json::{Value, json};

use super::view::{amount, connection, gid, instant};
use crate::kernel::Timestamp;
use crate::simulator::dice::key_of;
use crate::simulator::shopify::shop::Shop;
use crate::simulator::storefront::checkout::Checkout;

const LEFT_SECONDS: i64 = 600;

/// Shopify's number of a checkout, which only the webhook of its deletion tells.
pub(in crate::simulator) fn number(checkout: &Checkout) -> i64 {
    i64::try_from(key_of(&checkout.token) % 1_000_000_000_000).unwrap_or(0)
}

/// Whether Shopify lists it.
pub(super) fn listed(checkout: &Checkout, now: Timestamp) -> bool {
    let known = checkout.buyer.email.is_some() || checkout.buyer.phone.is_some();
    let until = checkout.completed_at.unwrap_or(now);
    let from = if checkout.completed_at.is_some() { checkout.created_at } else { checkout.updated_at };
    known && until.seconds_since(from) > LEFT_SECONDS
}

/// `AbandonedCheckout`.
pub(super) fn checkout(shop: &Shop, checkout: &Checkout, storefront: &str) -> Value {
    let bag = |minor| {
        let money = amount(minor, shop.profile.currency);
        json!({"__typename": "MoneyBag", "shopMoney": money, "presentmentMoney": money})
    };
    let buyer = &checkout.buyer;
    let customer = buyer.customer_id.map(|id| {
        json!({"__typename": "Customer", "id": gid("Customer", id), "firstName": buyer.first_name, "lastName": buyer.last_name, "defaultAddress": null,
            "defaultEmailAddress": buyer.email.as_ref().map(|email| json!({"__typename": "CustomerEmailAddress", "emailAddress": email})),
            "defaultPhoneNumber": buyer.phone.as_ref().map(|phone| json!({"__typename": "CustomerPhoneNumber", "phoneNumber": phone}))})
    });
    json!({
        "__typename": "AbandonedCheckout", "id": gid("AbandonedCheckout", number(checkout)), "name": format!("#{}", number(checkout)),
        "createdAt": instant(checkout.created_at), "updatedAt": instant(checkout.updated_at),
        "completedAt": checkout.completed_at.map(instant), "abandonedCheckoutUrl": recovery_url(shop, checkout, storefront),
        "customer": customer, "billingAddress": null, "shippingAddress": null, "note": "", "discountCodes": checkout.codes,
        "customAttributes": [], "lineItems": connection("AbandonedCheckoutLineItem", vec![]), "totalPriceSet": bag(checkout.told_total),
    })
}

fn recovery_url(shop: &Shop, checkout: &Checkout, origin: &str) -> String {
    let (id, cart, key) = (shop.profile.id, &checkout.cart_token, &checkout.key);
    format!("{origin}/{id}/checkouts/ac/{cart}/recover?key={key}&locale=de-AT")
}
