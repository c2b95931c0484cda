//! The queries the pretend shop answers.

use serde_json::{Value, json};

use crate::kernel::Timestamp;

use super::abandoned_view;
use super::bulk;
use super::discount_view;
use super::order::Order;
use super::order_view;
use super::shopifyql;
use super::view::{connection, cut, gid, number, page, size};
use crate::simulator::shopify::shop::Shop;
use crate::simulator::state::State;
use crate::simulator::storefront::checkout::Checkout;

/// The value of a field of `QueryRoot`; `None` if this world does not have it.
pub(super) fn run(state: &mut State, domain: &str, field: &str, arguments: &Value) -> Option<Value> {
    let now = state.clock.now();
    let storefront = state.storefront_origin.clone();
    let (client_id, admin) = (state.client_id.clone(), state.admin_origin.clone());
    let shop = state.shops.get_mut(domain)?;
    shop.discounts.catch_up(now);
    let shop = &*shop;
    let discount = |id: Option<i64>| id.and_then(|id| shop.discounts.list.get(&id));
    Some(match field {
        "shop" => shop_view(shop, &storefront, now),
        "currentAppInstallation" | "appInstallation" => installation(shop, &client_id),
        "codeDiscountNodeByCode" => {
            let found = shop.discounts.find(arguments["code"].as_str()?);
            found.map_or(Value::Null, |(_, discount)| discount_view::code_node(shop, discount, now))
        }
        "codeDiscountNode" => {
            discount(number(&arguments["id"])).map_or(Value::Null, |d| discount_view::code_node(shop, d, now))
        }
        "discountNode" => discount(number(&arguments["id"])).map_or(Value::Null, |d| discount_view::node(shop, d, now)),
        "discountNodes" => {
            let all = shop.discounts.list.values();
            let nodes = all.map(|d| (d.id.to_string(), discount_view::node(shop, d, now))).collect();
            cut("DiscountNodeConnection", nodes, arguments)
        }
        "codeDiscountNodes" => {
            let all = shop.discounts.list.values();
            let nodes = all.map(|d| (d.id.to_string(), discount_view::code_node(shop, d, now))).collect();
            cut("DiscountCodeNodeConnection", nodes, arguments)
        }
        "discountCodesCount" => count(shop.discounts.codes.len()),
        "discountNodesCount" => count(shop.discounts.list.len()),
        "discountRedeemCodeBulkCreation" => {
            let import = shop.discounts.imports.get(&number(&arguments["id"])?).filter(|import| !import.forgotten);
            import.map_or(Value::Null, |import| discount_view::bulk_creation(shop, import, now))
        }
        "job" => job(&arguments["id"], shop, now),
        "order" => one_order(shop, number(&arguments["id"]), &storefront, now),
        "orderByIdentifier" => one_order(shop, number(&arguments["identifier"]["id"]), &storefront, now),
        "orders" => orders(shop, arguments, &storefront, now),
        "ordersCount" => {
            let search = Search::read(arguments["query"].as_str().unwrap_or(""));
            count(shop.orders.values().filter(|o| search.finds(*o)).count())
        }
        "abandonedCheckouts" => abandoned(shop, &storefront, arguments, now),
        "bulkOperation" => {
            let id = number(&arguments["id"]);
            shop.bulk.iter().find(|one| Some(one.id) == id).map_or(Value::Null, |one| bulk::view(one, &admin))
        }
        "bulkOperations" => {
            let all = shop.bulk.iter().map(|one| (one.id.to_string(), bulk::view(one, &admin))).collect();
            cut("BulkOperationConnection", all, arguments)
        }
        "shopifyqlQuery" => shopifyql::answer(shop, arguments["query"].as_str()?, now),
        "webPixel" => shop.pixel.as_ref().map_or(Value::Null, |(id, settings)| web_pixel(*id, settings)),
        "node" => node(shop, &arguments["id"], &storefront, now),
        "nodes" => arguments["ids"].as_array()?.iter().map(|id| node(shop, id, &storefront, now)).collect(),
        "publicApiVersions" => {
            json!([{"__typename": "ApiVersion", "handle": "2026-10", "displayName": "2026-10", "supported": true}])
        }
        "webhookSubscriptions" => connection("WebhookSubscription", vec![]),
        _ => return None,
    })
}

fn count(count: usize) -> Value {
    json!({"__typename": "Count", "count": count, "precision": "EXACT"})
}

/// `Job`.
pub(super) fn job(id: &Value, shop: &Shop, now: Timestamp) -> Value {
    let known = id.as_str().and_then(|text| text.rsplit('/').next()?.parse::<i64>().ok());
    match known.and_then(|id| shop.discounts.jobs.get(&id).map(|due| (id, *due))) {
        Some((id, due)) => json!({"__typename": "Job", "id": gid("Job", id), "done": due <= now}),
        None => Value::Null,
    }
}

/// `WebPixel`.
pub(super) fn web_pixel(id: i64, settings: &Value) -> Value {
    json!({"__typename": "WebPixel", "id": gid("WebPixel", id), "settings": settings})
}

