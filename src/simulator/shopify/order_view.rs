//! Orders as the Admin API shows them.

use serde_json::{Value, json};

use crate::kernel::{Currency, Timestamp};

use super::agreements_view;
use super::discounts::Offer;
use super::money_view::{bag, tip_line};
use super::order::{Order, Refund};
use super::payload::product_id;
use super::pricing::{Application, Line};
use super::shop::{PRODUCTS, ShopProfile};
use super::view::{amount, connection, gid, instant, merge};
use crate::simulator::journey::Seen;
use crate::simulator::shopify::shop::Shop;

fn application(a: &Application, index: usize, currency: Currency) -> Value {
    let value = match a.offer {
        Offer::Percentage(share) => json!({"__typename": "PricingPercentageValue", "percentage": share as f64 / 100.0}),
        Offer::Fixed(minor) => amount(minor, currency),
        Offer::FreeShipping(_) => json!({"__typename": "PricingPercentageValue", "percentage": 100.0}),
    };
    let target = if matches!(a.offer, Offer::FreeShipping(_)) { "SHIPPING_LINE" } else { "LINE_ITEM" };
    let selection = if a.entitled { "ENTITLED" } else { "ALL" };
    let mut view = json!({"index": index, "allocationMethod": "ACROSS", "targetSelection": selection, "targetType": target, "value": value});
    if a.manual {
        view["__typename"] = json!("ManualDiscountApplication");
        view["title"] = json!(a.name);
        view["description"] = json!(a.name);
    } else {
        view["__typename"] = json!("DiscountCodeApplication");
        view["code"] = json!(a.name);
    }
    view
}

fn allocations(order: &Order, all: &[(usize, i64)]) -> Value {
    all.iter()
        .map(|&(index, minor)| {
            let of = application(&order.cart.applications[index], index, order.currency);
            json!({"__typename": "DiscountAllocation", "allocatedAmount": amount(minor, order.currency),
                   "allocatedAmountSet": bag(order, minor), "discountApplication": of})
        })
        .collect()
}

fn tax_lines(order: &Order, minor: i64) -> Value {
    if minor == 0 {
        return json!([]);
    }
    let percent = order.cart.tax_basis_points as f64 / 100.0;
    json!([{"__typename": "TaxLine", "channelLiable": false, "priceSet": bag(order, minor), "rate": percent / 100.0,
            "ratePercentage": percent, "title": "VAT"}])
}

fn line(order: &Order, n: usize, line: &Line) -> Value {
    let product = &PRODUCTS[line.product];
    let left = line.quantity - order.returned(n);
    json!({
        "__typename": "LineItem", "id": gid("LineItem", order.id * 10 + n as i64), "name": product.title, "title": product.title,
        "quantity": line.quantity, "currentQuantity": left, "refundableQuantity": left, "isGiftCard": line.gift_card,
        "requiresShipping": !line.gift_card, "taxable": !line.gift_card, "sku": product.handle.to_uppercase(), "variantTitle": null,
        "vendor": "Alpenglow", "customAttributes": [], "sellingPlan": null, "variant": null,
        "product": {"__typename": "Product", "id": gid("Product", product_id(line.product)), "title": product.title, "handle": product.handle},
        "originalUnitPriceSet": bag(order, line.price), "originalTotalSet": bag(order, line.full()),
        "discountedTotalSet": bag(order, line.discounted()), "totalDiscountSet": bag(order, line.discount()),
        "discountedUnitPriceAfterAllDiscountsSet": bag(order, line.discounted() / line.quantity.max(1)),
        "discountAllocations": allocations(order, &line.allocations), "taxLines": tax_lines(order, line.tax),
    })
}

