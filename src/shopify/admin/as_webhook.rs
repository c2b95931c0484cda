//! What the Admin API tells of an order or checkout, as a webhook would have told it: so that one reader, one inbox and
//! one way to the facts serve both.
//!
//! 1. Pure, and exact: amounts stay the texts they are.
//! 2. What the API does not know is left out, never guessed: an order's landing page, a checkout's own e-mail and phone.
//! 3. The same state gives the same body.

use serde_json::{Value, json};

use super::super::gid::parse_gid;
use crate::kernel::{Currency, Money};

/// An order with all its lines, its refunds whole, as the body of `orders/updated`. `None`: it names no order.
pub fn order(order: &Value) -> Option<Value> {
    let (_, id) = order["id"].as_str().and_then(parse_gid).filter(|(kind, _)| *kind == "Order")?;
    let attributes =
        list(&order["customAttributes"]).iter().map(|one| json!({"name": one["key"], "value": one["value"]}));
    // What went back of an order in two currencies is told at another day's rate.
    let one_currency = order["presentmentCurrencyCode"] == order["currencyCode"];
    let mut body = json!({
        "id": id,
        "name": order["name"],
        "created_at": order["createdAt"],
        "processed_at": order["processedAt"],
        "updated_at": order["updatedAt"],
        "cancelled_at": order["cancelledAt"],
        "currency": order["currencyCode"],
        "presentment_currency": order["presentmentCurrencyCode"],
        "source_name": order["sourceName"],
        "financial_status": order["displayFinancialStatus"].as_str().map(str::to_lowercase),
        "test": order["test"],
        "checkout_token": order["checkoutToken"],
        "cart_token": order["cartToken"],
        "phone": order["phone"],
        "email": order["email"],
        "customer": customer(&order["customer"]),
        "billing_address": address(&order["billingAddress"]),
        "shipping_address": address(&order["shippingAddress"]),
        "note_attributes": attributes.collect::<Vec<_>>(),
        "discount_codes": list(&order["discountCodes"]).iter().map(|code| json!({"code": code})).collect::<Vec<_>>(),
        "taxes_included": order["taxesIncluded"],
        "line_items": nodes(&order["lineItems"]).iter().map(line).collect::<Vec<_>>(),
        "shipping_lines": shipping(&order["shippingLine"]),
        "total_tax_set": bag(&order["totalTaxSet"]),
        "total_tip_received_set": bag(&order["totalTipReceivedSet"]),
        "duties_included": order["dutiesIncluded"],
        "original_total_duties_set": bag(&order["originalTotalDutiesSet"]),
        "original_total_additional_fees_set": bag(&order["originalTotalAdditionalFeesSet"]),
        "total_price_set": bag(&order["totalPriceSet"]),
        "current_total_price_set": bag(&order["currentTotalPriceSet"]),
        "refunds": list(&order["refunds"]).iter().map(|one| refund(id, one, one_currency)).collect::<Vec<_>>(),
    });
    body["discount_applications"] = nodes(&order["discountApplications"]).iter().map(application).collect();
    Some(body)
}

/// An abandoned checkout as the body of `checkouts/update`; its token is known from elsewhere, or not at all.
pub fn checkout(checkout: &Value, token: Option<&str>) -> Value {
    let (customer, price) = (customer(&checkout["customer"]), &checkout["totalPriceSet"]["shopMoney"]);
    json!({
        "token": token,
        "cart_token": checkout["abandonedCheckoutUrl"].as_str().and_then(cart_token),
        "currency": price["currencyCode"],
        "total_price": price["amount"],
        "customer": customer,
        "billing_address": address(&checkout["billingAddress"]),
        "shipping_address": address(&checkout["shippingAddress"]),
        "created_at": checkout["createdAt"],
        "updated_at": checkout["updatedAt"],
        "completed_at": checkout["completedAt"],
        "abandoned_checkout_url": checkout["abandonedCheckoutUrl"],
    })
}

/// The cart a recovery address leads to: the part of the path after `/checkouts/ac/`.
pub fn cart_token(url: &str) -> Option<String> {
    after(url, "/checkouts/ac/")
}

