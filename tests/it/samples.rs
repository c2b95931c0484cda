//! Real payloads through the real doors: accepted, or ignored for a stated reason; never 5xx, never lost.
//!
//! `RECOUP_TEST_SAMPLES` names another folder (with `shopify/` and `whatsapp/` in it).

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use recoup::checkouts::Checkouts;
use recoup::kernel::secret::hmac_sha256;
use recoup::orders;
use recoup::webhooks::{Deliveries, DeliveryState};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::{Engine, Story};

fn folder() -> PathBuf {
    let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/samples");
    std::env::var_os("RECOUP_TEST_SAMPLES").map_or_else(|| PathBuf::from(ours), PathBuf::from)
}

fn files(kind: &str) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(folder().join(kind))
        .unwrap_or_else(|error| panic!("{}: {error}", folder().join(kind).display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "json") && !path.ends_with("index.json"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    found
}

/// The topic of a file: from the index, else from its name (`orders_create.x.json` is `orders/create`).
fn topic(name: &str, index: &Value) -> String {
    let known = index["samples"].as_array().into_iter().flatten().find(|sample| sample["file"] == name);
    if let Some(topic) = known.and_then(|sample| sample["topic"].as_str()) {
        return topic.to_owned();
    }
    let stem = name.split('.').next().unwrap_or(name);
    match stem.rsplit_once('_') {
        Some((subject, action)) => format!("{subject}/{action}"),
        None => stem.to_owned(),
    }
}

#[tokio::test]
async fn samples_of_shopify_are_accepted_or_ignored_for_a_reason() {
    let story = Story::begin().await;
    let index = std::fs::read(folder().join("shopify/index.json")).ok();
    let index: Value = index.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let files = files("shopify");
    assert!(!files.is_empty());
    let mut topics = BTreeMap::new();
    for (name, bytes) in &files {
        let topic = topic(name, &index);
        let body = of_our_shop(bytes, &story);
        let digest = BASE64.encode(hmac_sha256(b"pretend-client-secret", &[&body]));
        let sent = reqwest_client()
            .post(format!("{}/webhooks/shopify", story.url))
            .header("x-shopify-topic", &topic)
            .header("x-shopify-hmac-sha256", digest)
            .header("x-shopify-shop-domain", story.world.shop_domain())
            .header("x-shopify-api-version", "2026-10")
            .header("x-shopify-webhook-id", name)
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status(), 200, "{name}: {}", sent.text().await.unwrap());
        topics.insert(name.clone(), topic);
    }
    story.settle().await;
    let rows = Deliveries::find().all(story.app.db.read()).await.unwrap();
    for (name, topic) in &topics {
        let row = rows.iter().find(|row| row.delivery_id == *name).unwrap_or_else(|| panic!("{name} was lost"));
        println!("{name} ({topic}): {:?} {}", row.state, row.reason.as_deref().unwrap_or(""));
        match row.state {
            DeliveryState::Done => {}
            DeliveryState::Ignored => assert!(row.reason.as_deref().is_some_and(|reason| reason.len() > 10), "{name}"),
            // A stranger's file may be damaged: then it is set aside with a reason, and kept.
            DeliveryState::Dead if !index.to_string().contains(name.as_str()) => {
                assert!(row.reason.is_some(), "{name}")
            }
            other => panic!("{name}: {other:?} {:?}", row.reason),
        }
    }
    story.end().await;
}

/// The bytes as they are; a sample that names its own shop is made to name ours, or it would rightly not be believed.
fn of_our_shop(bytes: &[u8], story: &Story) -> Vec<u8> {
    let Ok(mut body) = serde_json::from_slice::<Value>(bytes) else { return bytes.to_vec() };
    let (id, domain) = (serde_json::json!(548_380_010), Value::String(story.world.shop_domain()));
    let is_the_shop = body.get("myshopify_domain").is_some();
    let ours = [("shop_domain", &domain), ("myshopify_domain", &domain), ("shop_id", &id)];
    let ours: Vec<_> = ours.into_iter().filter(|(field, _)| body.get(field).is_some()).collect();
    if ours.is_empty() {
        return bytes.to_vec();
    }
    for (field, value) in ours {
        body[field] = value.clone();
    }
    if is_the_shop {
        body["id"] = id;
    }
    body.to_string().into_bytes()
}

fn body(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder().join("shopify").join(name)).unwrap()).unwrap()
}

async fn tell(story: &Story, topic: &str, body: &Value) {
    assert_eq!(story.world.deliver(topic, body).await.unwrap().status, 200);
    story.settle().await;
}

