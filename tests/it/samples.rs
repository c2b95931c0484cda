//! Real payloads through the real doors: accepted, or ignored for a stated reason; never 5xx, never lost.
//!
//! `RECOUP_TEST_SAMPLES` names another folder (with `shopify/` and `whatsapp/` in it).

use std::collections::BTreeMap;
use std::path::PathBuf;

use recoup::webhooks::{Deliveries, DeliveryState};
use sea_orm::EntityTrait;
use serde_json::Value;

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
        // A sample that says it is of another shop is rightly not believed; our own copy speaks of our shop.
        let text = String::from_utf8_lossy(bytes);
        let body: Value = serde_json::from_str(&text).unwrap_or(Value::String(text.into_owned()));
        let body = of_our_shop(body, &story);
        let sent = story.world.delivery(&topic, &body).with_id(name).send().await.unwrap();
        assert_eq!(sent.status, 200, "{name}: {}", sent.text);
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
            other => panic!("{name}: {other:?} {:?}", row.reason),
        }
    }
    story.end().await;
}

fn of_our_shop(mut body: Value, story: &Story) -> Value {
    for field in ["shop_domain", "myshopify_domain"] {
        if body.get(field).is_some() {
            body[field] = Value::String(story.world.shop_domain());
        }
    }
    body
}

#[tokio::test]
async fn samples_of_whatsapp_are_accepted_or_ignored_for_a_reason() {
    let story = Story::begin().await;
    let files = files("whatsapp");
    assert!(!files.is_empty());
    let before = story.count::<Deliveries>().await;
    for (name, bytes) in &files {
        let body: Value = serde_json::from_slice(bytes).unwrap();
        let sent = story.world.whatsapp(&body).await.unwrap();
        assert_eq!(sent.status, 200, "{name}: {}", sent.text);
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
