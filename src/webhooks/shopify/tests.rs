//! The recorded payloads, read and compared with what they say of themselves.

use proptest::prelude::*;

use super::*;
use crate::checkouts::CheckoutSnapshot;
use crate::kernel::id::ShopId;
use crate::kernel::{Chance, Currency, Timestamp};
use crate::orders::{Amounts, OrderId, RefundSnapshot, Snapshot, net_sales};
use crate::tombstones::Kind;

fn sample(name: &str) -> String {
    let path = format!("{}/tests/it/fixtures/samples/shopify/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn vault() -> Vault {
    Vault::new([1; 32], None, Chance::seeded(1)).with_pepper([2; 32])
}

const SHOP: ShopId = ShopId(77);

fn arrived(vault: &Vault) -> Arrived<'_> {
    Arrived {
        shop: SHOP,
        delivery_id: "d-1",
        received_at: Timestamp::from_seconds(2_000),
        at: Timestamp::from_seconds(1_000),
        country: Some("AT"),
        currency: Currency::parse("EUR"),
        knows: crate::checkouts::Knows::Contact,
        vault,
    }
}

fn told(topic: &str, body: &str) -> Result<Parsed, Unreadable> {
    let topic = TOPICS.iter().find(|known| known.name == topic).unwrap();
    (topic.read)(&arrived(&vault()), body)
}

/// The snapshot of an order, with another id where it is the admin's example.
fn order(body: &str) -> Snapshot {
    let body = body.replace("\"id\": 820982911946154508,", "\"id\": 5,");
    match told("orders/paid", &body) {
        Ok(Parsed::Order(snapshot)) => *snapshot,
        other => panic!("{other:?}"),
    }
}

fn refund(body: &str) -> (OrderId, RefundSnapshot) {
    let body = body.replace("\"order_id\": 820982911946154508", "\"order_id\": 5");
    match told("refunds/create", &body) {
        Ok(Parsed::Refund(order, refund)) => (order, refund),
        other => panic!("{other:?}"),
    }
}

fn checkout(body: &str) -> CheckoutSnapshot {
    match told("checkouts/update", body) {
        Ok(Parsed::Checkout(snapshot)) => *snapshot,
        other => panic!("{other:?}"),
    }
}

