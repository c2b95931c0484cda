//! What messages cost: told to the digit, else by the merchant's rates, else missing, and never nothing.

use recoup::shops::{self, Shops};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::story::Story;

const NUMBER: &str = "770000000000202";

async fn reaches(story: &Story, campaign: &str, key: &str, phone: &str) -> Value {
    let drawn = story.draw(campaign, json!([{"key": key, "phone": phone}])).await;
    drawn["messages"][0].clone()
}

async fn hears(story: &Story, message: &Value, word: &str, pricing: Value) {
    let now = story.clock.now().seconds().to_string();
    let mut status = json!({"id": format!("wamid.{}", message["key"].as_str().unwrap()), "status": word, "timestamp": now,
        "biz_opaque_callback_data": message["callback_data"]});
    if !pricing.is_null() {
        status["pricing"] = pricing;
    }
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}, "statuses": [status]}}]}]});
    assert_eq!(story.world.whatsapp(&body).await.unwrap().status, 200);
    story.settle().await;
}

async fn cost(story: &Story, message: &Value) -> Value {
    let shown = story.report(&format!("/api/messages/{}", message["message_id"].as_str().unwrap())).await;
    shown["message_cost"].clone()
}

fn regular() -> Value {
    json!({"pricing_model": "PMP", "category": "marketing", "type": "regular"})
}

fn told(amount: &str) -> Value {
    let mut pricing = regular();
    pricing["cost"] = json!({"amount": amount, "currency": "EUR"});
    pricing
}

fn euros(amount: &str) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

async fn begin() -> (Story, String) {
    let story = Story::begin().await;
    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    shops::give_number(story.app.db.write(), shop.shop_id, NUMBER).await.unwrap();
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    (story, campaign)
}

#[tokio::test]
async fn what_was_told_stands_and_the_rest_is_by_rate_or_missing() {
    let (story, campaign) = begin().await;
    let ana = reaches(&story, &campaign, "ana", "+436601234501").await;
    let bea = reaches(&story, &campaign, "bea", "+436601234502").await;
    let cleo = reaches(&story, &campaign, "cleo", "+4917139200120").await;
    let dora = reaches(&story, &campaign, "dora", "+436601234504").await;
    let evi = reaches(&story, &campaign, "evi", "+436601234505").await;
    story.pass(60).await;
    // Told with fewer digits later, and not at all: what is known stays.
    for (word, pricing) in
        [("sent", regular()), ("delivered", told("0.11307")), ("read", told("0.11")), ("read", json!(null))]
    {
        hears(&story, &ana, word, pricing).await;
    }
    hears(&story, &bea, "delivered", regular()).await;
    hears(&story, &cleo, "read", json!(null)).await;
    hears(&story, &dora, "sent", regular()).await;
    hears(&story, &evi, "delivered", json!({"category": "marketing", "type": "free_entry_point"})).await;

    let source = |cost: &Value| cost["source"].as_str().unwrap().to_owned();
    assert_eq!(
        cost(&story, &ana).await,
        json!({"price": euros("0.11307"), "source": "reported", "category_assumed": false})
    );
    assert_eq!(source(&cost(&story, &bea).await), "rate_missing");
    assert_eq!(source(&cost(&story, &cleo).await), "rate_missing");
    for free in [&dora, &evi] {
        assert_eq!(
            cost(&story, free).await,
            json!({"price": null, "source": "not_charged", "category_assumed": false})
        );
    }
    let report = story.report("/api/reports/costs").await;
    assert_eq!(
        (&report["messages"], &report["rate_missing"], &report["not_charged"]),
        (&json!(5), &json!(2), &json!(2))
    );
    assert_eq!((&report["total"], &report["complete"]), (&json!([euros("0.11307")]), &json!(false)));
    let missing = report["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 2);
    assert!(missing.contains(&json!({"country": "DE", "category": "marketing", "messages": 1})));

    // The merchant says what they pay; the newest rate that had begun counts.
    let rate = |country: &str, from: &str, amount: &str| json!({"country": country, "from": from, "amount": amount, "currency": "EUR"});
    let table = json!({"rates": [rate("AT", "2026-01-01", "0.09"), rate("AT", "2026-07-01", "0.1008"), rate("at", "2027-01-01", "0.2"),
        rate("*", "2026-01-01", "0.06")]});
    let chosen = story.world.merchant_send("PUT", "/api/settings/rates", &table).await.unwrap();
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    assert_eq!(chosen.json["rates"].as_array().map(Vec::len), Some(4));
    assert_eq!(chosen.json, story.report("/api/settings/rates").await);
    assert_eq!(cost(&story, &ana).await["price"], euros("0.11307"));
    assert_eq!(
        cost(&story, &bea).await,
        json!({"price": euros("0.1008"), "source": "rate_table", "category_assumed": false})
    );
    assert_eq!(
        cost(&story, &cleo).await,
        json!({"price": euros("0.06"), "source": "rate_table", "category_assumed": true})
    );
    let report = story.report("/api/reports/costs").await;
    assert_eq!(
        (&report["rate_missing"], &report["complete"], &report["missing"]),
        (&json!(0), &json!(true), &json!([]))
    );
    assert_eq!(report["reported"], json!({"messages": 1, "amounts": [euros("0.11307")]}));
    assert_eq!(report["rate_table"], json!({"messages": 2, "amounts": [euros("0.1608")]}));
    assert_eq!((&report["total"], &report["category_assumed"]), (&json!([euros("0.27387")]), &json!(1)));
    assert_eq!(report["campaigns"][0]["total"], report["total"]);
    story.end().await;
}

#[tokio::test]
async fn rates_are_read_whole_or_not_at_all() {
    let (story, _) = begin().await;
    let good =
        json!({"country": "AT", "category": "utility", "from": "2026-10-01", "amount": "0.03", "currency": "EUR"});
    let put = async |table: &Value| story.world.merchant_send("PUT", "/api/settings/rates", table).await.unwrap();
    assert_eq!(put(&json!({ "rates": [good] })).await.status, 200);
    for (field, value) in [
        ("country", json!("Austria")),
        ("country", json!("A1")),
        ("category", json!("Marketing!")),
        ("from", json!("1.10.2026")),
        ("amount", json!("0,03")),
        ("amount", json!("-1")),
        ("amount", json!("99999999999")),
        ("currency", json!("EURO")),
    ] {
        let mut bad = good.clone();
        bad[field] = value.clone();
        let refused = put(&json!({ "rates": [good, bad] })).await;
        assert_eq!(
            (refused.status, refused.json["field"].as_str()),
            (422, Some(format!("rates[1].{field}").as_str())),
            "{value}"
        );
        assert!(refused.json["detail"].as_str().is_some_and(|detail| detail.starts_with("Write")));
    }
    let twice = put(&json!({ "rates": [good, good] })).await;
    assert_eq!((twice.status, twice.json["field"].as_str()), (422, Some("rates[1].from")));
    let mut strange = good.clone();
    strange["colour"] = json!("red");
    assert!((400..500).contains(&put(&json!({ "rates": [strange] })).await.status));
    assert_eq!(
        story.report("/api/settings/rates").await["rates"].as_array().map(Vec::len),
        Some(1),
        "it stands as it was"
    );
    // A platform may read them, the merchant alone says them.
    assert_eq!(story.world.platform_get("/api/settings/rates").await.unwrap().status, 200);
    assert_eq!(put(&json!({"rates": []})).await.json, json!({"rates": []}));
    story.end().await;
}
