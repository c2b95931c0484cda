//! Orders, refunds and checkouts as webhooks carry them (API version 2026-10: no numeric ids of checkouts).

use serde_json::{Value, json};

use crate::kernel::{Currency, Money, Timestamp};

use super::discounts::Offer;
use super::order::{Buyer, Order, Refund};
use super::pricing::{Application, Line, Priced, presented};
use super::shop::{PRODUCTS, ShopProfile};
use super::view::{gid, merge};

/// Writes minor units as the payload wants them: plain in shop money, bags in both.
#[derive(Clone, Copy)]
struct Purse {
    currency: Currency,
    presentment: Currency,
    rate: i64,
}

impl Purse {
    fn plain(self, minor: i64) -> String {
        Money::new(minor, self.currency).decimal()
    }

    fn bag(self, minor: i64) -> Value {
        let shop = Money::new(minor, self.currency);
        let buyer = presented(shop, self.presentment, self.rate);
        json!({"shop_money": {"amount": shop.decimal(), "currency_code": shop.currency.code()},
               "presentment_money": {"amount": buyer.decimal(), "currency_code": buyer.currency.code()}})
    }

    fn allocations(self, all: &[(usize, i64)]) -> Value {
        all.iter()
            .map(|&(index, minor)| json!({"amount": self.plain(minor), "amount_set": self.bag(minor), "discount_application_index": index}))
            .collect()
    }

    fn tax_lines(self, cart: &Priced, minor: i64) -> Value {
        if minor == 0 {
            return json!([]);
        }
        let rate = cart.tax_basis_points as f64 / 10_000.0;
        json!([{"channel_liable": false, "price": self.plain(minor), "price_set": self.bag(minor), "rate": rate, "title": "VAT"}])
    }
}

fn purse(order: &Order) -> Purse {
    Purse { currency: order.currency, presentment: order.presentment, rate: order.rate }
}

fn zoned(at: Timestamp, shop: &ShopProfile) -> String {
    use chrono::{DateTime, SecondsFormat};
    let utc = DateTime::from_timestamp_micros(at.micros()).unwrap_or_default();
    utc.with_timezone(&shop.zone).to_rfc3339_opts(SecondsFormat::Secs, false)
}

fn line_id(order: i64, line: usize) -> i64 {
    order * 10 + line as i64
}

pub(in crate::simulator) fn product_id(product: usize) -> i64 {
    7_234_590_408_000 + product as i64
}

fn line_item(order: &Order, n: usize, line: &Line) -> Value {
    let (purse, product) = (purse(order), &PRODUCTS[line.product]);
    json!({
        "id": line_id(order.id, n), "admin_graphql_api_id": gid("LineItem", line_id(order.id, n)), "attributed_staffs": [],
        "current_quantity": line.quantity - order.returned(n), "fulfillable_quantity": if order.fulfilled { 0 } else { line.quantity },
        "fulfillment_service": "manual", "fulfillment_status": order.fulfilled.then_some("fulfilled"),
        "gift_card": line.gift_card, "grams": 300, "name": product.title, "price": purse.plain(line.price),
        "price_set": purse.bag(line.price), "product_exists": true, "product_id": product_id(line.product), "properties": [],
        "quantity": line.quantity, "requires_shipping": !line.gift_card, "sales_line_item_group_id": null,
        "sku": product.handle.to_uppercase(), "taxable": !line.gift_card, "title": product.title,
        "total_discount": purse.plain(0), "total_discount_set": purse.bag(0), "variant_id": product_id(line.product) + 1000,
        "variant_inventory_management": "shopify", "variant_title": null, "vendor": "Alpenglow",
        "tax_lines": purse.tax_lines(&order.cart, line.tax), "duties": [],
        "discount_allocations": purse.allocations(&line.allocations),
    })
}

