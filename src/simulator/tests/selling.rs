//! One purchase at a time: what a code takes off, what the webhooks say, what the book knows.

use super::*;
use crate::simulator::clockwork::CounterSale;
use crate::simulator::{Buyer, Payment, RefundKind};

#[tokio::test]
async fn a_tap_brings_code_click_and_landing_into_the_order_and_the_book_knows_its_worth() {
    let (world, clock) = quiet().await;
    let (seen, app) = fake_app::start(&world).await;
    let token = token(&world).await;
    discount(&world, &token, json!({})).await;
    let app_url = world.hold().app_url.clone();
    let visit = world.shopper_taps(&format!("{app_url}/r/ana")).await.unwrap();
    assert_eq!((visit.status, visit.landed), (302, Some(200)));
    assert_eq!(visit.codes(), ["FIRST"]);
    assert_eq!(visit.attributes(), [("__rcp".to_owned(), "click-ana".to_owned())]);
    let id = visit.buys(&[(2, 1), (6, 2)], world.customer(0)).unwrap();
    // 79.00 + 2 × 9.90 = 98.80; 15 % off = 14.82; what is left contains 20 % tax.
    let record = world.book().order(id).unwrap().clone();
    assert_eq!((record.gross - record.discounts, record.discounts), (record.net, 1482));
    assert_eq!(record.net, 9880 - 1482 - 1119 - 281);
    assert_eq!(record.codes, ["FIRST"]);
    world.delivers_everything().await;
    let body = seen.lock().unwrap().bodies.iter().find(|(topic, _)| topic == "orders/create").unwrap().1.clone();
    assert_eq!(body["subtotal_price"], "83.98");
    assert_eq!(body["discount_codes"], json!([{"code": "FIRST", "amount": "14.82", "type": "percentage"}]));
    assert_eq!(body["note_attributes"], json!([{"name": "__rcp", "value": "click-ana"}]));
    assert!(body["landing_site"].as_str().unwrap().starts_with("/discount/FIRST?redirect="));
    assert_eq!(body["discount_applications"][0]["type"], "discount_code");
    assert!(body.get("checkout_id").is_none());

    // The code is used up: the next cart pays in full.
    let second = world.shopper_taps(&format!("{app_url}/r/ben")).await.unwrap();
    let second = second.buys(&[(2, 1)], world.customer(1)).unwrap();
    assert_eq!(world.book().order(second).unwrap().discounts, 0);

    // Half of the second line comes back, then some goodwill, then the whole order is cancelled.
    clock.advance_to(clock.now().plus_seconds(86_400));
    world.refunds(id, RefundKind::OnePiece).unwrap();
    world.refunds(id, RefundKind::Goodwill(200)).unwrap();
    let after = world.book().order(id).unwrap().clone();
    assert_eq!(after.net, record.net - after.returns - 200);
    assert!(after.returns > 0);
    assert!(world.cancels(id) && !world.cancels(id));
    assert_eq!(world.book().order(id).unwrap().net, 0);
    let query = "query { orders(first: 5, query: \"updated_at:>='2026-08-03T00:00:00Z'\", sortKey: UPDATED_AT) { nodes { name cancelledAt test
        checkoutToken discountCodes customAttributes { key value } totalPriceSet { shopMoney { amount currencyCode } }
        currentTotalPriceSet { shopMoney { amount } } netPaymentSet { shopMoney { amount } } displayFinancialStatus
        discountApplications(first: 5) { nodes { __typename ... on DiscountCodeApplication { code } } }
        refunds { totalRefundedSet { shopMoney { amount } } refundLineItems(first: 5) { nodes { quantity subtotalSet { shopMoney { amount } } } } }
        lineItems(first: 10) { nodes { quantity currentQuantity discountAllocations { allocatedAmountSet { shopMoney { amount } } } } }
        customerJourneySummary { ready lastVisit { utmParameters { source } } } } } }";
    let token = super::token(&world).await;
    let (_, answer) = ask(&world, &token, query, json!({})).await;
    let orders = answer["data"]["orders"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
    assert_eq!(orders.len(), 2);
    assert_eq!(orders[1]["currentTotalPriceSet"]["shopMoney"]["amount"], "0.00");
    assert_eq!(orders[1]["netPaymentSet"]["shopMoney"]["amount"], "0.00");
    assert_eq!(orders[1]["customerJourneySummary"]["lastVisit"]["utmParameters"]["source"], "whatsapp");
    app.stop(false).await;
    world.stop().await;
}