/// `Refund`.
pub(super) fn refund(order: &Order, refund: &Refund) -> Value {
    let lines = refund.lines.iter().map(|back| {
        json!({"__typename": "RefundLineItem", "id": gid("RefundLineItem", refund.id * 10 + back.line as i64),
            "quantity": back.quantity, "restockType": if refund.cancels { "CANCEL" } else { "RETURN" }, "restocked": true,
            "priceSet": bag(order, order.cart.lines[back.line].price), "subtotalSet": bag(order, back.subtotal),
            "totalTaxSet": bag(order, back.tax), "lineItem": line(order, back.line, &order.cart.lines[back.line])})
    });
    let tip = (refund.tip > 0).then(|| {
        json!({"__typename": "RefundLineItem", "id": gid("RefundLineItem", refund.id * 10 + 7), "quantity": 1,
            "restockType": "NO_RESTOCK", "restocked": false, "priceSet": bag(order, order.tip),
            "subtotalSet": bag(order, refund.tip), "totalTaxSet": bag(order, 0), "lineItem": tip_line(order)})
    });
    let adjustments = (refund.goodwill != 0).then(|| {
        json!({"__typename": "OrderAdjustment", "id": gid("OrderAdjustment", refund.id * 10 + 8), "reason": "REFUND_DISCREPANCY",
            "amountSet": bag(order, -refund.goodwill), "taxAmountSet": bag(order, 0)})
    });
    let shipping = (refund.shipping != (0, 0)).then(|| {
        json!({"__typename": "RefundShippingLine", "id": gid("RefundShippingLine", refund.id * 10 + 9),
            "subtotalAmountSet": bag(order, refund.shipping.0), "taxAmountSet": bag(order, refund.shipping.1),
            "shippingLine": shipping_line(order)})
    });
    json!({
        "__typename": "Refund", "id": gid("Refund", refund.id), "legacyResourceId": refund.id.to_string(), "createdAt": instant(refund.at),
        "processedAt": instant(refund.at), "updatedAt": instant(refund.at), "note": null, "totalRefundedSet": bag(order, refund.total()), "duties": [],
        "refundLineItems": connection("RefundLineItem", lines.chain(tip).collect()),
        "orderAdjustments": connection("OrderAdjustment", adjustments.into_iter().collect()),
        "refundShippingLines": connection("RefundShippingLine", shipping.into_iter().collect()),
        "transactions": connection("OrderTransaction", vec![transaction(order, refund.id + 3, "REFUND", "SUCCESS", refund.total())]),
    })
}

fn transaction(order: &Order, id: i64, kind: &str, status: &str, minor: i64) -> Value {
    json!({"__typename": "OrderTransaction", "id": gid("OrderTransaction", id), "kind": kind, "status": status, "gateway": order.gateway,
        "formattedGateway": order.gateway, "createdAt": order.created_at, "processedAt": order.created_at, "test": order.test,
        "manualPaymentGateway": false, "amountSet": bag(order, minor), "errorCode": null, "paymentId": null,
        "parentTransaction": null, "amountRoundingSet": null})
}

fn shipping_line(order: &Order) -> Value {
    match &order.cart.shipping {
        None => Value::Null,
        Some(way) => {
            json!({"__typename": "ShippingLine", "id": gid("ShippingLine", order.id + 5), "code": "Standard", "title": "Standard",
            "source": "shopify", "isRemoved": false, "originalPriceSet": bag(order, way.price),
            "discountedPriceSet": bag(order, way.discounted()), "currentDiscountedPriceSet": bag(order, order.current_shipping()),
            "discountAllocations": allocations(order, &way.allocations), "taxLines": tax_lines(order, way.tax)})
        }
    }
}

fn customer(order: &Order) -> Value {
    let buyer = &order.buyer;
    match buyer.customer_id {
        None => Value::Null,
        Some(id) => json!({
            "__typename": "Customer", "id": gid("Customer", id), "legacyResourceId": id.to_string(), "firstName": buyer.first_name,
            "lastName": buyer.last_name, "displayName": format!("{} {}", buyer.first_name, buyer.last_name), "email": buyer.email,
            "phone": buyer.phone, "state": "DISABLED", "tags": [], "locale": "de-AT", "verifiedEmail": true, "note": null,
            "createdAt": order.created_at, "updatedAt": order.updated_at, "numberOfOrders": "1", "metafield": null,
            "amountSpent": amount(order.total(), order.currency), "defaultAddress": null, "lastOrder": null,
            "defaultEmailAddress": buyer.email.as_ref().map(|email| json!({"__typename": "CustomerEmailAddress", "emailAddress": email})),
            "defaultPhoneNumber": buyer.phone.as_ref().map(|phone| json!({"__typename": "CustomerPhoneNumber", "phoneNumber": phone})),
        }),
    }
}