fn nothing(told: Result<Parsed, Unreadable>) -> String {
    match told {
        Ok(Parsed::Nothing(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn a_web_order_joins_its_checkout() {
    let order = order(&sample("orders_updated.2024-10.web.json"));
    assert_eq!(order.amounts, Amounts { gross: 60_000, total: 60_000, ..Amounts::default() });
    assert_eq!((order.order, order.name.as_str(), order.currency.as_str()), (OrderId(5778367414385), "#1017", "USD"));
    // No `processed_at` in it: then it was ordered when it was created.
    assert_eq!(order.ordered_at, at("2024-11-05T21:54:49-05:00"));
    assert_eq!(order.updated_at, at("2024-11-05T21:54:50-05:00"));
    let checkout = checkout(&sample("checkouts_create.2024-10.web.json"));
    assert_eq!(order.checkout_token.as_deref(), Some(checkout.token.as_str()));
    assert_eq!(order.cart_token, checkout.cart_token);
    assert_eq!(order.shopify_customer_id, Some(7358220173425));
    let vault = vault();
    assert_eq!(order.contacts.emails, [vault.lookup(SHOP, "email", "nadia.keller@example.com")]);
    assert_eq!((order.codes, order.click_ids, order.landing_click_id), (vec![], vec![], None));
}

#[test]
fn a_staff_typed_discount_is_no_code() {
    let order = order(&sample("orders_create.2025-01.draft-code-fixed.json"));
    let expected = Amounts { gross: 39_900, discounts: 2_500, shipping: 2_000, total: 39_400, ..Amounts::default() };
    assert_eq!(order.amounts, expected);
    assert_eq!(net_sales(order.amounts, 0), 37_400, "subtotal_price");
    assert_eq!(order.amounts.unexplained(), 0);
    assert!(order.codes.is_empty(), "{:?}", order.codes);
    assert_eq!(order.source_name, "shopify_draft_order");
    assert_eq!(order.contacts.phones, [vault().lookup(SHOP, "phone", "+85555314722")]);
}

#[test]
fn a_cancelled_order_keeps_what_it_was_worth_and_lists_its_refund() {
    let order = order(&sample("orders_cancelled.2025-01.draft-hkd.json"));
    assert_eq!(order.amounts, Amounts { gross: 9_900, total: 9_900, ..Amounts::default() });
    assert_eq!(order.cancelled_at, Some(at("2025-01-23T21:57:18-05:00")));
    assert_eq!(order.financial_status.as_deref(), Some("refunded"));
    let refund = RefundSnapshot {
        refund: 982959849772,
        at: at("2025-01-23T21:57:17-05:00"),
        known_at: order.updated_at,
        goods: 9_900,
        shipping: 0,
        tax: 0,
        tips: 0,
        gift_cards: 0,
        charges: 0,
        moved: Some(9_900),
    };
    assert_eq!(order.refunds, [refund]);
}

#[test]
fn the_examples_of_shopify_add_up() {
    let create = order(&sample("orders_create.2026-07.json"));
    // Its `subtotal_price` is 10.00 short of its lines; `current_subtotal_price` is right.
    assert_eq!((net_sales(create.amounts, 0), create.amounts.shipping), (41_495, 0));
    assert!(create.test && create.cancelled_at.is_some());
    let paid = order(&sample("orders_paid.2025-01.json"));
    assert_eq!((net_sales(paid.amounts, 0), paid.amounts.shipping, paid.amounts.total), (39_800, 1_000, 38_800));
}

#[test]
fn the_admins_test_notification_is_left_aside() {
    for name in ["orders_create.2026-07.json", "orders_paid.2025-01.json"] {
        assert_eq!(nothing(told("orders/create", &sample(name))), example::EXAMPLE_REASON);
    }
    assert_eq!(nothing(told("refunds/create", &sample("refunds_create.2026-07.json"))), example::EXAMPLE_REASON);
    let edited = nothing(told("orders/edited", &sample("orders_edited.2026-07.json")));
    assert_eq!(edited, example::EXAMPLE_REASON);
    let real = sample("orders_edited.2026-07.json").replace("820982911946154508", "5");
    assert!(matches!(told("orders/edited", &real), Ok(Parsed::Edited(OrderId(5)))));
}

/// Prices that include tax, a discounted line, a gift card, a tip, shipping with tax in it.
const INCLUDED: &str = r##"{"id": "9007199254740993", "currency": "EUR", "taxes_included": true, "total_price": "90.40",
  "total_tax": "9.00", "total_tip_received": "1.00", "total_price_set": {"shop_money": {"amount": "90.40", "currency_code": "EUR"}},
  "created_at": "not a time", "updated_at": "2026-11-01T10:00:00+01:00", "cancelled_at": "some day", "source_name": "web",
  "cart_token": "c1-abc?key=secret", "landing_site": "/products/x?utm_source=whatsapp&rcp=CLICK1#top",
  "note_attributes": [{"name": "__rcp", "value": "CLICK2"}, {"name": "gift", "value": "yes"}, {"name": "__rcp", "value": null},
    {"name": "__rcp", "value": "toolongtoolongtoolongtoolongtoolongtoolongtoolongtoolongtoolongtoolong"}],
  "discount_codes": [{"code": "Other", "amount": "1.00", "type": "fixed_amount"}],
  "discount_applications": [{"type": "discount_code", "code": " win7k2 "}, {"type": "discount_code", "code": "WIN7K2"}, {"type": "automatic", "title": "x"}],
  "phone": "", "email": "", "customer": {"id": 31, "phone": "0660 1234567", "email": "Ana@Example.com"}, "billing_address": [],
  "line_items": [
    {"price": "24.00", "quantity": 2, "gift_card": false, "tax_lines": [{"price": "7.00"}], "discount_allocations": [{"amount": "6.00"}]},
    {"price": 12, "quantity": 1, "tax_lines": [{"price_set": {"shop_money": {"amount": "1.00", "currency_code": "EUR"}}, "price": "999"}]},
    {"price": "30.00", "quantity": 1, "gift_card": true, "discount_allocations": []}],
  "shipping_lines": [{"price": "6.40", "discount_allocations": [{"amount": "1.00"}], "tax_lines": [{"price": "1.00"}]}]}"##;

#[test]
fn included_taxes_gift_cards_and_tips_stand_apart() {
    let order = order(INCLUDED);
    assert_eq!(order.order, OrderId(9_007_199_254_740_993));
    let expected = Amounts {
        gross: 5_200,
        discounts: 600,
        shipping: 440,
        tax: 900,
        tips: 100,
        gift_cards: 3_000,
        total: 9_040,
        ..Amounts::default()
    };
    assert_eq!(order.amounts, expected);
    assert_eq!(order.amounts.unexplained(), 0);
    assert_eq!(order.codes, ["WIN7K2"]);
    assert_eq!(order.click_ids, ["CLICK2"]);
    assert_eq!(order.landing_click_id.as_deref(), Some("CLICK1"));
    assert_eq!(order.cart_token.as_deref(), Some("c1-abc"));
    // Times that cannot be read become the event's own; a cancellation stays one.
    assert_eq!((order.ordered_at, order.cancelled_at), (Timestamp::from_seconds(1_000), Some(order.updated_at)));
    assert_eq!(order.contacts.phones, [vault().lookup(SHOP, "phone", "+436601234567")]);
    assert_eq!(order.contacts.emails, [vault().lookup(SHOP, "email", "ana@example.com")]);
}

/// An order by which several people might be meant, with one phone in each place.
const NAMED: &str = r#"{"id": 1, "currency": "EUR", "total_price": "1", "phone": "0660 1234561", "email": "Own@example.com",
  "contact_email": "own@example.com ", "customer": {"id": 31, "phone": "+436601234562", "email": "account@example.com",
    "default_address": {"phone": "0546 555 01 01", "country_code": "TR"}},
  "billing_address": {"phone": "0660 1234564", "country_code": "AT"},
  "shipping_address": {"phone": "0151 23456789", "country_code": "DE"}}"#;

#[test]
fn an_order_names_everybody_in_every_place() {
    let contacts = order(NAMED).contacts;
    let phone = |text| vault().lookup(SHOP, "phone", text);
    let phones = ["+436601234561", "+436601234562", "+436601234564", "+905465550101"].map(phone);
    assert_eq!(
        (contacts.phones.as_slice(), contacts.delivery.as_slice()),
        (&phones[..], &[phone("+4915123456789")][..])
    );
    assert_eq!(
        contacts.emails,
        ["own@example.com", "account@example.com"].map(|text| vault().lookup(SHOP, "email", text))
    );
    // The only phone there is names the shopper, wherever it stands.
    let only = order(
        r#"{"id": 1, "currency": "EUR", "total_price": "1", "shipping_address": {"phone": "0546 555 01 02", "country_code": "TR"}}"#,
    );
    assert_eq!((only.contacts.phones, only.contacts.delivery), (vec![phone("+905465550102")], vec![]));
    // One telephone in two spellings is one; a checkout is read the same way.
    let twice = checkout(
        r#"{"token": "t", "currency": "MXN", "total_price": "1", "phone": "+525512345678",
        "billing_address": {"phone": "+5215512345678", "country_code": "MX"}, "shipping_address": {"phone": "55 1234 5678", "country_code": "MX"}}"#,
    );
    assert_eq!((twice.contacts.phones, twice.contacts.delivery), (vec![phone("+525512345678")], vec![]));
}

/// One line of 100.00, with what else the order says.
fn sold(total: &str, lines: &str, more: &str) -> Amounts {
    let body = format!(
        r#"{{"id": 1, "currency": "EUR", "total_price": "{total}", {more} "line_items": [{{"price": "100.00", "quantity": 1}}{lines}]}}"#
    );
    order(&body).amounts
}

#[test]
fn a_tip_is_its_own_line_however_it_comes() {
    let line = |price: &str| format!(r#", {{"price": "{price}", "quantity": 1, "tip_payment_gateway": null}}"#);
    let tip = |amounts: Amounts| (net_sales(amounts, 0), amounts.tips, amounts.unexplained());
    assert_eq!(tip(sold("110.00", &line("10.00"), r#""total_tip_received": "10.00","#)), (10_000, 1_000, 0));
    assert_eq!(tip(sold("110.00", "", r#""total_tip_received": "10.00","#)), (10_000, 1_000, 0), "as it came before");
    assert_eq!(
        tip(sold("110.00", &line("10.00"), r#""total_tip_received": "0.00","#)),
        (10_000, 1_000, 0),
        "given back"
    );
    let two = format!("{}{}", line("10.00"), line("2.50"));
    assert_eq!(tip(sold("112.50", &two, r#""total_tip_received": "12.50","#)), (10_000, 1_250, 0));
    // Staff may make up a line of that name; without the key it is goods.
    let made_up = r#", {"price": "10.00", "quantity": 1, "title": "Tip", "product_id": null}"#;
    assert_eq!(tip(sold("110.00", made_up, "")), (11_000, 0, 0));
    // Taken for goods, as it once was, it does not add up.
    let counted_twice = r#", {"price": "10.00", "quantity": 1}"#;
    assert_eq!(sold("110.00", counted_twice, r#""total_tip_received": "10.00","#).unexplained(), -1_000);
}

#[test]
fn duties_and_fees_stand_apart_wherever_they_are_paid() {
    let set = |amount: &str| format!(r#"{{"shop_money": {{"amount": "{amount}", "currency_code": "EUR"}}}}"#);
    let duties =
        |included: bool| format!(r#""duties_included": {included}, "original_total_duties_set": {},"#, set("20.00"));
    let parts = |amounts: Amounts| (amounts.gross, amounts.duties, amounts.fees, amounts.unexplained());
    assert_eq!(parts(sold("120.00", "", &duties(false))), (10_000, 2_000, 0, 0), "paid with the order");
    assert_eq!(parts(sold("100.00", "", &duties(false))), (10_000, 0, 0, 0), "paid at the door");
    assert_eq!(parts(sold("100.00", "", &duties(true))), (8_000, 2_000, 0, 0), "in the price, and in the total");
    assert_eq!(parts(sold("80.00", "", &duties(true))), (8_000, 0, 0, 0), "in the price, and not in the total");
    let fees = format!(r#""original_total_additional_fees_set": {},"#, set("5.00"));
    assert_eq!(parts(sold("105.00", "", &fees)), (10_000, 0, 500, 0));
    let both = format!("{}{fees}", duties(false));
    assert_eq!(parts(sold("125.00", "", &both)), (10_000, 2_000, 500, 0));
    assert_eq!(parts(sold("105.00", "", &both)), (10_000, 0, 500, 0));
    assert_eq!(parts(sold("111.00", "", &both)), (10_000, 2_000, 500, -1_400), "neither: the alarm");
    // With the tax in the price as well: 100.00 hold 10.00 of tax and 20.00 of duties.
    let line = format!(
        r#"{{"id": 1, "currency": "EUR", "taxes_included": true, "total_tax": "10.00", "total_price": "100.00", {}
            "line_items": [{{"price": "100.00", "quantity": 1, "tax_lines": [{{"price": "10.00"}}], "duties": [{}]}}]}}"#,
        duties(true),
        set("20.00")
    );
    let amounts = order(&line).amounts;
    assert_eq!((parts(amounts), amounts.tax), ((7_000, 2_000, 0, 0), 1_000));
    // In whole units, with a gift card and a tip beside.
    let yen = r#"{"id": 1, "currency": "JPY", "total_price": "8700", "total_tip_received": "200", "duties_included": true,
        "original_total_duties_set": {"shop_money": {"amount": "500", "currency_code": "JPY"}}, "line_items": [
        {"price": "3500", "quantity": 1}, {"price": "5000", "quantity": 1, "gift_card": true}, {"price": "200", "quantity": 1, "tip_payment_gateway": "x"}]}"#;
    let amounts = order(yen).amounts;
    assert_eq!((parts(amounts), amounts.tips, amounts.gift_cards), ((3_000, 500, 0, 0), 200, 5_000));
}

#[test]
fn what_goes_back_stands_where_it_came_from_and_is_compared_with_the_money() {
    let back = |more: &str| {
        let body = format!(
            r#"{{"id": 9, "order_id": 5, "refund_line_items": [
            {{"subtotal": 83.33, "total_tax": 16.67, "line_item": {{"gift_card": false}}}},
            {{"subtotal": 4.00, "total_tax": 0, "line_item": {{"tip_payment_gateway": null}}}},
            {{"subtotal": 5, "total_tax": 0, "line_item": {{"gift_card": true}}}}],
            "total_duties_set": {{"shop_money": {{"amount": "2.00", "currency_code": "EUR"}}}}, {more} "note": null}}"#
        );
        refund(&body).1
    };
    let all = |refund: &RefundSnapshot| (refund.goods, refund.tax, refund.tips, refund.gift_cards, refund.charges);
    let money = |amount: &str, currency: &str, status: &str| {
        format!(
            r#""transactions": [{{"kind": "refund", "status": "{status}", "amount": "{amount}", "currency": "{currency}"}}],"#
        )
    };
    let paid = back(&money("111.00", "EUR", "success"));
    assert_eq!(all(&paid), (8_333, 1_667, 400, 500, 200));
    assert_eq!((paid.moved, paid.unexplained()), (Some(11_100), 0));
    // If the subtotal contained the tax, the money would be less by the tax.
    assert_eq!(back(&money("94.33", "EUR", "success")).unexplained(), -1_667);
    for untold in [money("111.00", "USD", "success"), money("111.00", "EUR", "pending"), String::new()] {
        let refund = back(&untold);
        assert_eq!((refund.moved, refund.unexplained()), (None, 0), "{untold}");
    }
    let told = r#""total_refunded_set": {"shop_money": {"amount": "110.00", "currency_code": "EUR"}},"#;
    assert_eq!(back(told).unexplained(), -100);
    // Not paid out yet: nothing has gone back, of the tip neither.
    let later =
        back(r#""order_adjustments": [{"kind": "refund_discrepancy", "amount": "94.33", "tax_amount": "16.67"}],"#);
    assert_eq!(all(&later), (0, 0, 0, 0, 0));
}

#[test]
fn a_currency_that_cannot_be_counted_is_told_and_never_read_as_another() {
    let refused = |topic: &str, body: &str| told(topic, body).unwrap_err().0;
    let usdc = r#"{"id": 1, "token": "t", "currency": "USDC", "total_price": "5.00"}"#;
    assert!(refused("orders/paid", usdc).starts_with("the order is in USDC, which cannot be counted"));
    assert!(refused("checkouts/update", usdc).starts_with("the checkout is in USDC"));
    let bag = r#"{"id": 1, "total_price_set": {"shop_money": {"amount": "5.00", "currency_code": "USDC"}}}"#;
    assert!(refused("orders/paid", bag).starts_with("the order is in USDC"));
    let mixed = r#"{"id": 1, "currency": "EUR", "total_price_set": {"shop_money": {"amount": "5.00", "currency_code": "USDC"}}}"#;
    assert_eq!(refused("orders/paid", mixed), "total_price is in USDC, the rest in EUR");
    let jersey = order(
        r#"{"id": 1, "currency": "JEP", "total_price": "12.50", "line_items": [{"price": "12.50", "quantity": 1}]}"#,
    );
    assert_eq!((jersey.currency.as_str(), jersey.amounts.total, jersey.adds_up()), ("JEP", 1_250, true));
}

#[test]
fn without_applications_codes_count_unless_it_is_a_draft() {
    let body = r#"{"id": 1, "currency": "JPY", "total_price": "20", "source_name": "web", "discount_codes": [{"code": "abc"}]}"#;
    assert_eq!(order(body).codes, ["ABC"]);
    assert!(order(&body.replace("web", "shopify_draft_order")).codes.is_empty());
    assert!(order(&body.replace("\"id\": 1,", "\"id\": 1, \"discount_applications\": [],")).codes.is_empty());
}

#[test]
fn what_cannot_be_counted_is_refused_in_words() {
    let refused = |body: &str| told("orders/paid", body).unwrap_err().0;
    assert_eq!(refused("[]"), "the order has no id");
    assert_eq!(refused(r#"{"id": 1}"#), "the order has no total_price");
    assert!(refused("{").starts_with("the body is not the JSON we expect"));
    assert!(refused(r#"{"id": 1, "total_price": "1.001"}"#).starts_with("total_price: "));
    let mixed = r#"{"id": 1, "currency": "EUR", "total_price_set": {"shop_money": {"amount": "1.00", "currency_code": "USD"}}}"#;
    assert_eq!(refused(mixed), "total_price is in USD, the rest in EUR");
    let huge = r#"{"id": 1, "total_price": "1", "line_items": [{"price": "1.00", "quantity": 9223372036854775807}]}"#;
    assert_eq!(refused(huge), "the amounts are too large to count");
}

#[test]
fn refunds_of_lines_of_whole_currencies_and_of_goodwill() {
    let (of, official) = refund(&sample("refunds_create.2026-07.json"));
    assert_eq!((of, official.refund, official.goods), (OrderId(5), 890_088_186_047_892_319, 41_495));
    let (of, vnd) = refund(&sample("refunds_create.2024-07.vnd.json"));
    assert_eq!((of, vnd.goods, vnd.shipping, vnd.tax), (OrderId(6273085767965), 20, 0, 0));
    assert_eq!(vnd.at, at("2024-08-20T11:19:18-04:00"));
    assert_eq!(vnd.known_at, Timestamp::from_seconds(1_000), "when the envelope says it happened");
    let (_, goodwill) = refund(&sample("refunds_create.2021-04.goodwill.json"));
    assert_eq!((goodwill.goods, goodwill.shipping, goodwill.tax), (100, 0, 0));
}

#[test]
fn a_refund_that_is_not_paid_out_is_nothing_yet() {
    let body = |adjustment: &str| {
        let line = r#"{"subtotal": 10.00, "total_tax": 2.00, "line_item": {"gift_card": false}},
            {"subtotal": 5, "total_tax": 0, "line_item": {"gift_card": true}}"#;
        let shipping = r#"{"subtotal_amount_set": {"shop_money": {"amount": "3.00", "currency_code": "EUR"}}, "tax_amount_set": {"shop_money": {"amount": "0.60", "currency_code": "EUR"}}}"#;
        format!(
            r#"{{"id": 9, "order_id": 5, "refund_line_items": [{line}], "refund_shipping_lines": [{shipping}], "order_adjustments": [{adjustment}]}}"#
        )
    };
    let amounts = |adjustment: &str| {
        let (_, refund) = refund(&body(adjustment));
        (refund.goods, refund.shipping, refund.tax)
    };
    assert_eq!(amounts(""), (1_000, 300, 260));
    assert_eq!(amounts(r#"{"kind": "refund_discrepancy", "amount": "15.60", "tax_amount": "0.00"}"#), (0, 0, 0));
    assert_eq!(amounts(r#"{"kind": "refund_discrepancy", "amount": "13.00", "tax_amount": "2.60"}"#), (0, 0, 0));
    assert_eq!(amounts(r#"{"kind": "shipping_refund", "amount": "-4.00", "tax_amount": "-0.80"}"#), (1_000, 700, 340));
}

#[test]
fn checkouts_as_they_come() {
    let anonymous = checkout(&sample("checkouts_create.2024-10.web.json"));
    assert_eq!((anonymous.currency.as_str(), anonymous.total_minor), ("USD", 60_000));
    assert_eq!(anonymous.updated_at, at("2024-11-06T02:22:02Z"));
    assert_eq!((anonymous.contacts.is_empty(), anonymous.shopify_customer_id), (true, None));
    let sealed = anonymous.recovery_url_sealed.unwrap();
    let url = vault().open_bytes(SHOP, "checkouts.recovery_url", &sealed).unwrap();
    assert!(String::from_utf8(url).unwrap().starts_with("https://sample-shop-128.myshopify.com/"));
    for name in ["checkouts_create.2026-07.json", "checkouts_update.2025-01.json"] {
        let known = checkout(&sample(name));
        assert_eq!((known.token.as_str(), known.total_minor), ("123123123", 42_188));
        assert_eq!(known.shopify_customer_id, Some(603_851_970_716_743_426));
        let own = vault().lookup(SHOP, "email", "sofie.nystrom@example.com");
        assert_eq!(known.contacts.emails.first(), Some(&own), "the account's stands behind it");
    }
    assert!(nothing(told("checkouts/update", &sample("checkouts_delete.2026-07.json"))).contains("no token"));
    assert_eq!(checkout(&sample("checkouts_update.2025-01.json")).shopify_checkout_id, Some(981_820_079_255_243_537));
    let gone = told("checkouts/delete", &sample("checkouts_delete.2026-07.json"));
    assert!(matches!(gone, Ok(Parsed::CheckoutDeleted(_))), "{gone:?}");
    assert!(
        nothing(told("checkouts/delete", r#"{"presentment_currency": "USD"}"#)).contains("neither number nor cart")
    );
}

#[test]
fn the_lifecycle_and_the_law() {
    let left = told("app/uninstalled", &sample("app_uninstalled.json"));
    let (heard_at, said_at) = (Timestamp::from_seconds(2_000), Timestamp::from_seconds(1_000));
    assert!(matches!(left, Ok(Parsed::Uninstalled(left)) if (left.heard_at, left.said_at) == (heard_at, said_at)));
    // When it happened stands in the signed payload; a time ahead of ours is not believed.
    let with = |at: &str| format!(r#"{{"current": "read_products, write_products", "updated_at": {at}}}"#);
    for (body, expected) in [
        (with("null"), said_at),
        (with("\"1970-01-01T00:15:00Z\""), Timestamp::from_seconds(900)),
        (sample("app_scopes_update.json"), heard_at),
    ] {
        let Ok(Parsed::Scopes(at, scopes)) = told("app/scopes_update", &body) else { panic!("{body}") };
        assert_eq!((at, scopes.to_string().as_str()), (expected, "read_products,write_products"));
    }
    assert!(told("app/scopes_update", "{}").is_err());
    for (topic, name, kind) in [
        ("customers/data_request", "customers_data_request.json", Kind::DataRequest),
        ("customers/redact", "customers_redact.json", Kind::CustomerRedact),
        ("shop/redact", "shop_redact.json", Kind::ShopRedact),
    ] {
        let Ok(Parsed::Privacy(asked)) = told(topic, &sample(name)) else { panic!("{topic}") };
        assert_eq!((asked.kind, asked.id.as_str(), asked.payload), (kind, "d-1", sample(name).into_bytes()));
    }
}

#[test]
fn every_topic_is_named_once() {
    let mut names: Vec<_> = TOPICS.iter().map(|topic| topic.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), TOPICS.len());
}

/// Bodies with our fields and anything at all in them.
fn anything() -> impl Strategy<Value = String> {
    let scalar = prop::sample::select(vec![
        "null",
        "true",
        "[]",
        "{}",
        "\"\"",
        "\"1.00\"",
        "-5",
        "1e400",
        "0.1",
        "9223372036854775808",
        "\"\\ud800\"",
        "\"2026-11-01T10:00:00Z\"",
        "\"EUR\"",
        "\"discount_code\"",
        "[[[]]]",
        "\"/?rcp=%ff&&=\"",
        "\"+43660\"",
    ]);
    let name = prop::sample::select(vec![
        "id",
        "order_id",
        "token",
        "currency",
        "total_price",
        "total_price_set",
        "shop_money",
        "amount",
        "currency_code",
        "line_items",
        "price",
        "quantity",
        "tax_lines",
        "discount_allocations",
        "taxes_included",
        "shipping_lines",
        "refunds",
        "refund_line_items",
        "subtotal",
        "order_adjustments",
        "kind",
        "updated_at",
        "cancelled_at",
        "customer",
        "phone",
        "email",
        "landing_site",
        "note_attributes",
        "discount_applications",
        "type",
        "code",
        "cart_token",
        "shop_domain",
    ]);
    let leaf = scalar.prop_map(str::to_owned);
    leaf.prop_recursive(5, 60, 8, move |inner| {
        let fields = prop::collection::vec((name.clone(), inner.clone()), 0..8);
        prop_oneof![
            fields.prop_map(|fields| {
                let fields: Vec<_> = fields.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
                format!("{{{}}}", fields.join(", "))
            }),
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_makes_reading_panic(body in prop_oneof![anything(), ".{0,200}"], cut in 0_usize..400) {
        let vault = vault();
        let ana = ShopDomain::parse("ana.myshopify.com").unwrap();
        for topic in TOPICS {
            for body in [body.as_str(), body.get(..cut).unwrap_or("")] {
                let _ = (topic.read)(&arrived(&vault), body);
                let _ = Named::read(body.as_bytes()).and_then(|named| named.fits(topic.name, &ana, ShopId(1)));
            }
        }
    }
}