async fn shop_in(currency: &str) -> Story {
    let story = Story::before_install(Engine::Asked, |settings| {
        settings.shop.currency = recoup::kernel::Currency::parse(currency).unwrap();
    })
    .await;
    story.world.install().await.unwrap();
    story.settle().await;
    story
}

/// Its line, and gross, discounts, returns, net sales, shipping, tax, tips and total, by hand.
async fn stands(story: &Story, order: i64, line: &str, money: [i64; 8]) {
    let view = story.report(&format!("/api/orders/{order}/receipt")).await;
    let parts = ["gross", "discounts", "returns", "net_sales", "shipping", "tax", "tips", "total"];
    let found = parts.map(|part| view["order"][part]["minor"].as_i64().unwrap());
    assert_eq!((view["verdict"]["line"].as_str().unwrap(), found), (line, money), "{view}");
    assert_eq!(view["worth"]["decided_by"], "payload", "the pretend Shopify knows none of these");
    let stages: Vec<_> = view["versions"].as_array().unwrap().iter().collect();
    assert_eq!(stages.last().unwrap()["line"], line);
}

/// The admin's example, which is left aside as it comes, as if some shop had sold it.
fn as_if_real(mut order: Value) -> Value {
    order["id"] = json!(5);
    order
}

/// Every order and refund among the samples, each with its ledger line and its money worked out by hand.
#[tokio::test]
async fn the_orders_and_refunds_of_the_samples_are_worth_what_they_say() {
    let story = shop_in("USD").await;
    // One snowboard of 600.00 and no word of a payment.
    let web = body("orders_updated.2024-10.web.json");
    tell(&story, "orders/updated", &web).await;
    stands(&story, 5_778_367_414_385, "pending", [60_000, 0, 0, 60_000, 0, 0, 0, 60_000]).await;
    // The admin's examples name no order of any shop, however they come.
    let (create, paid) = (body("orders_create.2026-07.json"), body("orders_paid.2025-01.json"));
    tell(&story, "orders/create", &create).await;
    tell(&story, "orders/paid", &paid).await;
    tell(&story, "refunds/create", &body("refunds_create.2026-07.json")).await;
    let ledger = story.report("/api/reports/ledger?from=2021-12-31&to=2022-01-01").await;
    assert_eq!(ledger["total"]["orders"], 0, "{ledger}");
    // As if they were real they are test orders, voided and cancelled: 89.99 + 19.99 + 24.99 + 159.99 + 119.99 = 414.95,
    // shipping free, and the total ten short of it, as its `total_price` is.
    tell(&story, "orders/create", &as_if_real(create.clone())).await;
    stands(&story, 5, "test", [41_495, 0, 0, 0, 0, 0, 0, 40_495]).await;
    // The same, sold and paid: all five lines given back, of which 75.00 + 10.00 were paid out.
    let mut sold = as_if_real(create);
    (sold["id"], sold["test"], sold["cancelled_at"]) = (json!(6), json!(false), Value::Null);
    sold["financial_status"] = json!("paid");
    tell(&story, "orders/create", &sold).await;
    stands(&story, 6, "unattributed", [41_495, 0, 0, 41_495, 0, 0, 0, 40_495]).await;
    let mut back = body("refunds_create.2026-07.json");
    back["order_id"] = json!(6);
    tell(&story, "refunds/create", &back).await;
    stands(&story, 6, "unattributed", [41_495, 0, 41_495, 0, 0, 0, 0, 40_495]).await;
    // Two players of 199.00, shipping 10.00.
    let mut players = as_if_real(paid);
    players["id"] = json!(7);
    tell(&story, "orders/paid", &players).await;
    stands(&story, 7, "test", [39_800, 0, 0, 0, 1_000, 0, 0, 38_800]).await;
    story.close().await;

    let story = shop_in("HKD").await;
    // 99.00 + 3 × 100.00; staff took off 4.78 + 5.08 + 5.07 + 5.07 = 20.00 by a title that looks like a code, an
    // automatic discount 5.00; shipping 20.00. No code was redeemed.
    let draft = body("orders_create.2025-01.draft-code-fixed.json");
    tell(&story, "orders/create", &draft).await;
    stands(&story, 6_198_432_301_356, "unattributed", [39_900, 2_500, 0, 37_400, 2_000, 0, 0, 39_400]).await;
    let order = orders::Orders::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert_eq!(order.codes.0, Vec::<String>::new(), "what staff typed redeems nothing");
    // One piece of 99.00, given back, and a second later cancelled.
    tell(&story, "orders/cancelled", &body("orders_cancelled.2025-01.draft-hkd.json")).await;
    stands(&story, 6_198_821_716_268, "cancelled", [9_900, 0, 9_900, 0, 0, 0, 0, 9_900]).await;
    let view = story.report("/api/orders/6198821716268/receipt").await;
    let stages: Vec<_> =
        view["versions"].as_array().unwrap().iter().map(|stage| stage["net_sales"]["minor"].as_i64()).collect();
    assert_eq!(stages, [Some(9_900), Some(0), Some(0)], "ordered, given back, cancelled");
    let ledger = story.report("/api/reports/ledger?from=2025-01-01&to=2025-01-31").await;
    assert_eq!(ledger["total"]["net_sales"]["minor"], 37_400, "{ledger}");
    story.close().await;
}