fn address(order: &Order, profile: &ShopProfile) -> Value {
    let buyer = &order.buyer;
    json!({"__typename": "MailingAddress", "id": gid("MailingAddress", order.id + 9), "firstName": buyer.first_name,
        "lastName": buyer.last_name, "name": format!("{} {}", buyer.first_name, buyer.last_name), "phone": buyer.phone,
        "countryCodeV2": profile.country})
}

/// `CustomerJourneySummary`: nothing of orders that no browser placed, and nothing before it is ready.
fn journey(order: &Order, storefront: &str, now: Timestamp) -> Value {
    let Some(ready_at) = order.journey_ready_at else { return Value::Null };
    if now < ready_at {
        return json!({"__typename": "CustomerJourneySummary", "ready": false, "customerOrderIndex": null, "daysToConversion": null,
            "firstVisit": null, "lastVisit": null, "moments": null});
    }
    let visits: Vec<Value> = order.visits.iter().map(|seen| visit(seen, storefront)).collect();
    let days = order.visits.first().map_or(0, |first| order.created_at.seconds_since(first.at) / 86_400);
    json!({"__typename": "CustomerJourneySummary", "ready": true, "customerOrderIndex": 1, "daysToConversion": days,
        "firstVisit": visits.first(), "lastVisit": visits.last(),
        "moments": connection("CustomerMoment", visits)})
}