/// The checkout an address of the older form leads to: `/checkouts/{token}/recover`.
pub fn checkout_token(url: &str) -> Option<String> {
    after(url, "/checkouts/").filter(|token| token != "ac" && url.contains(&format!("/checkouts/{token}/recover")))
}

fn after(url: &str, mark: &str) -> Option<String> {
    let rest = url.split_once(mark)?.1;
    rest.split(['/', '?']).next().filter(|token| !token.is_empty()).map(str::to_owned)
}

/// Whether an order's lines sum to its subtotal: if not, some of them are missing.
pub fn adds_up(order: &Value) -> bool {
    let Some(currency) = order["currencyCode"].as_str().and_then(Currency::parse) else { return false };
    let minor = |set: &Value| {
        Money::parse(set["shopMoney"]["amount"].as_str()?, currency).ok().map(|money| i128::from(money.minor))
    };
    let worth = |line: &Value| {
        let off: Option<i128> =
            list(&line["discountAllocations"]).iter().map(|one| minor(&one["allocatedAmountSet"])).sum();
        Some(minor(&line["originalUnitPriceSet"])? * i128::from(line["quantity"].as_i64()?) - off?)
    };
    let lines: Option<i128> = nodes(&order["lineItems"]).iter().map(worth).sum();
    lines.is_some() && lines == minor(&order["subtotalPriceSet"])
}

/// The mark we put on a line that a tip's sale names: no field of a line itself says so.
pub const IS_TIP: &str = "isTip";

/// Whether a line may be a tip: neither a gift card nor anybody's product. So are lines staff made up.
pub fn may_be_tip(line: &Value) -> bool {
    line["isGiftCard"] != true && line["vendor"].as_str().unwrap_or_default().is_empty()
}