/// Refunds of orders that are not among the samples, on an order made for each.
#[tokio::test]
async fn goodwill_and_whole_currencies_of_the_samples_are_counted_to_the_unit() {
    for (currency, file, order, price, money) in [
        // 1.00 of goodwill on 500.00.
        (
            "INR",
            "refunds_create.2021-04.goodwill.json",
            3_859_935_821_927_i64,
            "500.00",
            [50_000, 0, 100, 49_900, 0, 0, 0, 50_000],
        ),
        // 20 đồng, which have no hundredths, of 50.
        ("VND", "refunds_create.2024-07.vnd.json", 6_273_085_767_965, "50", [50, 0, 20, 30, 0, 0, 0, 50]),
    ] {
        let story = shop_in(currency).await;
        let back = body(file);
        assert_eq!(back["order_id"], order);
        let sold = json!({"id": order, "currency": currency, "financial_status": "paid", "source_name": "web",
            "created_at": "2021-01-01T00:00:00Z", "updated_at": "2021-01-01T00:00:00Z", "total_price": price,
            "line_items": [{"price": price, "quantity": 1}]});
        tell(&story, "refunds/create", &back).await;
        tell(&story, "orders/create", &sold).await;
        stands(&story, order, "unattributed", money).await;
        story.close().await;
    }
}

/// Every checkout among the samples: what it came to, and that none of them is a sale.
#[tokio::test]
async fn the_checkouts_of_the_samples_come_to_what_they_say() {
    for (file, topic, token, minor) in [
        ("checkouts_create.2024-10.web.json", "checkouts/create", "2988d4b2c765380e315836422df44d4f", 60_000),
        // 398.00 and 23.88 of tax.
        ("checkouts_create.2026-07.json", "checkouts/create", "123123123", 42_188),
        ("checkouts_update.2025-01.json", "checkouts/update", "123123123", 42_188),
    ] {
        let story = shop_in("USD").await;
        tell(&story, topic, &body(file)).await;
        // Deleted at Shopify it names no token: there is nothing to take back.
        tell(&story, "checkouts/delete", &body("checkouts_delete.2026-07.json")).await;
        let kept = Checkouts::find().all(story.app.db.read()).await.unwrap();
        let [one] = kept.as_slice() else { panic!("{file}: {kept:?}") };
        assert_eq!((one.token.as_str(), one.total_minor, one.currency.as_str()), (token, minor, "USD"), "{file}");
        assert!(one.completed_at.is_none(), "{file}");
        let ledger = story.report("/api/reports/ledger?from=2021-12-31&to=2024-12-30").await;
        assert_eq!(ledger["total"]["orders"], 0, "{ledger}");
        story.close().await;
    }
}

#[tokio::test]
async fn samples_of_whatsapp_are_accepted_or_ignored_for_a_reason() {
    let story = Story::begin().await;
    let files = files("whatsapp");
    assert!(!files.is_empty());
    let before = story.count::<Deliveries>().await;
    for (name, bytes) in &files {
        let digest = hex::encode(hmac_sha256(b"pretend-whatsapp-secret", &[bytes]));
        let sent = reqwest_client()
            .post(format!("{}/webhooks/whatsapp", story.url))
            .header("x-hub-signature-256", format!("sha256={digest}"))
            .body(bytes.clone())
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status(), 200, "{name}: {}", sent.text().await.unwrap());
    }
    story.settle().await;
    let rows = Deliveries::find().all(story.app.db.read()).await.unwrap();
    let rows: Vec<_> = rows.iter().filter(|row| row.source == recoup::webhooks::Source::Whatsapp).collect();
    assert_eq!(rows.len() as u64 + before, story.count::<Deliveries>().await);
    assert_eq!(rows.len(), files.len(), "none was lost");
    for row in rows {
        println!("{}: {:?} {}", row.topic, row.state, row.reason.as_deref().unwrap_or(""));
        let stated = row.reason.is_some() || row.state == DeliveryState::Done;
        assert!(
            stated && !matches!(row.state, DeliveryState::Dead | DeliveryState::Pending),
            "{:?} {:?}",
            row.state,
            row.reason
        );
    }
    story.end().await;
}
