//! Ninety lived days: the ledger is the shop's own order book, to the cent; one seed is one report, on every engine.

use std::collections::BTreeSet;

use recoup::kernel::{Day, Timestamp};
use recoup::simulator::Traffic;
use recoup::{attribution, shops};
use sea_orm::EntityTrait;
use serde_json::Value;

use crate::story::{BEGINNING, Engine, Story};

/// How long a life is; `RECOUP_TEST_DAYS` makes it shorter while something is being looked for.
fn days() -> i64 {
    std::env::var("RECOUP_TEST_DAYS").ok().and_then(|days| days.parse().ok()).unwrap_or(90)
}

#[tokio::test]
async fn the_ledger_is_the_shops_own_book_and_every_engine_says_the_same() {
    let reports = told_by(Engine::Asked).await;
    // A second life of the same seed: on SQLite once more, or, when PostgreSQL was asked for, on the other engine.
    let others = told_by(Engine::Sqlite).await;
    assert_eq!(reports.len(), others.len());
    for ((path, ours), (_, other)) in reports.iter().zip(&others) {
        let at = ours.bytes().zip(other.bytes()).position(|(a, b)| a != b).unwrap_or(ours.len().min(other.len()));
        let near = |text: &str| text[at.saturating_sub(200)..(at + 200).min(text.len())].to_owned();
        assert!(ours == other, "{path} differs between two lives of one seed:\n{}\n{}", near(ours), near(other));
    }
}

/// Every report of a life that was held against the shop's own book.
async fn told_by(engine: Engine) -> Vec<(String, String)> {
    let story = lived(engine).await;
    reconcile(&story).await;
    rebuild_changes_nothing(&story).await;
    let reports = reports(&story).await;
    story.end().await;
    reports
}

async fn lived(engine: Engine) -> Story {
    let story = Story::before_install(engine, |settings| {
        settings.traffic = Traffic { customers: 400, broadcast_every_days: 9, ..Traffic::default() };
    })
    .await;
    story.world.install().await.unwrap();
    story.live(Timestamp::parse(BEGINNING).unwrap().plus_seconds(days() * 86_400)).await;
    // What is still on its way at the end arrives.
    story.arrive().await;
    story
}

fn minor(value: &Value) -> i64 {
    value["minor"].as_i64().unwrap_or_else(|| panic!("{value} is no money"))
}

async fn reconcile(story: &Story) {
    let book = story.world.book();
    let (first, last) = (book.orders.first().unwrap().day, book.orders.last().unwrap().day);
    let path = format!("from={first}&to={last}");
    let (ledger, summary) = (
        story.report(&format!("/api/reports/ledger?{path}")).await,
        story.report(&format!("/api/reports/summary?{path}")).await,
    );
    let truth = book.totals(first, last);
    let line = |name: &str, field: &str| {
        let line = ledger["lines"].as_array().unwrap().iter().find(|line| line["line"] == name).unwrap();
        if field == "orders" { line["orders"].as_i64().unwrap() } else { minor(&line["net_sales"]) }
    };
    let left_out = |name: &str| {
        minor(&ledger["left_out"].as_array().unwrap().iter().find(|line| line["line"] == name).unwrap()["amount"])
    };
    assert!(truth.orders > days() * 10, "a life worth checking: {} orders", truth.orders);
    assert_eq!(ledger["total"]["orders"].as_i64().unwrap(), truth.orders);
    assert_eq!(minor(&ledger["total"]["net_sales"]), truth.net + truth.pending, "net sales, to the cent");
    assert_eq!(line("pending", "net_sales"), truth.pending);
    assert_eq!(line("test", "orders"), truth.test_orders);
    assert_eq!(line("cancelled", "orders"), truth.cancelled_orders);
    assert_eq!((left_out("tips"), left_out("gift_cards")), (truth.tips, truth.gift_cards));
    assert_eq!(left_out("subscription_renewals"), truth.renewals);
    let sum: i64 = ledger["lines"].as_array().unwrap().iter().map(|line| minor(&line["net_sales"])).sum();
    assert_eq!(sum, minor(&summary["net_sales"]), "the lines sum to net sales");
    each_order(story, first, last).await;

    let attributed = minor(&summary["attributed"]);
    let by_campaign: i64 =
        summary["campaigns"].as_array().unwrap().iter().map(|campaign| minor(&campaign["attributed"])).sum();
    assert_eq!(by_campaign, attributed, "credits sum to what is attributed");
    let by_day: i64 = summary["series"].as_array().unwrap().iter().map(|day| minor(&day["attributed"])).sum();
    assert_eq!(by_day, attributed);
    assert!(attributed > 0 && attributed < truth.net, "some orders go back to messages, most do not");
    assert!(minor(&summary["recovered"]) > 0, "some checkouts were recovered");
    let funnel = &summary["funnel"];
    let step = |name: &str| funnel[name].as_i64().unwrap();
    assert!(step("drawn") == step("held_out") + step("issued"), "{funnel}");
    assert!(
        step("issued") >= step("sent") && step("sent") >= step("delivered") && step("delivered") >= step("read"),
        "{funnel}"
    );
    assert!(step("clicked") > 0 && step("ordered") > 0, "{funnel}");
}

/// Order by order: what the list says is what the book says.
async fn each_order(story: &Story, first: Day, last: Day) {
    let book = story.world.book();
    let ours: BTreeSet<&str> = book.recipients.iter().filter_map(|recipient| recipient.code.as_deref()).collect();
    let mut cursor = String::new();
    let (mut seen, mut with_ours) = (0, 0);
    loop {
        let page = story.report(&format!("/api/orders?from={first}&to={last}&limit=200{cursor}")).await;
        for order in page["orders"].as_array().unwrap() {
            let id: i64 = order["shopify_order_id"].as_str().unwrap().parse().unwrap();
            let truth = book.order(id).unwrap();
            assert_eq!(minor(&order["net_sales"]), truth.net, "{} {:?}", order, truth);
            // A code of ours on an order that counts is evidence no later rule may lose.
            let counts = !(truth.test || truth.cancelled || truth.renewal || truth.pending);
            if counts && truth.codes.iter().any(|code| ours.contains(code.as_str())) {
                let line = order["line"].as_str().unwrap();
                assert!(["attributed", "attributed_shared"].contains(&line), "{order} {truth:?}");
                with_ours += 1;
            }
            seen += 1;
        }
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, book.orders.len());
    assert!(with_ours > days(), "{with_ours} orders used a code of ours");
}

async fn rebuild_changes_nothing(story: &Story) {
    let shop = shops::Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    let rebuilt = attribution::rebuild(&story.app, &shop).await.unwrap();
    assert_eq!((rebuilt.changed, rebuilt.orders), (0, story.world.book().orders.len()));
}

/// Every report, byte for byte.
async fn reports(story: &Story) -> Vec<(String, String)> {
    let book = story.world.book();
    let (first, last) = (book.orders.first().unwrap().day, book.orders.last().unwrap().day);
    let mut paths = vec![
        format!("/api/reports/summary?from={first}&to={last}"),
        format!("/api/reports/ledger?from={first}&to={last}"),
        format!("/api/orders?from={first}&to={last}&limit=200"),
        "/api/reports/summary".to_owned(),
        "/api/campaigns".to_owned(),
    ];
    paths.extend(
        book.orders
            .iter()
            .filter(|order| !order.codes.is_empty())
            .take(100)
            .map(|order| format!("/api/orders/{}/receipt", order.shopify_order_id)),
    );
    let mut reports = Vec::new();
    for path in paths {
        let answer = story.world.merchant_get(&path).await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        reports.push((path, answer.text));
    }
    reports
}