fn node(shop: &Shop, id: &Value, storefront: &str, now: Timestamp) -> Value {
    let (text, number) = (id.as_str().unwrap_or(""), number(id));
    match text.split('/').nth(3) {
        Some("Order") => one_order(shop, number, storefront, now),
        Some("Refund") => {
            let of = |order: &'_ Order| {
                order.refunds.iter().find(|one| Some(one.id) == number).map(|one| order_view::refund(order, one))
            };
            shop.orders.values().find_map(of).unwrap_or_default()
        }
        Some("DiscountCodeNode") => number
            .and_then(|n| shop.discounts.list.get(&n))
            .map_or(Value::Null, |discount| discount_view::code_node(shop, discount, now)),
        Some("DiscountRedeemCodeBulkCreation") => number
            .and_then(|n| shop.discounts.imports.get(&n))
            .filter(|import| !import.forgotten)
            .map_or(Value::Null, |import| discount_view::bulk_creation(shop, import, now)),
        _ => Value::Null,
    }
}

fn shop_view(shop: &Shop, storefront: &str, now: Timestamp) -> Value {
    let p = &shop.profile;
    let host = storefront.trim_start_matches("http://");
    let offset = {
        use chrono::{DateTime, Offset};
        let utc = DateTime::from_timestamp_micros(now.micros()).unwrap_or_default();
        utc.with_timezone(&p.zone).offset().fix().local_minus_utc() / 60
    };
    let sign = if offset < 0 { '-' } else { '+' };
    json!({
        "__typename": "Shop", "id": gid("Shop", p.id), "name": p.name, "myshopifyDomain": p.domain, "url": storefront,
        "email": format!("owner@{}", p.domain), "contactEmail": format!("hello@{}", p.domain), "createdAt": shop.created_at,
        "updatedAt": shop.created_at, "currencyCode": p.named_currency.unwrap_or(p.currency.code()), "ianaTimezone": p.zone.name(), "shopOwnerName": "Resi Holzer",
        "enabledPresentmentCurrencies": std::iter::once(p.currency).chain(p.presentment.iter().map(|(c, _)| *c)).map(|c| c.code().to_owned()).collect::<Vec<_>>(),
        "taxesIncluded": p.taxes_included, "timezoneOffset": format!("{sign}{:02}{:02}", offset.abs() / 60, offset.abs() % 60),
        "timezoneOffsetMinutes": offset, "marketingSmsConsentEnabledAtCheckout": false, "metafield": null,
        "primaryDomain": {"__typename": "Domain", "id": gid("Domain", p.id), "host": host, "sslEnabled": false, "url": storefront},
        "plan": {"__typename": "ShopPlan", "displayName": "Basic", "publicDisplayName": "Basic", "partnerDevelopment": true, "shopifyPlus": false},
        "shopAddress": {"__typename": "ShopAddress", "id": gid("ShopAddress", p.id), "countryCodeV2": p.country, "country": p.country, "city": "Innsbruck"},
    })
}

fn installation(shop: &Shop, client_id: &str) -> Value {
    let scopes = shop.profile.scopes.iter();
    let scopes: Vec<Value> =
        scopes.map(|s| json!({"__typename": "AccessScope", "handle": s, "description": s})).collect();
    json!({"__typename": "AppInstallation", "id": gid("AppInstallation", shop.profile.id), "accessScopes": scopes, "activeSubscriptions": [],
        "launchUrl": format!("https://{}/admin/apps/{client_id}", shop.profile.domain), "uninstallUrl": null, "metafield": null,
        "app": {"__typename": "App", "id": gid("App", 1), "apiKey": client_id, "handle": "recoup", "title": "Recoup", "webhookApiVersion": "2026-10"}})
}

fn one_order(shop: &Shop, id: Option<i64>, storefront: &str, now: Timestamp) -> Value {
    let found = id.and_then(|id| shop.orders.get(&id));
    found.map_or(Value::Null, |order| order_view::order(shop, order, storefront, now))
}

/// One page of the codes of a discount; knows the filter `times_used`.
pub(super) fn codes_of(shop: &Shop, discount: i64, arguments: &Value) -> Value {
    let used = arguments["query"].as_str().is_some_and(|q| q.contains("times_used:>0"));
    let mut codes: Vec<_> =
        shop.discounts.codes.values().filter(|c| c.discount == discount && (!used || c.uses > 0)).collect();
    codes.sort_by_key(|code| code.id);
    let nodes = codes.into_iter().map(|code| (code.id.to_string(), discount_view::redeem_code(code))).collect();
    cut("DiscountRedeemCodeConnection", nodes, arguments)
}