/// Tips come as lines too, which only this key tells from goods.
fn tip_line(order: &Order) -> Value {
    let purse = purse(order);
    json!({
        "id": tip_id(order), "admin_graphql_api_id": gid("LineItem", tip_id(order)), "attributed_staffs": [],
        "current_quantity": i64::from(order.current_tip() > 0), "fulfillable_quantity": 0, "fulfillment_service": "manual",
        "fulfillment_status": null, "gift_card": false, "grams": 0, "name": "Tip", "price": purse.plain(order.tip),
        "price_set": purse.bag(order.tip), "product_exists": false, "product_id": null, "properties": [], "quantity": 1,
        "requires_shipping": false, "sales_line_item_group_id": null, "sku": null, "taxable": false, "title": "Tip",
        "total_discount": purse.plain(0), "total_discount_set": purse.bag(0), "variant_id": null,
        "variant_inventory_management": null, "variant_title": null, "vendor": null, "tax_lines": [], "duties": [],
        "discount_allocations": [], "tip_payment_gateway": null, "tip_payment_method": null,
    })
}

/// The number of the line a tip stands on.
pub(super) fn tip_id(order: &Order) -> i64 {
    order.id + 6
}

fn application(purse: Purse, application: &Application) -> Value {
    let (value, value_type, target) = match application.offer {
        Offer::Percentage(share) => (format!("{}.{:02}", share / 100, share % 100), "percentage", "line_item"),
        Offer::Fixed(minor) => (purse.plain(minor), "fixed_amount", "line_item"),
        Offer::FreeShipping(_) => ("100.0".to_owned(), "percentage", "shipping_line"),
    };
    let mut view = json!({"target_type": target, "type": if application.manual { "manual" } else { "discount_code" },
        "value": value, "value_type": value_type, "allocation_method": "across",
        "target_selection": if application.entitled { "entitled" } else { "all" }});
    if application.manual {
        view["title"] = json!(application.name);
        view["description"] = json!(application.name);
    } else {
        view["code"] = json!(application.name);
    }
    view
}

fn discount_codes(purse: Purse, cart: &Priced) -> Value {
    let kind = |offer| match offer {
        Offer::Percentage(_) => "percentage",
        Offer::Fixed(_) => "fixed_amount",
        Offer::FreeShipping(_) => "shipping",
    };
    let each = cart.applications.iter().enumerate();
    each.map(|(n, a)| json!({"code": a.name, "amount": purse.plain(cart.taken_off(n)), "type": kind(a.offer)}))
        .collect()
}

fn address(buyer: &Buyer, shop: &ShopProfile) -> Value {
    json!({"first_name": buyer.first_name, "last_name": buyer.last_name, "name": format!("{} {}", buyer.first_name, buyer.last_name),
        "address1": "Lindengasse 4", "address2": null, "city": "Wien", "zip": "1070", "province": null, "province_code": null,
        "country": "Austria", "country_code": shop.country, "company": null, "phone": buyer.phone, "latitude": null, "longitude": null})
}

fn customer(buyer: &Buyer, currency: Currency, created_at: &str) -> Value {
    match buyer.customer_id {
        None => Value::Null,
        Some(id) => {
            json!({"id": id, "created_at": created_at, "updated_at": created_at, "first_name": buyer.first_name,
            "last_name": buyer.last_name, "state": "disabled", "note": null, "verified_email": true, "multipass_identifier": null,
            "tax_exempt": false, "email": buyer.email, "phone": buyer.phone, "currency": currency.code(), "tax_exemptions": [],
            "admin_graphql_api_id": gid("Customer", id)})
        }
    }
}