fn visit(seen: &Seen, storefront: &str) -> Value {
    let query: Vec<(String, String)> = seen
        .landing
        .split_once('?')
        .map(|(_, query)| url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
        .unwrap_or_default();
    let utm = |name: &str| query.iter().find(|(key, _)| key == &format!("utm_{name}")).map(|(_, value)| value.clone());
    let parameters = utm("source").map(|source| {
        json!({"__typename": "UTMParameters", "source": source, "medium": utm("medium"), "campaign": utm("campaign"),
               "content": utm("content"), "term": utm("term")})
    });
    json!({"__typename": "CustomerVisit", "id": gid("CustomerVisit", seen.id), "landingPage": format!("{storefront}{}", seen.landing),
        "occurredAt": instant(seen.at), "source": utm("source").unwrap_or_else(|| "direct".to_owned()), "sourceType": null,
        "sourceDescription": null, "referrerUrl": seen.referrer, "referralCode": null, "marketingEvent": null,
        "utmParameters": parameters, "landingPageHtml": null, "referralInfoHtml": ""})
}

/// `Order`.
pub(super) fn order(shop: &Shop, order: &Order, storefront: &str, now: Timestamp) -> Value {
    let (cart, profile) = (&order.cart, &shop.profile);
    let shipping_back: i64 = order.refunds.iter().map(|r| r.shipping.0 + r.shipping.1).sum();
    let codes: Vec<&String> = cart.applications.iter().map(|a| &a.name).collect();
    let attributes: Vec<Value> = order
        .attributes
        .iter()
        .map(|(key, value)| json!({"__typename": "Attribute", "key": key, "value": value}))
        .collect();
    let applications = cart.applications.iter().enumerate().map(|(n, a)| application(a, n, order.currency)).collect();
    let status = order.financial_status().to_uppercase();
    let paid = if order.paid_at.is_some() { "SUCCESS" } else { "PENDING" };
    let mut transactions = vec![transaction(order, order.id + 1, "SALE", paid, order.total())];
    transactions.extend(order.refunds.iter().map(|r| transaction(order, r.id + 3, "REFUND", "SUCCESS", r.total())));
    let tip = (order.tip > 0).then(|| tip_line(order));
    let mut view = json!({
        "__typename": "Order", "id": gid("Order", order.id), "legacyResourceId": order.id.to_string(), "name": order.name(),
        "number": order.number, "confirmationNumber": order.token[..9].to_uppercase(), "confirmed": true,
        "createdAt": instant(order.created_at), "processedAt": instant(order.created_at), "updatedAt": instant(order.updated_at),
        "cancelledAt": order.cancelled_at.map(instant),
        "cancelReason": order.cancelled_at.map(|_| "CUSTOMER"), "closedAt": null, "test": order.test, "edited": !order.edits.is_empty(),
    });
    let more = json!({
        "checkoutToken": order.checkout_token, "cartToken": order.cart_token, "sourceName": order.source_name, "sourceIdentifier": null,
        "app": order.app_id.map(|id| json!({"__typename": "OrderApp", "id": gid("App", id), "name": order.source_name})),
        "attribution": null, "customAttributes": attributes, "discountCode": codes.first(), "discountCodes": codes,
        "discountApplications": connection("DiscountApplication", applications), "currencyCode": order.currency.code(),
        "presentmentCurrencyCode": order.presentment.code(), "taxesIncluded": cart.taxes_included, "displayFinancialStatus": status,
        "displayFulfillmentStatus": if order.fulfilled { "FULFILLED" } else { "UNFULFILLED" }, "fullyPaid": order.paid_at.is_some(),
        "unpaid": order.paid_at.is_none(), "email": order.buyer.email, "phone": order.buyer.phone, "customer": customer(order),
        "customerLocale": "de-AT", "customerAcceptsMarketing": false, "customerJourneySummary": journey(order, storefront, now), "note": null, "tags": [],
        "paymentGatewayNames": [order.gateway], "returnStatus": "NO_RETURN", "retailLocation": null, "registeredSourceUrl": null,
        "metafield": null, "clientIp": null, "billingAddress": address(order, profile), "shippingAddress": address(order, profile), "shippingLine": shipping_line(order),
        "statusPageUrl": format!("https://{}/{}/orders/{}", profile.domain, profile.id, order.token),
        "lineItems": connection("LineItem", cart.lines.iter().enumerate().map(|(n, l)| line(order, n, l)).chain(tip).collect()),
        "refunds": order.refunds.iter().map(|r| refund(order, r)).collect::<Vec<_>>(), "transactions": transactions,
    });
    merge(&mut view, more);
    let apart = json!({"dutiesIncluded": false, "originalTotalDutiesSet": null, "currentTotalDutiesSet": null,
        "originalTotalAdditionalFeesSet": null, "agreements": agreements_view::agreements(order)});
    merge(&mut view, apart);
    let amounts = [
        ("subtotalPriceSet", cart.subtotal()),
        ("totalPriceSet", order.total()),
        ("originalTotalPriceSet", order.total()),
        ("totalTaxSet", cart.tax()),
        ("totalDiscountsSet", cart.discounts()),
        ("totalShippingPriceSet", cart.shipping.as_ref().map_or(0, |s| s.discounted())),
        ("totalTipReceivedSet", order.tip),
        ("totalRefundedSet", order.refunded()),
        ("totalRefundedShippingSet", shipping_back),
        ("totalOutstandingSet", order.outstanding()),
        ("netPaymentSet", order.net_payment()),
        ("totalReceivedSet", if order.paid_at.is_some() { order.total() } else { 0 }),
        ("refundDiscrepancySet", 0),
        ("currentSubtotalPriceSet", order.current_subtotal()),
        ("currentTotalPriceSet", order.current_total()),
        ("currentTotalTaxSet", order.current_tax()),
        ("currentShippingPriceSet", order.current_shipping()),
        ("currentTotalDiscountsSet", if order.cancelled_at.is_some() { 0 } else { cart.discounts() }),
    ];
    for (name, minor) in amounts {
        view[name] = bag(order, minor);
    }
    view
}
