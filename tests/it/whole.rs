//! Nothing missing: what no webhook told is found, up to when all is there is known, and the past is read once.

use std::collections::{BTreeMap, BTreeSet};

use recoup::catchup::Backfill;
use recoup::jobs::Job;
use recoup::kernel::Timestamp;
use recoup::kernel::id::ShopId;
use recoup::orders::{self, Order, OrderId, Orders};
use recoup::shops::Shops;
use recoup::simulator::{Fault, Faults, RefundKind, Settings, Traffic};
use recoup::webhooks::{Deliveries, Delivery, Source, keep};
use sea_orm::EntityTrait;
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

/// Orders of which no webhook ever told.
async fn never_told(story: &Story) -> usize {
    let all = Deliveries::find().all(story.app.db.read()).await.unwrap();
    let bodies: Vec<Value> = all
        .iter()
        .filter(|one| one.source == Source::Shopify && one.topic.starts_with("orders/"))
        .map(|one| serde_json::from_slice(&one.body(&story.app.vault).unwrap()).unwrap())
        .collect();
    let told: BTreeSet<i64> = bodies.iter().filter_map(|body| body["id"].as_i64()).collect();
    story.world.book().orders.iter().filter(|order| !told.contains(&order.shopify_order_id)).count()
}

#[tokio::test]
async fn webhooks_that_never_come_are_found_and_the_report_is_the_same() {
    let whole = lived(6, 0.0).await;
    one_cycle(&whole).await;
    assert_eq!(
        (found(&sources(&whole).await), never_told(&whole).await),
        (0, 0),
        "nothing is missing, nothing is found"
    );
    let ours = reports(&whole).await;
    // Most states are told by two topics: a twentieth lost leaves few gaps, half of all lost leaves a quarter.
    for (drops, at_least) in [(0.05, 0), (0.5, 20)] {
        let holed = lived(6, drops).await;
        one_cycle(&holed).await;
        let (book, shop) = (holed.world.book(), shop(&holed).await);
        let here = Orders::of(shop).all(holed.app.db.read()).await.unwrap().len();
        assert_eq!(here, book.orders.len(), "every order there is");
        let (lost, sources) = (never_told(&holed).await, sources(&holed).await);
        let (orders, again) = (book.orders.len(), found(&sources));
        println!("{drops} dropped: of {orders} orders {lost} never told, {again} states found again");
        assert!(orders > 100 && lost >= at_least && again >= i64::try_from(lost).unwrap(), "{lost}: {sources}");
        same(&ours, &reports(&holed).await);
        holed.end().await;
    }
    whole.end().await;
}

#[tokio::test]
async fn a_lost_day_is_found_and_what_comes_late_changes_nothing() {
    let (whole, lost) = (lived(0, 0.0).await, lived(0, 0.0).await);
    let day = |n: i64| begin().plus_seconds(n * DAY);
    for story in [&whole, &lost] {
        story.live(day(2)).await;
    }
    lost.world.set_faults(Faults { drops: 1.0, ..Faults::none() });
    for story in [&whole, &lost] {
        story.live(day(3)).await;
        story.world.set_faults(Faults::none());
        story.live(day(3).plus_seconds(6 * 3_600)).await;
        story.arrive().await;
        one_cycle(story).await;
    }
    let (before, after) = (sources(&whole).await, sources(&lost).await);
    assert_eq!(found(&before), 0, "{before}");
    let lost_orders =
        lost.world.book().orders.iter().filter(|order| order.created_at >= day(2) && order.created_at < day(3)).count();
    assert!(lost_orders > 5 && found(&after) >= i64::try_from(lost_orders).unwrap(), "{lost_orders}: {after}");
    let report = reports(&lost).await;
    same(&reports(&whole).await, &report);
    // The webhooks of the lost day come after all.
    let late = Deliveries::find().all(whole.app.db.read()).await.unwrap();
    let late = late.into_iter().filter(|one| one.source == Source::Shopify && one.topic.contains('/'));
    for one in late.filter(|one| !one.topic.starts_with("app/")) {
        let body: Value = serde_json::from_slice(&one.body(&whole.app.vault).unwrap()).unwrap();
        let sent = lost.world.delivery(&one.topic, &body).with_id(&one.delivery_id);
        assert_eq!(sent.triggered_at(one.triggered_at.unwrap()).send().await.unwrap().status, 200);
    }
    lost.settle().await;
    same(&report, &reports(&lost).await);
    whole.end().await;
    lost.end().await;
}