/// Whether any line of an order may be a tip.
pub fn may_have_tip(order: &Value) -> bool {
    nodes(&order["lineItems"]).iter().any(may_be_tip)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The nodes of a connection.
fn nodes(connection: &Value) -> &[Value] {
    list(&connection["nodes"])
}

fn bag(set: &Value) -> Value {
    let money = &set["shopMoney"];
    if money.is_null() {
        return Value::Null;
    }
    json!({"shop_money": {"amount": money["amount"], "currency_code": money["currencyCode"]}})
}

fn customer(customer: &Value) -> Value {
    let Some((_, id)) = customer["id"].as_str().and_then(parse_gid) else { return Value::Null };
    json!({
        "id": id,
        "phone": customer["defaultPhoneNumber"]["phoneNumber"],
        "email": customer["defaultEmailAddress"]["emailAddress"],
        "default_address": address(&customer["defaultAddress"]),
    })
}

/// Of an address only what recognises a person.
fn address(address: &Value) -> Value {
    if address.is_null() {
        return Value::Null;
    }
    json!({"phone": address["phone"], "country_code": address["countryCodeV2"]})
}

fn taxes(lines: &Value) -> Value {
    list(lines).iter().map(|tax| json!({"price_set": bag(&tax["priceSet"])})).collect()
}

fn line(line: &Value) -> Value {
    let off = list(&line["discountAllocations"]).iter();
    let read = json!({
        "quantity": line["quantity"],
        "gift_card": line["isGiftCard"],
        "price_set": bag(&line["originalUnitPriceSet"]),
        "tax_lines": taxes(&line["taxLines"]),
        "discount_allocations": off.map(|one| json!({"amount_set": bag(&one["allocatedAmountSet"])})).collect::<Vec<_>>(),
    });
    marked(read, line)
}

/// A tip's line has a key no other has, even when it says nothing.
fn marked(mut read: Value, line: &Value) -> Value {
    if line[IS_TIP] == true {
        read["tip_payment_gateway"] = Value::Null;
    }
    read
}

fn shipping(line: &Value) -> Value {
    if line.is_null() {
        return json!([]);
    }
    json!([{"discounted_price_set": bag(&line["discountedPriceSet"]), "tax_lines": taxes(&line["taxLines"])}])
}

fn application(application: &Value) -> Value {
    let kind = match application["__typename"].as_str() {
        Some("DiscountCodeApplication") => "discount_code",
        Some("ManualDiscountApplication") => "manual",
        Some("ScriptDiscountApplication") => "script",
        _ => "automatic",
    };
    json!({"type": kind, "code": application["code"]})
}

fn refund(order: i64, refund: &Value, one_currency: bool) -> Value {
    let lines = nodes(&refund["refundLineItems"]).iter().map(|line| {
        let item = marked(json!({"gift_card": line["lineItem"]["isGiftCard"]}), &line["lineItem"]);
        json!({"subtotal_set": bag(&line["subtotalSet"]), "total_tax_set": bag(&line["totalTaxSet"]), "line_item": item})
    });
    let moved = if one_currency { bag(&refund["totalRefundedSet"]) } else { Value::Null };
    let shipping = nodes(&refund["refundShippingLines"]).iter().map(|line| {
        json!({"subtotal_amount_set": bag(&line["subtotalAmountSet"]), "tax_amount_set": bag(&line["taxAmountSet"])})
    });
    let adjustments = nodes(&refund["orderAdjustments"])
        .iter()
        .map(|one| json!({"amount_set": bag(&one["amountSet"]), "tax_amount_set": bag(&one["taxAmountSet"])}));
    json!({
        "id": refund["id"].as_str().and_then(parse_gid).map(|(_, id)| id),
        "order_id": order,
        "created_at": refund["createdAt"],
        "processed_at": refund["processedAt"],
        "refund_line_items": lines.collect::<Vec<_>>(),
        "refund_shipping_lines": shipping.collect::<Vec<_>>(),
        "order_adjustments": adjustments.collect::<Vec<_>>(),
        "total_refunded_set": moved,
        "duties": list(&refund["duties"]).iter().map(|duty| json!({"amount_set": bag(&duty["amountSet"])})).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_address_names_the_cart_or_the_checkout() {
        let today = "https://shop.example/548380009/checkouts/ac/Z2NwLWV1cm9wZS/recover?key=0&locale=de-AT";
        let older = "https://shop.example/548380009/checkouts/9c1b8a/recover?key=0";
        assert_eq!((cart_token(today).as_deref(), checkout_token(today)), (Some("Z2NwLWV1cm9wZS"), None));
        assert_eq!((cart_token(older), checkout_token(older).as_deref()), (None, Some("9c1b8a")));
        assert_eq!((cart_token("https://x/checkouts/ac/"), checkout_token("https://x/cart")), (None, None));
    }

    #[test]
    fn missing_lines_are_noticed() {
        let set = |amount: &str| json!({"shopMoney": {"amount": amount, "currencyCode": "EUR"}});
        let line = json!({"quantity": 2, "originalUnitPriceSet": set("10.0"), "discountAllocations": [{"allocatedAmountSet": set("3.0")}]});
        let mut order =
            json!({"currencyCode": "EUR", "subtotalPriceSet": set("17.00"), "lineItems": {"nodes": [line]}});
        assert!(adds_up(&order));
        order["lineItems"]["nodes"] = json!([]);
        assert!(!adds_up(&order));
        assert!(!adds_up(&json!({})));
    }

    #[test]
    fn addresses_tell_whom_and_in_which_country() {
        let address = json!({"phone": "0546 555 01 02", "countryCodeV2": "TR"});
        let told = json!({"phone": "0546 555 01 02", "country_code": "TR"});
        let customer = json!({"id": "gid://shopify/Customer/31", "defaultAddress": address});
        let read = json!({"id": "gid://shopify/Order/7", "billingAddress": address, "shippingAddress": null, "customer": customer});
        for body in [order(&read).unwrap(), checkout(&read, Some("token"))] {
            assert_eq!((&body["billing_address"], &body["shipping_address"]), (&told, &Value::Null));
            assert_eq!(body["customer"]["default_address"], told);
        }
    }

    #[test]
    fn what_names_no_order_is_none() {
        assert_eq!(order(&json!({"id": "gid://shopify/Customer/1"})), None);
        assert_eq!(order(&json!({"id": "gid://shopify/Order/7"})).unwrap()["refunds"], json!([]));
    }
}
