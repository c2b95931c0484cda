//! What a proven payload itself says of whose it is and what it is, held against headers that nobody signed.
//!
//! 1. A delivery is a JSON object. Neither a JWT nor a query ever is one (see [`super::proof`]).
//! 2. `app/…`, `shop/…` and the two requests of `customers/…` say which shop they are about, by its number; all but
//!    `app/…` by its name as well. One that is silent is refused.
//! 3. Whatever else names a shop must not name another than the header.
//! 4. What kind of thing it is stands in the payload too: a request to see is no request to forget, whatever the topic.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::domain::ShopDomain;
use super::gid::parse_gid;
use super::proof::ProofError;
use crate::kernel::id::ShopId;

/// What a payload says of where it belongs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    shop_domain: Option<Value>,
    myshopify_domain: Option<Value>,
    shop_id: Option<Value>,
    id: Option<Value>,
    admin_graphql_api_id: Option<Value>,
    order_status_url: Option<Value>,
    abandoned_checkout_url: Option<Value>,
    customer: Option<IgnoredAny>,
    data_request: Option<IgnoredAny>,
    orders_requested: Option<IgnoredAny>,
    orders_to_redact: Option<IgnoredAny>,
}

impl Named {
    /// Reads a body; an error when it is no JSON object. A mark before the first brace and broken bytes in somebody's
    /// name are no reason to lose an event.
    pub fn read(body: &[u8]) -> Result<Self, ProofError> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        // A list would be read into the struct field by field.
        if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(ProofError::NoObject);
        }
        serde_json::from_slice(body).or_else(|_| {
            // Broken bytes in a field we do read.
            serde_json::from_str(&String::from_utf8_lossy(body)).map_err(|_| ProofError::NoObject)
        })
    }

    /// Whether it may be what its headers say: a delivery of this topic for this shop.
    pub fn fits(&self, topic: &str, domain: &ShopDomain, shop: ShopId) -> Result<(), ProofError> {
        let domains = || [&self.shop_domain, &self.myshopify_domain].into_iter().filter_map(domain_of);
        let own = if is_the_shop(topic) { self.id.as_ref() } else { None };
        let ids = || [self.shop_id.as_ref(), own].into_iter().flatten().map(shop_of);
        // Shopify's own examples put a placeholder where the name goes; that is nobody's.
        if domains().any(|named| named != *domain) || ids().any(|id| id != Some(shop)) {
            return Err(ProofError::Elsewhere);
        }
        let by_name = !topic.starts_with("app/");
        if names_its_shop(topic) && (ids().next().is_none() || (by_name && domains().next().is_none())) {
            return Err(ProofError::Silent);
        }
        if self.is_another_thing(topic) { Err(ProofError::OtherTopic) } else { Ok(()) }
    }

    /// The shop in the addresses an order or a checkout carries (`https://{host}/{shop id}/orders/…`). No proof by
    /// itself: a shop nobody knows there is an example's.
    pub fn in_address(&self) -> Option<ShopId> {
        let addresses = [&self.order_status_url, &self.abandoned_checkout_url];
        addresses.into_iter().find_map(|address| {
            let path = address.as_ref()?.as_str()?.strip_prefix("https://")?.split_once('/')?.1;
            let (first, _) = path.split_once('/')?;
            first.parse().ok().map(ShopId)
        })
    }

    fn is_another_thing(&self, topic: &str) -> bool {
        let shape = match topic {
            "customers/redact" => self.data_request.is_none() && self.orders_requested.is_none(),
            "customers/data_request" => self.orders_to_redact.is_none(),
            "shop/redact" => self.customer.is_none(),
            _ if is_the_shop(topic) => self.id.is_some(),
            _ => true,
        };
        let gid = self.admin_graphql_api_id.as_ref().and_then(Value::as_str).and_then(parse_gid);
        let kind = gid.is_none_or(|(kind, _)| match topic.split_once('/').map(|(family, _)| family) {
            Some("orders") => kind == "Order",
            Some("refunds") => kind == "Refund",
            Some("checkouts") => kind.ends_with("Checkout"),
            Some("discounts") => kind.starts_with("Discount"),
            Some("shop") => kind == "Shop",
            _ => true,
        });
        !(shape && kind)
    }
}

/// Whether payloads of this topic always name their shop.
pub fn names_its_shop(topic: &str) -> bool {
    // `customers/create` and its like are a customer, who does not say whose; nothing is done with them.
    matches!(topic, "customers/redact" | "customers/data_request")
        || topic.starts_with("app/")
        || topic.starts_with("shop/")
}

/// Whether the payload is the shop itself, so that its `id` is the shop's.
fn is_the_shop(topic: &str) -> bool {
    matches!(topic, "app/uninstalled" | "shop/update")
}

fn domain_of(value: &Option<Value>) -> Option<ShopDomain> {
    ShopDomain::parse(value.as_ref()?.as_str()?.trim()).ok()
}

