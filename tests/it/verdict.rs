//! River 3: an order goes back to its message, with a receipt; money that goes back restates it.

use recoup::simulator::RefundKind;
use serde_json::{Value, json};

use crate::story::Story;

fn one(key: &str) -> Value {
    json!([{"key": key, "phone": "+436601234567", "email": "ana@example.com"}])
}

fn minor(value: &Value) -> i64 {
    value["minor"].as_i64().unwrap_or_else(|| panic!("{value} is no money"))
}

fn line<'a>(ledger: &'a Value, name: &str) -> &'a Value {
    ledger["lines"].as_array().unwrap().iter().find(|line| line["line"] == name).unwrap()
}

#[tokio::test]
async fn a_code_used_at_checkout_credits_the_message_that_carried_it() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, one("ana")).await;
    let message = &drawn["messages"][0];
    story.pass(3_600).await;
    let visit = story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    story.pass(600).await;
    let order = visit.buys(&[(2, 1), (6, 2)], story.world.customer(0)).unwrap();
    story.arrive().await;
    let net = story.world.book().order(order).unwrap().net;

    let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
    assert_eq!(receipt["verdict"]["line"], json!("attributed_shared"), "another phone and e-mail used it");
    assert_eq!(minor(&receipt["order"]["net_sales"]), net);
    assert_eq!(receipt["winner"]["kind"], "redeem_code");
    assert_eq!(receipt["winner"]["message_id"], message["message_id"]);
    assert_eq!(receipt["winner"]["code"], message["code"]);
    assert_eq!(receipt["winner"]["age_seconds"], json!(4_200));
    assert!(receipt["verdict"]["sentence"].as_str().unwrap().contains("Winback"));
    let candidates = receipt["candidates"].as_array().unwrap();
    let kinds: Vec<&str> = candidates.iter().map(|c| c["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["redeem_code", "click_attribute", "click_session"],
        "the tap left its click id on the order too"
    );
    assert_eq!((&candidates[1]["outcome"], &candidates[2]["outcome"]), (&json!("agrees"), &json!("agrees")));
    assert_eq!(minor(&receipt["credits"][0]["credit"]), net);
    let taps = receipt["taps"].as_array().unwrap();
    assert_eq!((taps.len(), &taps[0]["message_id"]), (1, &message["message_id"]), "every tap stands in the story");
    let code =
        story.world.platform_get(&format!("/api/messages/{}", message["message_id"].as_str().unwrap())).await.unwrap();
    assert_eq!(code.json["code_state"], "live");
    story.end().await;
}

#[tokio::test]
async fn the_recipient_herself_is_not_shared_and_an_order_without_evidence_is_nobodys() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let ana = story.world.customer(3);
    let recipient =
        json!([{"key": "a", "phone": ana.phone.clone().unwrap_or("+436601234567".into()), "email": ana.email}]);
    let drawn = story.draw(&campaign, recipient).await;
    let visit = story.world.shopper_comes("/collections/sale");
    story.world.types_code(&visit, drawn["messages"][0]["code"].as_str().unwrap());
    let hers = visit.buys(&[(2, 1)], ana).unwrap();
    let nobodys = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(9)).unwrap();
    story.arrive().await;
    let receipt = story.report(&format!("/api/orders/{hers}/receipt")).await;
    assert_eq!(receipt["verdict"]["line"], "attributed");
    let other = story.report(&format!("/api/orders/{nobodys}/receipt")).await;
    assert_eq!((other["verdict"]["line"].as_str(), &other["winner"]), (Some("unattributed"), &Value::Null));
    let summary = story.report("/api/reports/summary").await;
    let ledger = story.report("/api/reports/ledger").await;
    assert_eq!(summary["orders"]["all"], 2);
    assert_eq!(minor(&summary["net_sales"]), minor(&ledger["total"]["net_sales"]));
    assert_eq!(minor(&line(&ledger, "attributed")["net_sales"]), minor(&summary["attributed"]));
    let sum: i64 = ledger["lines"].as_array().unwrap().iter().map(|line| minor(&line["net_sales"])).sum();
    assert_eq!(sum, minor(&summary["net_sales"]));
    story.end().await;
}

