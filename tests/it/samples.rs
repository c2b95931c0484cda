//! Real payloads through the real doors: accepted, or ignored for a stated reason; never 5xx, never lost.
//!
//! `RECOUP_TEST_SAMPLES` names another folder (with `shopify/` and `whatsapp/` in it).

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use recoup::kernel::secret::hmac_sha256;
use recoup::webhooks::{Deliveries, DeliveryState};
use sea_orm::EntityTrait;
use serde_json::Value;

use crate::install::reqwest_client;
use crate::story::Story;

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