#[tokio::test]
async fn tax_on_top_and_currencies_without_cents_are_counted_exactly() {
    let clock = Clock::manual(Timestamp::parse("2026-08-03T08:00:00Z").unwrap());
    let mut settings = Settings::new(7, clock);
    settings.traffic = Traffic::none();
    settings.shop.currency = crate::kernel::Currency::parse("JPY").unwrap();
    settings.shop.taxes_included = false;
    settings.shop.tax_basis_points = 1000;
    let world = World::start(settings).await.unwrap();
    let (seen, app) = fake_app::start(&world).await;
    let visit = world.shopper_comes("/");
    let token = visit.checks_out(&[(0, 1), (10, 1)], Buyer::default()).unwrap();
    let id = world.completes(&token, Payment { paid: false, test: false, tip: 100 }).unwrap();
    let record = world.book().order(id).unwrap().clone();
    assert_eq!((record.net, record.gift_cards, record.tips, record.pending), (2990, 5000, 100, true));
    assert_eq!((world.book().everything().net, world.book().everything().pending), (0, 2990));
    assert!(world.pays(id));
    assert_eq!(world.book().everything().net, 2990);
    world.delivers_everything().await;
    let body = seen.lock().unwrap().bodies.iter().find(|(topic, _)| topic == "orders/create").unwrap().1.clone();
    // 2990 + 5000 + 299 tax + 490 shipping + 49 tax on it + 100 tip
    assert_eq!((&body["total_price"], &body["financial_status"]), (&json!("8928"), &json!("pending")));
    app.stop(false).await;
    world.stop().await;
}

#[tokio::test]
async fn a_delivery_that_is_refused_comes_again_and_a_wrong_secret_is_noticed() {
    let (world, clock) = quiet().await;
    let (seen, app) = fake_app::start(&world).await;
    let visit = world.shopper_comes("/");
    visit.buys(&[(0, 1)], world.customer(0)).unwrap();
    seen.lock().unwrap().refuse = 2;
    world.live(clock.now().plus_seconds(4 * 3_600), async |_| Ok(())).await.unwrap();
    let topics = seen.lock().unwrap().topics.clone();
    assert_eq!(topics.get("orders/create").zip(topics.get("orders/paid")), Some((&1, &1)), "{topics:?}");
    let refused = world.delivery("orders/create", &json!({})).signed_with("another").send().await.unwrap();
    assert_eq!(refused.status, 401);
    assert_eq!(world.delivery("orders/create", &json!({})).with_id("d-1").times(2).send().await.unwrap().status, 200);
    assert_eq!(seen.lock().unwrap().ids.iter().filter(|id| *id == "d-1").count(), 2);
    app.stop(false).await;
    world.stop().await;
}