fn orders(shop: &Shop, arguments: &Value, storefront: &str, now: Timestamp) -> Value {
    let search = Search::read(arguments["query"].as_str().unwrap_or(""));
    let key = |order: &Order| match arguments["sortKey"].as_str().unwrap_or("PROCESSED_AT") {
        "UPDATED_AT" => (order.updated_at.micros(), order.id),
        "ID" => (0, order.id),
        _ => (order.created_at.micros(), order.id),
    };
    let mut found: Vec<((i64, i64), &Order)> =
        shop.orders.values().filter(|o| search.finds(*o)).map(|o| (key(o), o)).collect();
    found.sort_by_key(|(key, _)| *key);
    let reverse = arguments["reverse"] == json!(true);
    if reverse {
        found.reverse();
    }
    let after = arguments["after"].as_str().and_then(|cursor| {
        let (a, b) = cursor.split_once('.')?;
        Some((a.parse::<i64>().ok()?, b.parse::<i64>().ok()?))
    });
    let begin = after.map_or(0, |a| found.partition_point(|(key, _)| if reverse { *key >= a } else { *key <= a }));
    let size = size(arguments, 50);
    let more = found.len() - begin > size;
    let nodes = found.into_iter().skip(begin).take(size);
    let view = |order| order_view::order(shop, order, storefront, now);
    let nodes = nodes.map(|((a, b), order)| (format!("{a}.{b}"), view(order))).collect();
    page("OrderConnection", nodes, more, begin > 0)
}

fn abandoned(shop: &Shop, storefront: &str, arguments: &Value, now: Timestamp) -> Value {
    let search = Search::read(arguments["query"].as_str().unwrap_or(""));
    let mut found: Vec<&Checkout> =
        shop.checkouts.values().filter(|c| search.finds(*c) && abandoned_view::listed(c, now)).collect();
    found.sort_by_key(|checkout| abandoned_view::number(checkout));
    let entries = found.into_iter().map(|checkout| {
        (abandoned_view::number(checkout).to_string(), abandoned_view::checkout(shop, checkout, storefront))
    });
    cut("AbandonedCheckoutConnection", entries.collect(), arguments)
}

/// Shopify's search syntax as far as reconciliation needs it: `field:value`, `field:>=value`, joined by spaces or AND.
struct Search(Vec<Term>);

enum Term {
    Instant { field: String, operator: String, seconds: i64 },
    Text { field: String, value: String },
    Nothing,
}

/// What can be searched.
trait Searched {
    fn instant(&self, field: &str) -> Option<Timestamp>;
    fn is(&self, field: &str, value: &str) -> bool;
}

impl Search {
    fn read(search: &str) -> Self {
        let terms = search.split_whitespace().filter(|term| !term.eq_ignore_ascii_case("and"));
        Self(terms.map(Term::read).collect())
    }

    fn finds(&self, thing: &impl Searched) -> bool {
        self.0.iter().all(|term| match term {
            // Shopify compares whole seconds.
            Term::Instant { field, operator, seconds } => {
                thing.instant(field).is_some_and(|held| compare(held.seconds(), operator, *seconds))
            }
            Term::Text { field, value } => thing.is(field, value),
            Term::Nothing => false,
        })
    }
}

impl Term {
    fn read(term: &str) -> Self {
        let Some((field, value)) = term.split_once(':') else {
            return Self::Text { field: "name".to_owned(), value: term.to_owned() };
        };
        let (field, value) = (field.to_owned(), value.replace(['\'', '"'], ""));
        if !field.ends_with("_at") {
            return Self::Text { field, value };
        }
        let instant = value.trim_start_matches(['<', '>', '=']);
        let operator = value[..value.len() - instant.len()].to_owned();
        match Timestamp::parse(instant) {
            Some(at) => Self::Instant { field, operator, seconds: at.seconds() },
            None => Self::Nothing,
        }
    }
}

fn compare(held: i64, operator: &str, wanted: i64) -> bool {
    match operator {
        ">=" => held >= wanted,
        ">" => held > wanted,
        "<=" => held <= wanted,
        "<" => held < wanted,
        _ => held == wanted,
    }
}

impl Searched for Order {
    fn instant(&self, field: &str) -> Option<Timestamp> {
        match field {
            "updated_at" => Some(self.updated_at),
            "created_at" | "processed_at" => Some(self.created_at),
            _ => None,
        }
    }

    fn is(&self, field: &str, value: &str) -> bool {
        let text = |held: Option<&str>| held == Some(value);
        match field {
            "id" => value.parse() == Ok(self.id),
            "name" => self.name().trim_start_matches('#') == value.trim_start_matches('#'),
            "test" => value.parse() == Ok(self.test),
            "source_name" => self.source_name == value,
            "checkout_token" => text(self.checkout_token.as_deref()),
            "cart_token" => text(self.cart_token.as_deref()),
            "discount_code" => text(self.cart.applications.first().map(|a| a.name.as_str())),
            "financial_status" => self.financial_status() == value,
            "status" => true,
            _ => false,
        }
    }
}

impl Searched for Checkout {
    fn instant(&self, field: &str) -> Option<Timestamp> {
        match field {
            "updated_at" => Some(self.updated_at),
            "created_at" => Some(self.created_at),
            _ => None,
        }
    }

    fn is(&self, field: &str, value: &str) -> bool {
        match field {
            "id" => value.parse() == Ok(abandoned_view::number(self)),
            "recovery_state" => (value == "recovered") == self.completed_at.is_some(),
            _ => false,
        }
    }
}