fn attributes(all: &[(String, String)]) -> Value {
    all.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// The body of `refunds/create`, and of each entry of `refunds[]`.
pub(in crate::simulator) fn refund(order: &Order, refund: &Refund, shop: &ShopProfile) -> Value {
    let purse = purse(order);
    let at = zoned(refund.at, shop);
    // JSON numbers here, as at Shopify; the bags beside them are exact.
    let number = |minor: i64| purse.plain(minor).parse::<serde_json::Number>().map_or(Value::Null, Value::Number);
    let lines: Vec<Value> = refund
        .lines
        .iter()
        .map(|back| {
            json!({"id": refund.id * 10 + back.line as i64, "quantity": back.quantity, "line_item_id": line_id(order.id, back.line),
                "location_id": null, "restock_type": if refund.cancels { "cancel" } else { "return" },
                "subtotal": number(back.subtotal), "total_tax": number(back.tax),
                "subtotal_set": purse.bag(back.subtotal), "total_tax_set": purse.bag(back.tax),
                "line_item": line_item(order, back.line, &order.cart.lines[back.line])})
        })
        .collect();
    let tip = (refund.tip > 0).then(|| {
        json!({"id": refund.id * 10 + 7, "quantity": 1, "line_item_id": tip_id(order), "location_id": null,
            "restock_type": "no_restock", "subtotal": number(refund.tip), "total_tax": number(0),
            "subtotal_set": purse.bag(refund.tip), "total_tax_set": purse.bag(0), "line_item": tip_line(order)})
    });
    let lines: Vec<Value> = lines.into_iter().chain(tip).collect();
    let shipping: Vec<Value> = (refund.shipping != (0, 0))
        .then(|| json!({"id": refund.id * 10 + 9, "shipping_line": {"id": order.id + 5}, "subtotal_amount_set": purse.bag(refund.shipping.0), "tax_amount_set": purse.bag(refund.shipping.1)}))
        .into_iter()
        .collect();
    let adjustments: Vec<Value> = (refund.goodwill != 0)
        .then(|| json!({"id": refund.id * 10 + 8, "order_id": order.id, "refund_id": refund.id, "amount": purse.plain(-refund.goodwill),
            "tax_amount": purse.plain(0), "kind": "refund_discrepancy", "reason": "Refund discrepancy",
            "amount_set": purse.bag(-refund.goodwill), "tax_amount_set": purse.bag(0)}))
        .into_iter()
        .collect();
    json!({"id": refund.id, "order_id": order.id, "created_at": at, "processed_at": at, "note": null, "user_id": 548_380_009,
        "restock": !refund.lines.is_empty(), "return": null, "duties": [], "total_duties_set": purse.bag(0),
        "admin_graphql_api_id": gid("Refund", refund.id), "refund_line_items": lines, "refund_shipping_lines": shipping,
        "order_adjustments": adjustments,
        "transactions": [{"id": refund.id + 3, "admin_graphql_api_id": gid("OrderTransaction", refund.id + 3), "order_id": order.id,
            "kind": "refund", "status": "success", "gateway": order.gateway, "amount": purse.plain(refund.total()),
            "currency": order.currency.code(), "created_at": at, "processed_at": at, "test": order.test}]})
}

/// The body of `orders/*`.
pub(in crate::simulator) fn order(order: &Order, shop: &ShopProfile) -> Value {
    let (purse, cart) = (purse(order), &order.cart);
    let (plain, bag) = (|m| purse.plain(m), |m| purse.bag(m));
    let at = |t: Timestamp| zoned(t, shop);
    let created_at = at(order.created_at);
    let shipping = cart.shipping.as_ref();
    let shipping_price = shipping.map_or(0, |s| s.discounted());
    let shipping_lines: Vec<Value> = shipping
        .map(|way| json!({"id": order.id + 5, "carrier_identifier": null, "code": "Standard", "current_discounted_price_set": bag(order.current_shipping()),
            "discounted_price": plain(way.discounted()), "discounted_price_set": bag(way.discounted()), "is_removed": false,
            "phone": null, "price": plain(way.price), "price_set": bag(way.price), "source": "shopify", "title": "Standard",
            "requested_fulfillment_service_id": null, "tax_lines": purse.tax_lines(cart, way.tax),
            "discount_allocations": purse.allocations(&way.allocations)}))
        .into_iter()
        .collect();
    let tip = (order.tip > 0).then(|| tip_line(order));
    let mut view = json!({
        "id": order.id, "admin_graphql_api_id": gid("Order", order.id), "app_id": order.app_id, "browser_ip": null,
        "buyer_accepts_marketing": false, "cancel_reason": order.cancelled_at.map(|_| "customer"), "cancelled_at": order.cancelled_at.map(at),
        "cart_token": order.cart_token, "checkout_token": order.checkout_token, "client_details": null, "closed_at": null,
        "confirmation_number": order.token[..9].to_uppercase(), "confirmed": true, "contact_email": order.buyer.email,
        "created_at": created_at, "processed_at": created_at, "updated_at": at(order.updated_at),
        "currency": order.currency.code(), "presentment_currency": order.presentment.code(), "customer_locale": "de-AT", "device_id": null,
        "discount_codes": discount_codes(purse, cart), "duties_included": false, "email": order.buyer.email.as_deref().unwrap_or(""),
        "estimated_taxes": false, "financial_status": order.financial_status(),
        "fulfillment_status": order.fulfilled.then_some("fulfilled"), "landing_site": order.landing_site, "landing_site_ref": null,
        "location_id": null, "merchant_business_entity_id": "MTU0ODM4MDAwOQ", "merchant_of_record_app_id": null, "name": order.name(),
    });
    let more = json!({
        "note": null, "note_attributes": attributes(&order.attributes), "number": order.number - 1000, "order_number": order.number,
        "order_status_url": format!("https://{}/{}/orders/{}/authenticate?key=pretend", shop.domain, shop.id, order.token),
        "payment_gateway_names": [order.gateway], "phone": order.buyer.phone, "po_number": null, "reference": null,
        "referring_site": order.referring_site, "source_identifier": null, "source_name": order.source_name, "source_url": null,
        "tags": "", "tax_exempt": false, "tax_lines": purse.tax_lines(cart, cart.tax()), "taxes_included": cart.taxes_included,
        "test": order.test, "token": order.token, "total_weight": 300, "user_id": null,
        "discount_applications": cart.applications.iter().map(|a| application(purse, a)).collect::<Vec<_>>(), "fulfillments": [],
        "line_items": cart.lines.iter().enumerate().map(|(n, line)| line_item(order, n, line)).chain(tip).collect::<Vec<_>>(),
        "payment_terms": null, "refunds": order.refunds.iter().map(|r| refund(order, r, shop)).collect::<Vec<_>>(),
        "shipping_lines": shipping_lines, "returns": [], "line_item_groups": [],
        "customer": customer(&order.buyer, order.currency, &created_at),
        "total_tip_received": plain(order.tip), "total_outstanding": plain(order.outstanding()),
        "current_shipping_price_set": bag(order.current_shipping()), "total_shipping_price_set": bag(shipping_price),
        "current_total_duties_set": null, "original_total_duties_set": null, "current_total_additional_fees_set": null,
        "original_total_additional_fees_set": null, "total_cash_rounding_payment_adjustment_set": bag(0),
        "total_cash_rounding_refund_adjustment_set": bag(0),
    });
    merge(&mut view, more);
    let amounts = [
        ("subtotal_price", cart.subtotal()),
        ("total_price", order.total()),
        ("total_tax", cart.tax()),
        ("total_discounts", cart.discounts()),
        ("total_line_items_price", cart.line_items_price()),
        ("current_subtotal_price", order.current_subtotal()),
        ("current_total_price", order.current_total()),
        ("current_total_tax", order.current_tax()),
        ("current_total_discounts", if order.cancelled_at.is_some() { 0 } else { cart.discounts() }),
    ];
    for (name, minor) in amounts {
        view[name] = json!(plain(minor));
        view[format!("{name}_set")] = bag(minor);
    }
    if order.source_name != "pos" {
        view["shipping_address"] = address(&order.buyer, shop);
        view["billing_address"] = address(&order.buyer, shop);
    }
    view
}

/// What a checkout payload needs besides its cart.
pub(in crate::simulator) struct CheckoutFacts<'a> {
    pub token: &'a str,
    pub cart_token: &'a str,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub buyer: &'a Buyer,
    pub attributes: &'a [(String, String)],
    pub landing_site: Option<&'a str>,
    /// `None` when it is told to approved apps only.
    pub recovery_url: Option<String>,
    pub presentment: Currency,
}

