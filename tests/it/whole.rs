//! Nothing missing: what no webhook told is found, up to when all is there is known, and the past is read once.

use std::collections::BTreeMap;

use recoup::catchup::{Backfill, BackfillState, Backfills, CatchUp, Watermarks};
use recoup::jobs::Job;
use recoup::kernel::Timestamp;
use recoup::kernel::id::ShopId;
use recoup::orders::{self, Order, OrderId, Orders};
use recoup::shops::Shops;
use recoup::simulator::{Fault, Faults, RefundKind, Settings, Traffic};
use recoup::webhooks::{Deliveries, Delivery, Source, keep};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use crate::story::{BEGINNING, Engine, Story};

const DAY: i64 = 86_400;

fn begin() -> Timestamp {
    Timestamp::parse(BEGINNING).unwrap()
}

fn lively(settings: &mut Settings) {
    settings.traffic = Traffic { customers: 150, broadcast_every_days: 3, strangers_daily: 20.0, ..Traffic::default() };
}

async fn shop(story: &Story) -> ShopId {
    Shops::find().one(story.app.db.read()).await.unwrap().unwrap().shop_id
}

/// Two hours in which nothing happens by itself: one cycle of catching up, and what was throttled on the way.
async fn one_cycle(story: &Story) {
    for _ in 0..24 {
        story.pass(300).await;
    }
}

async fn sources(story: &Story) -> Value {
    story.report("/api/shop/sources").await
}

fn source<'a>(sources: &'a Value, name: &str) -> &'a Value {
    sources["sources"].as_array().unwrap().iter().find(|one| one["source"] == name).unwrap()
}

fn found(sources: &Value) -> i64 {
    source(sources, "orders")["found"].as_i64().unwrap()
}

/// What a merchant reads, byte for byte, but for how we came to know it.
async fn reports(story: &Story) -> Vec<(String, String)> {
    let book = story.world.book();
    let (first, last) = (book.orders.first().unwrap().day, book.orders.last().unwrap().day);
    let mut reports = Vec::new();
    for path in [
        format!("/api/reports/summary?from={first}&to={last}"),
        format!("/api/reports/ledger?from={first}&to={last}"),
        format!("/api/orders?from={first}&to={last}&limit=200"),
        "/api/campaigns".to_owned(),
    ] {
        let mut report = story.report(&path).await;
        if let Some(fields) = report.as_object_mut() {
            fields.remove("complete_through");
        }
        reports.push((path, report.to_string()));
    }
    reports
}

fn same(ours: &[(String, String)], theirs: &[(String, String)]) {
    for ((path, ours), (_, theirs)) in ours.iter().zip(theirs) {
        let at = ours.bytes().zip(theirs.bytes()).position(|(a, b)| a != b).unwrap_or(ours.len().min(theirs.len()));
        let near = |text: &str| text[at.saturating_sub(300)..(at + 200).min(text.len())].to_owned();
        assert!(ours == theirs, "{path} differs:\n{}\n\n{}\n", near(ours), near(theirs));
    }
}

/// A life with edits in it, in which so many webhooks never come.
async fn lived(days: i64, drops: f64) -> Story {
    let story = Story::before_install(Engine::Asked, |settings| {
        lively(settings);
        settings.faults = Faults { drops, ..Faults::default() };
    })
    .await;
    story.world.install().await.unwrap();
    for day in 1..=days {
        story.live(begin().plus_seconds(day * DAY)).await;
        let book = story.world.book();
        for order in book.orders.iter().rev().take(20).step_by(7) {
            story.world.edits(order.shopify_order_id);
        }
    }
    story.arrive().await;
    story
}

#[tokio::test]
async fn a_twentieth_of_all_webhooks_never_comes_and_the_report_is_the_same() {
    let (whole, holed) = (lived(8, 0.0).await, lived(8, 0.05).await);
    one_cycle(&whole).await;
    one_cycle(&holed).await;
    let (book, shop) = (holed.world.book(), shop(&holed).await);
    assert!(book.orders.len() > 150, "{}", book.orders.len());
    let here = Orders::of(shop).all(holed.app.db.read()).await.unwrap().len();
    assert_eq!(here, book.orders.len(), "every order there is");
    let (without, with) = (sources(&whole).await, sources(&holed).await);
    println!(
        "{} orders; found again {} with drops, {} without; {} deliveries",
        book.orders.len(),
        found(&with),
        found(&without),
        holed.count::<Deliveries>().await
    );
    assert!(found(&with) > found(&without), "{with}");
    same(&reports(&whole).await, &reports(&holed).await);
    whole.end().await;
    holed.end().await;
}