#[tokio::test]
async fn refunds_and_a_cancellation_restate_and_as_of_shows_what_was_true() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, one("ana")).await;
    let visit = story.world.shopper_taps(drawn["messages"][0]["link"].as_str().unwrap()).await.unwrap();
    let order = visit.buys(&[(2, 2)], story.world.customer(0)).unwrap();
    story.arrive().await;
    let net = |story: &Story| story.world.book().order(order).unwrap().net;
    let at_first = net(&story);
    let before_refund = story.clock.now();
    story.pass(86_400).await;
    story.world.refunds(order, RefundKind::OnePiece).unwrap();
    story.arrive().await;
    let after_one = net(&story);
    assert!(after_one < at_first);
    story.pass(86_400).await;
    story.world.refunds(order, RefundKind::Goodwill(150)).unwrap();
    story.arrive().await;
    let after_two = net(&story);
    let before_cancel = story.clock.now();
    story.pass(86_400).await;
    assert!(story.world.cancels(order));
    story.arrive().await;

    let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
    let stages: Vec<i64> = receipt["versions"].as_array().unwrap().iter().map(|v| minor(&v["net_sales"])).collect();
    assert_eq!(stages, [at_first, after_one, after_two, 0], "{}", receipt["versions"]);
    let as_of = async |at: recoup::kernel::Timestamp| {
        let summary = story.report(&format!("/api/reports/summary?as_of={at}")).await;
        (minor(&summary["net_sales"]), minor(&summary["attributed"]))
    };
    assert_eq!(as_of(before_refund).await, (at_first, at_first));
    assert_eq!(as_of(before_cancel).await, (after_two, after_two));
    assert_eq!(as_of(story.clock.now()).await, (0, 0));
    let ledger = story.report("/api/reports/ledger").await;
    assert_eq!(line(&ledger, "cancelled")["orders"], 1);
    story.end().await;
}

#[tokio::test]
async fn a_recovered_checkout_was_quiet_before_its_message() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["kind"] = json!("abandoned_checkout")).await;
    let checkout = story.world.shopper_comes("/").checks_out(&[(2, 1)], story.world.customer(5)).unwrap();
    story.arrive().await;
    story.pass(90 * 60).await;
    let drawn =
        story.draw(&campaign, json!([{"key": "c5", "phone": "+436601234567", "checkout_token": checkout}])).await;
    assert_eq!(drawn["messages"][0]["held_out"], false);
    story.pass(3_600).await;
    let order = story.world.completes(&checkout, recoup::simulator::Payment::default()).unwrap();
    story.arrive().await;
    let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
    assert_eq!(receipt["recovered"]["checkout_token"], json!(checkout));
    let summary = story.report("/api/reports/summary").await;
    assert_eq!(minor(&summary["recovered"]), story.world.book().order(order).unwrap().net);
    assert_eq!((&summary["orders"]["recovered"], &summary["orders"]["recovered_attributed"]), (&json!(1), &json!(1)));
    // It is the very checkout the message was about: recovered and attributed, two measures that are never summed.
    assert_eq!(receipt["verdict"]["line"], "attributed");
    assert_eq!((&receipt["winner"]["kind"], &receipt["winner"]["class"]), (&json!("checkout"), &json!("certain")));
    let sentence = receipt["verdict"]["sentence"].as_str().unwrap();
    assert!(sentence.contains("completed the checkout that message was about"), "{sentence}");
    assert_eq!(receipt["recovered"]["campaign"]["name"], "Winback");
    assert_eq!(receipt["recovered"]["message_id"], drawn["messages"][0]["message_id"]);
    assert!(receipt["recovered"]["message"]["issued_at"].is_string());
    story.end().await;
}

#[tokio::test]
async fn two_currencies_are_never_added() {
    let story = Story::begin().await;
    let ours = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(1)).unwrap();
    let foreign: Value =
        serde_json::from_str(include_str!("fixtures/samples/shopify/orders_create.2025-01.draft-code-fixed.json"))
            .unwrap();
    assert_eq!(foreign["currency"], "HKD");
    assert_eq!(story.world.deliver("orders/create", &foreign).await.unwrap().status, 200);
    story.arrive().await;
    let ledger = story.report("/api/reports/ledger?from=2024-01-01&to=2026-08-25").await;
    assert_eq!(line(&ledger, "other_currency")["orders"], 1);
    assert_eq!(minor(&ledger["total"]["net_sales"]), story.world.book().order(ours).unwrap().net);
    let receipt = story.report(&format!("/api/orders/{}/receipt", foreign["id"])).await;
    assert_eq!(receipt["order"]["gross"]["currency"], "HKD");
    assert_eq!(minor(&receipt["order"]["net_sales"]), 0);
    story.end().await;
}