/// The body of `checkouts/create` and `checkouts/update`. Instants are written in two offsets, as Shopify does.
pub(in crate::simulator) fn checkout(facts: &CheckoutFacts<'_>, cart: &Priced, shop: &ShopProfile) -> Value {
    let purse = Purse { currency: shop.currency, presentment: shop.currency, rate: 1_000_000 };
    let lines: Vec<Value> = cart
        .lines
        .iter()
        .map(|line| {
            let (id, product) = (product_id(line.product), &PRODUCTS[line.product]);
            json!({"key": (id + 1000).to_string(), "product_id": id, "variant_id": id + 1000, "title": product.title,
                "presentment_title": product.title, "variant_title": "", "quantity": line.quantity, "price": purse.plain(line.price),
                "variant_price": purse.plain(line.price), "line_price": purse.plain(line.full()), "sku": product.handle.to_uppercase(),
                "gift_card": line.gift_card, "taxable": !line.gift_card, "requires_shipping": !line.gift_card, "grams": 300,
                "vendor": "Alpenglow", "properties": {}, "applied_discounts": [], "fulfillment_service": "manual",
                "discount_allocations": purse.allocations(&line.allocations), "tax_lines": purse.tax_lines(cart, line.tax)})
        })
        .collect();
    let known = facts.buyer.email.is_some() || facts.buyer.phone.is_some();
    let mut view = json!({
        "token": facts.token, "cart_token": facts.cart_token, "email": facts.buyer.email, "phone": facts.buyer.phone, "gateway": null,
        "buyer_accepts_marketing": false, "buyer_accepts_sms_marketing": false, "sms_marketing_phone": null,
        "created_at": facts.created_at, "updated_at": zoned(facts.updated_at, shop),
        "completed_at": facts.completed_at.map(|t| zoned(t, shop)), "closed_at": null,
        "landing_site": facts.landing_site.unwrap_or(""), "referring_site": "", "note": "",
        "note_attributes": attributes(facts.attributes), "shipping_lines": [], "taxes_included": cart.taxes_included, "total_weight": 300,
    });
    let more = json!({
        "currency": shop.currency.code(), "presentment_currency": facts.presentment.code(), "user_id": null, "location_id": null,
        "source_identifier": null, "source_url": null, "device_id": null, "customer_locale": "de-AT", "line_items": lines,
        "name": format!("#{}", &facts.token[..8]), "source": null, "source_name": "web", "abandoned_checkout_url": facts.recovery_url,
        "discount_codes": discount_codes(purse, cart), "tax_lines": purse.tax_lines(cart, cart.tax()),
        "total_discounts": purse.plain(cart.discounts()), "total_line_items_price": purse.plain(cart.line_items_price()),
        "total_price": purse.plain(cart.total()), "total_tax": purse.plain(cart.tax()), "subtotal_price": purse.plain(cart.subtotal()),
        "total_duties": null, "reservation_token": null, "shipping_address": [],
    });
    merge(&mut view, more);
    if known {
        view["customer"] = customer(facts.buyer, shop.currency, &zoned(facts.created_at, shop));
        view["shipping_address"] = address(facts.buyer, shop);
    }
    view
}

/// The body of `checkouts/delete`: neither token nor contact.
pub(in crate::simulator) fn deleted_checkout(number: i64, cart_token: &str, presentment: Currency) -> Value {
    json!({
        "id": number, "presentment_currency": presentment.code(), "buyer_accepts_sms_marketing": false,
        "sms_marketing_phone": null, "total_discounts": "0.00", "total_line_items_price": "0.00", "total_price": "0.00",
        "total_tax": "0.00", "subtotal_price": "0.00", "cart_token": cart_token, "total_duties": null,
        "reservation_token": null,
    })
}