/// A shop's number: as a number, as text, or at the end of its global id.
fn shop_of(value: &Value) -> Option<ShopId> {
    let id = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => match parse_gid(text) {
            Some(("Shop", id)) => Some(id),
            Some(_) => None,
            None => text.trim().parse().ok(),
        },
        _ => None,
    };
    id.map(ShopId)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(topic: &str, body: &str) -> Result<(), ProofError> {
        let ana = ShopDomain::parse("ana.myshopify.com").unwrap();
        Named::read(body.as_bytes())?.fits(topic, &ana, ShopId(77))
    }

    #[test]
    fn only_an_object_is_a_delivery() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJkZXN0IjoiaHR0cHM6Ly9hbmEifQ";
        for text in [jwt, "embedded=1&shop=ana.myshopify.com", "[]", "[{}]", "1", "\"{}\"", "null", "{", "{} {}", ""] {
            assert_eq!(verdict("orders/paid", text), Err(ProofError::NoObject), "{text}");
        }
        for text in ["{}", " {\"id\": 1}\r\n", "\u{feff}{}"] {
            assert_eq!(verdict("orders/paid", text), Ok(()), "{text}");
        }
        assert!(Named::read(b"{\"name\": \"Ren\xe9\"}").is_ok());
        assert!(Named::read(b"{\"order_status_url\": \"https://x/1/Ren\xe9\"}").is_ok());
    }

    #[test]
    fn a_payload_names_the_shop_of_its_header() {
        let whole = r#"{"shop_id": 77, "shop_domain": "ana.myshopify.com", "customer": {"id": 1}}"#;
        assert_eq!(verdict("customers/redact", whole), Ok(()));
        assert_eq!(verdict("app/uninstalled", r#"{"id": 77, "myshopify_domain": "ANA.myshopify.com"}"#), Ok(()));
        assert_eq!(verdict("app/uninstalled", r#"{"id": 77, "myshopify_domain": null}"#), Ok(()));
        assert_eq!(verdict("app/scopes_update", r#"{"id": 1, "shop_id": "gid://shopify/Shop/77"}"#), Ok(()));
        for (topic, silent) in [
            ("app/uninstalled", "{}"),
            ("app/uninstalled", r#"{"myshopify_domain": "ana.myshopify.com"}"#),
            ("app/scopes_update", r#"{"id": 77, "current": []}"#),
            ("customers/redact", r#"{"shop_domain": "ana.myshopify.com"}"#),
            ("customers/data_request", r#"{"shop_id": 77}"#),
            ("shop/redact", r#"{"shop_id": 77, "shop_domain": "{shop}.myshopify.com"}"#),
            ("shop/update", "{}"),
        ] {
            assert_eq!(verdict(topic, silent), Err(ProofError::Silent), "{topic} {silent}");
        }
        for (topic, other) in [
            ("app/uninstalled", r#"{"id": 78, "myshopify_domain": "ana.myshopify.com"}"#),
            ("app/uninstalled", r#"{"id": 77, "myshopify_domain": "bea.myshopify.com"}"#),
            ("app/scopes_update", r#"{"shop_id": "gid://shopify/Shop/78"}"#),
            ("app/scopes_update", r#"{"shop_id": "gid://shopify/Order/77"}"#),
            ("shop/redact", r#"{"shop_id": 78, "shop_domain": "ana.myshopify.com"}"#),
            ("shop/redact", r#"{"shop_id": 77, "shop_domain": "bea.myshopify.com"}"#),
            ("orders/paid", r#"{"id": 1, "shop_domain": "bea.myshopify.com"}"#),
        ] {
            assert_eq!(verdict(topic, other), Err(ProofError::Elsewhere), "{topic} {other}");
        }
    }

    #[test]
    fn a_payload_is_the_thing_its_topic_says() {
        let shop = r#""shop_id": 77, "shop_domain": "ana.myshopify.com""#;
        for (topic, rest) in [
            ("customers/redact", r#""customer": {"id": 1}, "orders_requested": []"#),
            ("customers/redact", r#""customer": {"id": 1}, "data_request": {"id": 9}"#),
            ("customers/data_request", r#""customer": {"id": 1}, "orders_to_redact": []"#),
            ("shop/redact", r#""customer": {"id": 1}"#),
            ("orders/paid", r#""admin_graphql_api_id": "gid://shopify/Refund/1""#),
            ("refunds/create", r#""admin_graphql_api_id": "gid://shopify/Order/1""#),
            ("checkouts/update", r#""admin_graphql_api_id": "gid://shopify/Order/1""#),
            ("discounts/delete", r#""admin_graphql_api_id": "gid://shopify/Order/1""#),
        ] {
            let body = format!("{{{shop}, {rest}}}");
            assert_eq!(verdict(topic, &body), Err(ProofError::OtherTopic), "{topic} {rest}");
        }
        let address = r#"{"order_status_url": "https://ana.example/78/orders/x/authenticate?key=k"}"#;
        assert_eq!(Named::read(address.as_bytes()).unwrap().in_address(), Some(ShopId(78)));
        assert_eq!(Named::read(b"{}").unwrap().in_address(), None);
    }
}
