//! Every statement the program sends names the one shop it is about ([`crate::spy`]); the few that do not stand below, by
//! name.

use std::collections::BTreeSet;

use recoup::kernel::Timestamp;
use recoup::links::classify::classify_again;
use recoup::simulator::RefundKind;
use recoup::{attribution, reports, shops};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::spy;
use crate::story::{BEGINNING, Engine, Story};

const DAY: i64 = 86_400;

/// The statements over all shops: why, and words by which each is known.
const OVER_ALL_SHOPS: [(&str, &[&str]); 5] = [
    ("shops whose counts have changed", &["SELECT DISTINCT", "FROM \"count_changes\""]),
    ("shops whose counts are doubted", &["SELECT DISTINCT", "FROM \"count_doubts\""]),
    (
        "the sweep for due jobs, and how many there are",
        &["SELECT", "FROM \"jobs\"", "\"jobs\".\"run_at\" <=", "ORDER BY \"jobs\".\"run_at\""],
    ),
    (
        "shops whose link domain nobody has proved yet",
        &["SELECT \"link_settings\".\"shop_id\" FROM", "\"link_settings\".\"unproved_until\" IS NOT NULL"],
    ),
    (
        "pools of codes begun lately",
        &["SELECT \"discounts\".\"shop_id\", \"discounts\".\"campaign_id\" FROM", "\"discounts\".\"created_at\" >"],
    ),
];

/// Gives every address of the description that reads something a visit; what stands in braces is filled in.
async fn look_everywhere(story: &Story, ids: &[(&str, String)]) {
    let api: Value = serde_json::from_str(&recoup::server::openapi().to_json().unwrap()).unwrap();
    for (path, item) in api["paths"].as_object().unwrap() {
        if item.get("get").is_none() {
            continue;
        }
        let kind = path.split('/').nth(2).unwrap_or_default();
        let id = ids.iter().find(|(of, _)| *of == kind).map_or("1", |(_, id)| id.as_str());
        let path = path.replace("{id}", id).replace("{code}", id);
        // What is looked for has to be said.
        let path = if path == "/api/search" { format!("{path}?q={}", ids[1].1) } else { path };
        let answer = story.world.merchant_get(&path).await.unwrap();
        assert!([200, 404].contains(&answer.status), "{path}: {} {}", answer.status, answer.text);
    }
}

#[tokio::test]
async fn every_statement_names_its_shop() {
    let story = Story::before_install(Engine::Asked, |_| {}).await;
    let database = story.app.db.number();
    spy::listen(database);
    story.world.install().await.unwrap();
    story.live(Timestamp::parse(BEGINNING).unwrap().plus_seconds(10 * DAY)).await;
    story.arrive().await;
    let world = &story.world;
    let domain = world.shop_domain();

    // What a platform does.
    let campaign = story.campaign(|_| {}).await;
    let exact = story.campaign(|body| body["expiry"] = json!({"after_seconds": 7_200, "exact": true})).await;
    let person = |key: &str, phone: &str| json!({"key": key, "phone": phone, "email": format!("{key}@example.com")});
    let drawn = story.draw(&campaign, json!([person("a", "+436601234567"), person("b", "+436601234568")])).await;
    let message = drawn["messages"][0].clone();
    let id = message["message_id"].as_str().unwrap().to_owned();
    story.draw(&exact, json!([person("c", "+436601234569")])).await;
    let statuses =
        json!({"statuses": [{"message_id": id, "status": "delivered", "at": story.clock.now().to_string()}]});
    assert_eq!(world.platform_post("/api/messages/statuses", &statuses).await.unwrap().status, 200);
    story.settle().await;
    let visit = world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    let order = visit.buys(&[(2, 1)], world.customer(3)).unwrap();
    world.shopper_comes("/").checks_out(&[(1, 1)], world.customer(4)).unwrap();
    story.arrive().await;
    world.refunds(order, RefundKind::Full).unwrap();
    story.arrive().await;
    story.pass(DAY).await;
    let code = message["code"].as_str().unwrap().to_owned();
    let ids = [
        ("campaigns", campaign.clone()),
        ("messages", id.clone()),
        ("orders", order.to_string()),
        ("codes", code.clone()),
    ];
    look_everywhere(&story, &ids).await;
    for (path, body) in [
        (format!("/api/messages/{id}/replacement"), json!({})),
        (format!("/api/messages/{id}/revoke"), json!({})),
        (format!("/api/codes/{code}/revoke"), json!({})),
        (format!("/api/campaigns/{campaign}/codes/revoke"), json!({})),
        (format!("/api/campaigns/{campaign}/archive"), json!({})),
        ("/api/webhooks".to_owned(), json!({"url": "http://127.0.0.1:9/hook", "events": ["message.replied"]})),
    ] {
        let answer = world.merchant_post(&path, &body).await.unwrap();
        assert!(answer.status < 500, "{path}: {} {}", answer.status, answer.text);
    }
    story.settle().await;
    for query in ["from=2026-08-24&to=2026-09-10", "campaign=", "limit=3"] {
        for list in ["/api/orders", "/api/reports/summary", "/api/reports/ledger", "/api/reports/links"] {
            let query = if query == "campaign=" { format!("campaign={campaign}") } else { query.to_owned() };
            let answer = world.merchant_get(&format!("{list}?{query}")).await.unwrap();
            assert!(answer.status < 500, "{list}?{query}: {} {}", answer.status, answer.text);
        }
    }

    // What an operator does.
    let metrics = reqwest_client().get(format!("{}/metrics", story.url)).send().await.unwrap();
    assert_eq!(metrics.status(), 200);
    let shop = shops::Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    attribution::rebuild(&story.app, &shop).await.unwrap();
    classify_again(&story.app, shop.shop_id, true).await.unwrap();
    reports::recount(&story.app, &shop).await.unwrap();

    // What shoppers and Shopify ask.
    for topic in ["customers/data_request", "customers/redact"] {
        world.deliver(topic, &world.compliance_body(topic, 3)).await.unwrap();
        story.arrive().await;
        story.pass(2 * DAY).await;
    }
    look_everywhere(&story, &ids).await;
    world.uninstalls();
    story.arrive().await;
    story.pass(DAY).await;
    let redact = json!({"shop_id": shop.shop_id.0, "shop_domain": domain});
    world.deliver("shop/redact", &redact).await.unwrap();
    story.pass(3 * DAY).await;

    let heard = spy::heard(database);
    let sqlite = story.app.db.is_sqlite();
    let mut over_all = BTreeSet::new();
    for sql in &heard {
        let wrong = spy::wrong(sql, sqlite);
        match OVER_ALL_SHOPS.iter().find(|(_, words)| words.iter().all(|word| sql.contains(word))) {
            Some((why, _)) if !wrong.is_empty() => drop(over_all.insert(*why)),
            _ => assert_eq!(wrong, [] as [String; 0], "{sql}"),
        }
    }
    assert_eq!(over_all.len(), OVER_ALL_SHOPS.len(), "what is not heard any more goes from the list: {over_all:?}");
    assert!(heard.len() > 500, "{} statements are too few to say anything", heard.len());
    story.end().await;
}
