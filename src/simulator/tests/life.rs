//! Whole lives: what happens by itself, and that it happens again the same way.

use super::*;
use crate::simulator::OrderBook;

async fn three_days(seed: u64) -> (OrderBook, fake_app::Seen) {
    days(seed, 3, Traffic::small()).await
}

async fn days(seed: u64, days: i64, traffic: Traffic) -> (OrderBook, fake_app::Seen) {
    let clock = Clock::manual(Timestamp::parse("2026-08-02T22:00:00Z").unwrap());
    let mut settings = Settings::new(seed, clock.clone());
    settings.traffic = traffic;
    let world = World::start(settings).await.unwrap();
    let (seen, app) = fake_app::start(&world).await;
    world.install().await.unwrap();
    let mut settled = 0;
    let end = clock.now().plus_seconds(days * 86_400);
    // In two stretches: living on must be the same as living through.
    for until in [clock.now().plus_seconds(days * 43_200 + 100), end] {
        let settle = async |_| {
            settled += 1;
            Ok(())
        };
        world.live(until, settle).await.unwrap();
    }
    assert!(settled > days && clock.now() == end);
    world.delivers_everything().await;
    let book = world.book();
    app.stop(false).await;
    world.stop().await;
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (book, seen)
}

#[tokio::test]
async fn three_days_bring_orders_webhooks_statuses_and_taps() {
    let (book, seen) = three_days(1).await;
    assert!(book.orders.len() > 5, "{}", book.orders.len());
    for topic in ["orders/create", "orders/paid", "checkouts/create", "checkouts/update"] {
        assert!(seen.topics.get(topic).is_some_and(|n| *n > 3), "{topic}: {:?}", seen.topics);
    }
    assert_eq!(seen.drawn, book.recipients.len());
    assert!(seen.drawn > 20 && seen.statuses["delivered"] > 10 && seen.statuses["read"] > 5, "{:?}", seen.statuses);
    assert!(!seen.taps.is_empty());
    assert!(book.recipients.iter().all(|r| !r.held_out || (r.delivered_at.is_none() && r.caused_order.is_none())));
    let totals = book.everything();
    assert_eq!(totals.net, book.net_by_day().values().sum::<i64>());
}

/// Minor units of a decimal string.
fn cents(text: &Value) -> i64 {
    let euro = crate::kernel::Currency::parse("EUR").unwrap();
    crate::kernel::Money::parse(text.as_str().unwrap(), euro).unwrap().minor
}

/// What an order is worth, read from its payload by somebody who knows nothing of how it was made.
fn net(body: &Value) -> i64 {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let goods = |line: &Value| line["gift_card"] == false && line.get("tip_payment_gateway").is_none();
    if body["test"] == true
        || !body["cancelled_at"].is_null()
        || body["source_name"].as_str().unwrap().starts_with("subscription_contract")
    {
        return 0;
    }
    let sold = list(&body["line_items"]).into_iter().filter(|line| goods(line)).map(|line| {
        let off: i64 = list(&line["discount_allocations"]).iter().map(|a| cents(&a["amount"])).sum();
        let tax: i64 = list(&line["tax_lines"]).iter().map(|t| cents(&t["price"])).sum();
        cents(&line["price"]) * line["quantity"].as_i64().unwrap() - off - tax
    });
    let back = list(&body["refunds"]).into_iter().map(|refund| {
        let lines = list(&refund["refund_line_items"]).into_iter().filter(|line| goods(&line["line_item"]));
        let goods: i64 = lines.map(|line| cents(&line["subtotal_set"]["shop_money"]["amount"])).sum();
        let adjusted: i64 = list(&refund["order_adjustments"]).iter().map(|a| cents(&a["amount"])).sum();
        goods - adjusted
    });
    sold.sum::<i64>() - back.sum::<i64>()
}

#[tokio::test]
async fn the_latest_payloads_add_up_to_the_book() {
    let traffic = Traffic { customers: 200, strangers_daily: 10.0, ..Traffic::small() };
    let (book, seen) = days(6, 25, traffic).await;
    let mut latest = std::collections::BTreeMap::new();
    for (_, body) in seen.bodies.iter().filter(|(topic, _)| topic.starts_with("orders/")) {
        let when =
            |body: &Value| (body["updated_at"].as_str().unwrap().to_owned(), body["refunds"].as_array().unwrap().len());
        let known = latest.entry(body["id"].as_i64().unwrap()).or_insert(body);
        if when(body) >= when(known) {
            *known = body;
        }
    }
    assert_eq!(latest.len(), book.orders.len());
    let refunded = book.orders.iter().filter(|order| order.returns + order.goodwill > 0).count();
    assert!(refunded > 5 && book.orders.len() > 200, "{refunded} {}", book.orders.len());
    for order in &book.orders {
        assert_eq!(net(latest[&order.shopify_order_id]), order.net, "{order:?}");
    }
}

#[tokio::test]
async fn the_same_seed_lives_the_same_life() {
    let text = |book: &OrderBook| {
        // Links name the port the fake app happened to get.
        let mut value = serde_json::to_value(book).unwrap();
        value["recipients"].as_array_mut().unwrap().iter_mut().for_each(|r| r["link"] = Value::Null);
        value.to_string()
    };
    let (a, seen_a) = three_days(2).await;
    let (b, seen_b) = three_days(2).await;
    let (c, _) = three_days(3).await;
    assert_eq!(text(&a), text(&b));
    assert_ne!(text(&a), text(&c));
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    assert_eq!(sorted(seen_a.ids), sorted(seen_b.ids));
}

#[tokio::test]
async fn a_higher_pace_is_felt_at_once() {
    let clock = Clock::manual(Timestamp::parse("2026-08-02T22:00:00Z").unwrap());
    let mut settings = Settings::new(5, clock.clone());
    settings.traffic = Traffic { broadcast_every_days: 0, ..Traffic::small() };
    let world = World::start(settings).await.unwrap();
    let hours = |n: i64| Timestamp::parse("2026-08-02T22:00:00Z").unwrap().plus_seconds(n * 3_600);
    world.live(hours(10), async |_| Ok(())).await.unwrap();
    let before = world.book().orders.len();
    world.set_pace(60.0);
    world.live(hours(12), async |_| Ok(())).await.unwrap();
    assert!(world.book().orders.len() > before + 10, "{before} {}", world.book().orders.len());
    world.stop().await;
}