#[tokio::test]
async fn an_order_read_again_says_what_its_webhook_said() {
    let story = lived(3, 0.0).await;
    let shop = shop(&story).await;
    let (db, book) = (story.app.db.read(), story.world.book());
    let refunded = book.orders.iter().rev().take(6).map(|order| order.shopify_order_id).collect::<Vec<_>>();
    story.world.refunds(refunded[0], RefundKind::OnePiece).unwrap();
    story.world.refunds(refunded[1], RefundKind::Full).ok();
    story.world.refunds(refunded[2], RefundKind::Goodwill(120)).ok();
    story.world.cancels(refunded[3]);
    story.arrive().await;
    let ids: Vec<OrderId> = book.orders.iter().map(|order| OrderId(order.shopify_order_id)).collect();
    let told = orders::facts(db, shop, &ids).await.unwrap();
    assert!(told.iter().any(|one| !one.refunds.is_empty()) && told.iter().any(|one| !one.order.codes.0.is_empty()));
    let rows: BTreeMap<i64, Order> =
        Orders::of(shop).all(db).await.unwrap().into_iter().map(|o| (o.shopify_order_id.0, o)).collect();
    // Each of them is read again, as after an edit.
    for order in &ids {
        let edit = json!({"order_edit": {"order_id": order.0}});
        assert_eq!(story.world.deliver("orders/edited", &edit).await.unwrap().status, 200);
    }
    one_cycle(&story).await;
    let reread = Deliveries::find().all(db).await.unwrap();
    let reread = reread.iter().filter(|one| one.source == Source::Reread && one.topic == "orders/updated").count();
    assert!(reread >= ids.len(), "{reread} of {}", ids.len());
    let again = orders::facts(db, shop, &ids).await.unwrap();
    for (told, again) in told.iter().zip(&again) {
        assert_eq!(told.versions, again.versions, "{}: equal states are one version", told.order.name);
        assert_eq!(rows[&told.order.shopify_order_id.0], again.order);
        let money = |facts: &orders::Facts| {
            facts
                .refunds
                .iter()
                .map(|r| (r.shopify_refund_id, r.at, r.goods_minor, r.shipping_minor, r.tax_minor))
                .collect::<Vec<_>>()
        };
        assert_eq!(money(told), money(again));
    }
    story.end().await;
}

/// A shop with a past: so many days of orders before anybody installs anything.
async fn with_past(days: i64) -> Story {
    let story = Story::before_install(Engine::Asked, |settings| {
        lively(settings);
        settings.traffic = Traffic { abandoned_campaign: false, broadcast_every_days: 0, ..settings.traffic.clone() };
        settings.faults = Faults::none();
    })
    .await;
    story.world.connect("");
    story.live(begin().plus_seconds(days * DAY)).await;
    story.world.delivers_everything().await;
    story.world.connect(&story.url);
    story.world.install().await.unwrap();
    story
}

async fn backfill(story: &Story) -> Value {
    sources(story).await["backfill"].clone()
}

async fn the_past_is_here(story: &Story) {
    let book = story.world.book();
    let shop = shop(story).await;
    let here = Orders::of(shop).all(story.app.db.read()).await.unwrap();
    assert_eq!(here.len(), book.orders.len());
    let (first, last) = (book.orders.first().unwrap().day, book.orders.last().unwrap().day);
    let ledger = story.report(&format!("/api/reports/ledger?from={first}&to={last}")).await;
    let truth = book.totals(first, last);
    assert_eq!(ledger["total"]["orders"], truth.orders);
    assert_eq!(ledger["total"]["net_sales"]["minor"], truth.net + truth.pending, "to the cent");
}

#[tokio::test]
async fn the_first_install_reads_sixty_days_at_once() {
    let story = with_past(12).await;
    story.settle().await;
    let begun = backfill(&story).await;
    assert_eq!((begun["state"].as_str(), &begun["orders_total"]), (Some("running"), &Value::Null));
    assert_eq!(sources(&story).await["complete_through"], Value::Null);
    story.pass(25).await;
    one_cycle(&story).await;
    let done = backfill(&story).await;
    let orders = story.world.book().orders.len();
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!((done["orders_read"].as_u64(), &done["orders_total"]), (Some(orders as u64), &done["orders_read"]));
    assert_eq!(done["objects_read"], done["objects_total"]);
    the_past_is_here(&story).await;
    let now = sources(&story).await;
    assert!(now["complete_through"].is_string(), "{now}");
    assert_eq!(now["complete_through"], story.report("/api/reports/summary").await["complete_through"]);
    story.end().await;
}

#[tokio::test]
async fn a_backfill_killed_at_every_step_is_taken_up_where_it_stood() {
    let story = with_past(8).await;
    let shop = shop(&story).await;
    // Whoever works at it is killed in the middle of each step, and somebody else begins anew.
    for n in 0..60_u64 {
        let app = story.app.clone();
        let work = tokio::spawn(async move { Backfill {}.run(app, shop).await });
        tokio::time::sleep(std::time::Duration::from_millis(n % 12)).await;
        work.abort();
        drop(work.await);
        story.clock.advance_to(story.clock.now().plus_seconds(5));
    }
    one_cycle(&story).await;
    let done = backfill(&story).await;
    assert_eq!(done["state"], "done", "{done}");
    the_past_is_here(&story).await;
    let operations = done["orders_total"].as_u64().unwrap();
    assert_eq!(operations, story.world.book().orders.len() as u64);
    story.end().await;
}