#[tokio::test]
async fn a_person_shops_through_the_forms_and_comes_back_by_the_recovery_link() {
    let (world, _) = quiet().await;
    let (seen, app) = fake_app::start(&world).await;
    let token = token(&world).await;
    discount(&world, &token, json!({"code": "TENNER", "customerGets": {"value": {"discountAmount": {"amount": "10.00", "appliesOnEachItem": false}}, "items": {"all": true}}})).await;
    let shop = world.storefront_origin();
    let http = world.inner.http.clone();
    let landed =
        http.get(format!("{shop}/discount/tenner?redirect=%2Fproducts%2Flinen-shirt&rcp=k1")).send().await.unwrap();
    assert_eq!(landed.headers()["location"], "/products/linen-shirt?rcp=k1");
    let cookie = landed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = http
        .get(format!("{shop}/products/linen-shirt?rcp=k1"))
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(page.contains("Discount <b>tenner</b> applied"));
    let post = |path: String, form: Vec<(&'static str, &'static str)>| {
        let request = http.post(format!("{shop}{path}")).header("cookie", &cookie).header("accept", "application/json");
        async move { request.form(&form).send().await.unwrap().json::<Value>().await.unwrap_or_default() }
    };
    post("/cart/add".into(), vec![("id", "2")]).await;
    let checkout = post("/checkout".into(), vec![]).await["token"].as_str().unwrap().to_owned();
    world.delivers_everything().await;
    let body = seen.lock().unwrap().bodies.iter().find(|(topic, _)| topic == "checkouts/create").unwrap().1.clone();
    assert_eq!((&body["token"], &body["subtotal_price"]), (&json!(checkout), &json!("69.00")));
    let back = http.get(body["abandoned_checkout_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(back.headers()["location"].to_str().unwrap(), format!("/checkout/{checkout}"));
    let paid =
        post(format!("/checkout/{checkout}"), vec![("email", "a@example.com"), ("code", "TENNER"), ("act", "pay")])
            .await;
    let record = world.book().order(paid["order"].as_i64().unwrap()).unwrap().clone();
    assert_eq!((record.codes, record.discounts), (vec!["TENNER".to_owned()], 1000));
    app.stop(false).await;
    world.stop().await;
}

#[tokio::test]
async fn a_journey_is_ready_after_a_while_and_tells_what_the_browser_did() {
    let (world, clock) = quiet().await;
    let (token, origin) = (token(&world).await, world.storefront_origin());
    world.journeys_take(Some(600));
    let visit = world.shopper_comes("/");
    clock.advance_to(clock.now().plus_seconds(60));
    visit.comes_again("/products/wool-socks", "").await.unwrap();
    visit.comes_again("/?utm_source=google&utm_medium=cpc&gclid=1", "https://www.google.com/").await.unwrap();
    let order = visit.buys(&[(2, 1)], world.customer(0)).unwrap();
    world.hold().counter_sale(CounterSale::PointOfSale(1));
    let till = world.hold().shop().orders.values().find(|order| order.source_name == "pos").unwrap().id;
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { customerJourneySummary { ready
        firstVisit { landingPage } lastVisit { landingPage referrerUrl utmParameters { medium } }
        moments(first: 1, reverse: true) { nodes { ... on CustomerVisit { occurredAt } } } } } } }";
    let ids: Vec<String> = [order, till, 1].iter().map(|id| format!("gid://shopify/Order/{id}")).collect();
    let (_, unfinished) = ask(&world, &token, query, json!({ "ids": ids })).await;
    let nodes = &unfinished["data"]["nodes"];
    let nothing = json!({"ready": false, "firstVisit": null, "lastVisit": null, "moments": null});
    assert_eq!(nodes[0]["customerJourneySummary"], nothing, "{unfinished}");
    assert_eq!((&nodes[1]["customerJourneySummary"], &nodes[2]), (&Value::Null, &Value::Null));
    clock.advance_to(clock.now().plus_seconds(600));
    let (_, ready) = ask(&world, &token, query, json!({ "ids": ids })).await;
    let summary = &ready["data"]["nodes"][0]["customerJourneySummary"];
    assert_eq!(summary["ready"], json!(true));
    assert_eq!(summary["firstVisit"]["landingPage"], json!(format!("{origin}/")));
    assert_eq!(summary["lastVisit"]["utmParameters"]["medium"], "cpc");
    assert_eq!(summary["lastVisit"]["referrerUrl"], "https://www.google.com/");
    assert_eq!(summary["moments"]["nodes"], json!([{"occurredAt": "2026-08-03T08:01:00Z"}]));
    // Three orders, each with its summary, its two visits, one of their parameters, and a page of one.
    assert_eq!(ready["extensions"]["cost"]["requestedQueryCost"], 3 * 7);
    world.stop().await;
}