#[tokio::test]
async fn a_failed_bulk_operation_is_read_as_far_as_it_goes_and_asked_for_again() {
    let story = with_past(6).await;
    let orders = story.world.book().orders.len();
    story.world.fault(Fault::BulkFails(orders / 2));
    story.world.fault(Fault::FileAnswers(503, 1));
    story.world.fault(Fault::Throttle(3));
    story.settle().await;
    story.pass(30).await;
    one_cycle(&story).await;
    let done = backfill(&story).await;
    assert_eq!(done["state"], "done", "{done}");
    the_past_is_here(&story).await;
    story.end().await;

    // Three failures: page by page then.
    let story = with_past(6).await;
    for _ in 0..3 {
        story.world.fault(Fault::BulkFails(0));
    }
    story.settle().await;
    one_cycle(&story).await;
    let paged = backfill(&story).await;
    assert_eq!(paged["state"], "paged", "{paged}");
    assert!(paged["sentence"].as_str().unwrap().contains("timeout"), "{paged}");
    for _ in 0..24 {
        story.pass(600).await;
    }
    the_past_is_here(&story).await;
    story.end().await;
}

#[tokio::test]
async fn while_shopify_is_away_the_watermark_stands_still_and_says_why() {
    let story = Story::begin().await;
    one_cycle(&story).await;
    let through = |sources: &Value| sources["complete_through"].as_str().unwrap().to_owned();
    let before = sources(&story).await;
    assert_eq!(source(&before, "orders")["standing"], "whole", "{before}");
    assert!(through(&before) < story.clock.now().to_string());
    story.world.fault(Fault::AdminAnswers(503, 10_000));
    story.pass(4 * 3_600).await;
    let away = sources(&story).await;
    assert_eq!(through(&away), through(&before));
    let orders = source(&away, "orders");
    assert_eq!((orders["standing"].as_str(), found(&away)), (Some("behind"), 0));
    assert!(orders["sentence"].as_str().unwrap().contains("Shopify could not be reached"), "{orders}");
    let order = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(3)).unwrap();
    story.world.no_faults();
    story.world.set_faults(Faults::none());
    story.pass(2 * 3_600).await;
    story.pass(3_600).await;
    let back = sources(&story).await;
    assert!(through(&back) > through(&before), "{back}");
    assert_eq!((source(&back, "orders")["standing"].as_str(), found(&back)), (Some("whole"), 1), "{back}");
    assert!(Orders::find_by_id((shop(&story).await, OrderId(order))).one(story.app.db.read()).await.unwrap().is_some());
    // A delivery that waits holds the shop back.
    let (vault, shop) = (&story.app.vault, shop(&story).await);
    let earlier = begin().plus_seconds(60);
    let waits = Delivery::new(vault, shop, Source::Shopify, "waits".to_owned(), b"{}", earlier);
    keep(&story.app, &[Delivery { topic: "orders/paid".to_owned(), ..waits }]).await.unwrap();
    assert_eq!(through(&sources(&story).await), earlier.to_string());
    story.arrive().await;
    story.close().await;
}

#[tokio::test]
async fn lost_refunds_cancellations_edits_and_scopes_are_found() {
    let story = Story::begin().await;
    one_cycle(&story).await;
    let buy = |n| story.world.shopper_comes("/").buys(&[(2, 2), (5, 1)], story.world.customer(n)).unwrap();
    let orders: Vec<i64> = (0..4).map(buy).collect();
    story.arrive().await;
    story.pass(1_800).await;
    story.world.set_faults(Faults { drops: 1.0, ..Faults::none() });
    story.world.refunds(orders[0], RefundKind::OnePiece).unwrap();
    story.world.refunds(orders[1], RefundKind::Full).unwrap();
    assert!(story.world.cancels(orders[2]) && story.world.edits(orders[3]));
    story.pass(1_800).await;
    one_cycle(&story).await;
    let book = story.world.book();
    let (first, last) = (book.orders.first().unwrap().day, book.orders.last().unwrap().day);
    let listed = story.report(&format!("/api/orders?from={first}&to={last}")).await;
    for order in listed["orders"].as_array().unwrap() {
        let id: i64 = order["shopify_order_id"].as_str().unwrap().parse().unwrap();
        assert_eq!(order["net_sales"]["minor"], book.order(id).unwrap().net, "{order}");
    }
    assert_eq!(found(&sources(&story).await), 4);
    story.end().await;
}
