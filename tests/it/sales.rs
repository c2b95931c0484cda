//! Shopify's own book of sales: read an hour after an order and again whenever something moved its money, it decides what
//! the order was worth, to the cent; until then, and where it is not known, the payload does, and the receipt says which.

use recoup::kernel::{Currency, Timestamp};
use recoup::orders::{self, BookState, Books, DifferenceKind, OrderId, Sales};
use recoup::shops::{Shop, Shops};
use recoup::simulator::{Fault, Faults, Payment, RefundKind, Traffic};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::story::{Engine, Story};

/// How long until Shopify is asked: the hour, and the rhythm of the asking.
const ASKED: i64 = 3_600 + 301;

/// How long after something moved an order's money its sales are read again.
const AGAIN: i64 = 31;

async fn receipt(story: &Story, order: i64) -> Value {
    story.report(&format!("/api/orders/{order}/receipt")).await
}

fn minor(view: &Value) -> i64 {
    view["minor"].as_i64().unwrap_or_else(|| panic!("no amount: {view}"))
}

async fn shop(story: &Story) -> Shop {
    Shops::find().one(story.app.db.read()).await.unwrap().unwrap()
}

/// Net sales, tips and gift cards are those of the pretend shop's own book, and this source says so.
async fn is_the_book(story: &Story, order: i64, decided_by: &str) {
    let (view, book) = (receipt(story, order).await, story.world.book());
    let truth = book.order(order).unwrap();
    assert_eq!(view["worth"]["decided_by"], decided_by, "{view}");
    let found = ["net_sales", "tips", "gift_cards"].map(|part| minor(&view["order"][part]));
    assert_eq!(found, [truth.net, truth.tips, truth.gift_cards], "{view}");
    let parts = ["gross", "discounts", "returns"].map(|part| minor(&view["order"][part]));
    assert_eq!(parts, [truth.gross, truth.discounts, truth.returns + truth.goodwill], "{view}");
    assert_eq!(view["worth"]["differences"], json!([]), "{view}");
}

async fn in_a_shop(currency: &str, taxes_included: bool) -> Story {
    let story = Story::before_install(Engine::Asked, |settings| {
        settings.shop.currency = Currency::parse(currency).unwrap();
        settings.shop.taxes_included = taxes_included;
    })
    .await;
    story.world.install().await.unwrap();
    story.settle().await;
    story
}

/// A tip, a gift card and several lines; goodwill, a piece and the rest given back; an edit; a cancellation: each is the
/// shop's own book to the cent, by payload at once and by the sales soon after.
async fn orders_are_worth_what_the_shop_sold(currency: &str, taxes_included: bool, tip: i64) {
    let story = in_a_shop(currency, taxes_included).await;
    let sell = |n: usize, wants: &[(usize, i64)]| {
        let token = story.world.shopper_comes("/").checks_out(wants, story.world.customer(n)).unwrap();
        story.world.completes(&token, Payment { paid: true, test: false, tip }).unwrap()
    };
    let refunded = sell(1, &[(2, 3), (10, 1)]);
    let edited = sell(2, &[(2, 1)]);
    let cancelled = sell(3, &[(1, 2)]);
    let many = sell(4, &[(0, 1), (1, 2), (2, 1), (3, 3), (4, 1)]);
    let all = [refunded, edited, cancelled, many];
    story.arrive().await;
    for order in all {
        is_the_book(&story, order, "payload").await;
    }
    story.pass(ASKED).await;
    for order in all {
        is_the_book(&story, order, "sales").await;
    }
    story.world.refunds(refunded, RefundKind::Goodwill(100)).unwrap();
    story.world.refunds(refunded, RefundKind::Tip(tip / 4)).unwrap();
    assert!(story.world.edits(edited) && story.world.cancels(cancelled));
    story.arrive().await;
    for order in [refunded, edited, cancelled] {
        is_the_book(&story, order, "payload").await;
    }
    is_the_book(&story, many, "sales").await;
    story.pass(AGAIN).await;
    for order in all {
        is_the_book(&story, order, "sales").await;
    }
    for kind in [RefundKind::OnePiece, RefundKind::OnePiece, RefundKind::Full] {
        for order in [refunded, many] {
            story.world.refunds(order, kind).unwrap();
        }
        story.arrive().await;
        story.pass(AGAIN).await;
        is_the_book(&story, refunded, "sales").await;
        is_the_book(&story, many, "sales").await;
        story.pass(600).await;
    }
    let view = receipt(&story, refunded).await;
    assert_eq!(minor(&view["order"]["net_sales"]), 0, "{view}");
    assert!(view["worth"]["sales"].as_array().unwrap().len() > 8, "{view}");
    // Each stage is as old as what Shopify says happened.
    let effective: Vec<&Value> =
        view["versions"].as_array().unwrap().iter().map(|stage| &stage["effective_at"]).collect();
    let happened: Vec<&Value> =
        view["worth"]["sales"].as_array().unwrap().iter().map(|one| &one["happened_at"]).collect();
    assert!(effective.iter().all(|at| happened.contains(at)), "{effective:?} {happened:?}");
    let summary = story.report("/api/reports/summary?from=2026-08-24&to=2026-08-30").await;
    let totals = story.world.book().everything();
    assert_eq!(minor(&summary["net_sales"]), totals.net + totals.pending, "{summary}");
    let book = &summary["sales_book"];
    assert_eq!([&book["orders"], &book["known"], &book["waiting"]], [&json!(4), &json!(4), &json!(0)]);
    assert_eq!(book["differences"], json!([]));
    rebuild_changes_nothing(&story).await;
    story.end().await;
}

async fn rebuild_changes_nothing(story: &Story) {
    assert_eq!(recoup::attribution::rebuild(&story.app, &shop(story).await).await.unwrap().changed, 0);
}

#[tokio::test]
async fn orders_are_worth_what_the_shop_sold_with_tax_in_the_price() {
    orders_are_worth_what_the_shop_sold("EUR", true, 1_000).await;
}

#[tokio::test]
async fn so_they_are_with_tax_on_top_and_in_whole_yen() {
    orders_are_worth_what_the_shop_sold("USD", false, 333).await;
    orders_are_worth_what_the_shop_sold("JPY", true, 400).await;
}

/// POS, drafts with staff's own reductions, renewals, free orders, buyers of other currencies, refunds, edits,
/// cancellations, payments that come late or never: a week of life, and not one order differs.
#[tokio::test]
async fn a_week_of_life_is_the_same_by_both_sources() {
    let story = Story::lived(6, |settings| {
        settings.traffic = Traffic { customers: 150, ..Traffic::default() };
    })
    .await;
    for _ in 0..8 {
        story.pass(1_800).await;
    }
    let book = story.world.book();
    let shop = shop(&story).await;
    let rows = Books::of(shop.shop_id).all(story.app.db.read()).await.unwrap();
    assert!(rows.len() > 50 && book.orders.iter().any(|order| order.renewal), "{}", rows.len());
    assert!(book.orders.iter().any(|order| order.source == "pos"));
    let ids: Vec<OrderId> = rows.iter().map(|row| row.shopify_order_id).collect();
    let mut decided = 0;
    for facts in orders::facts(story.app.db.read(), shop.shop_id, &ids).await.unwrap() {
        let truth = book.order(facts.order.shopify_order_id.0).unwrap();
        if facts.source() == orders::Source::Sales {
            decided += 1;
            assert!(facts.differences().is_empty(), "{truth:?}: {:?}", facts.differences());
            let net = facts.parts_sold(Timestamp::FOREVER).net();
            if !truth.cancelled {
                assert_eq!(net, truth.gross - truth.discounts - truth.returns - truth.goodwill, "{truth:?}");
            }
        }
    }
    assert!(decided * 100 > rows.len() * 90, "{decided} of {}", rows.len());
    rebuild_changes_nothing(&story).await;
    story.end().await;
}

/// A payload that takes a tip for goods, as ours once was read: Shopify's own book is right, and the difference is told.
#[tokio::test]
async fn where_the_two_differ_the_book_counts_and_it_is_told() {
    let story = Story::begin().await;
    story.world.set_faults(Faults { drops: 1.0, ..Faults::none() });
    let token = story.world.shopper_comes("/").checks_out(&[(2, 1)], story.world.customer(1)).unwrap();
    let order = story.world.completes(&token, Payment { paid: true, test: false, tip: 1_000 }).unwrap();
    story.arrive().await;
    story.world.set_faults(Faults::none());
    let mut body = story.world.order_body(order).unwrap();
    for line in body["line_items"].as_array_mut().unwrap() {
        line.as_object_mut().unwrap().remove("tip_payment_gateway");
    }
    (body["total_tip_received"], body["total_tip_received_set"]) = (json!("0.00"), Value::Null);
    story.world.deliver("orders/create", &body).await.unwrap();
    story.settle().await;
    let truth = story.world.book().order(order).unwrap().clone();
    let before = receipt(&story, order).await;
    assert_eq!(minor(&before["order"]["net_sales"]), truth.net + 1_000);
    assert_eq!(before["worth"]["decided_by"], "payload");
    assert!(before["worth"]["sentence"].as_str().unwrap().contains("an hour after the order"));
    story.pass(ASKED).await;
    let after = receipt(&story, order).await;
    assert_eq!([minor(&after["order"]["net_sales"]), minor(&after["order"]["tips"])], [truth.net, 1_000], "{after}");
    let kinds: Vec<_> = after["worth"]["differences"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["net_sales", "tips"]);
    let summary = story.report("/api/reports/summary?from=2026-08-24&to=2026-08-30").await["sales_book"].clone();
    let counted =
        |n: usize| (summary["differences"][n]["orders"].as_i64().unwrap(), minor(&summary["differences"][n]["amount"]));
    assert_eq!([counted(0), counted(1)], [(1, -1_000), (1, 1_000)], "{summary}");
    assert!(summary["sentence"].as_str().unwrap().contains("net sales of 1, tips of 1"), "{summary}");
    // `doctor` counts the same.
    let counts = orders::difference_counts(story.app.db.read(), shop(&story).await.shop_id).await.unwrap();
    let counts: Vec<_> = counts.iter().map(|count| (count.kind, count.orders)).collect();
    assert_eq!(counts, [(DifferenceKind::NetSales, 1), (DifferenceKind::Tips, 1)]);
    // Told rightly in the end, nothing differs any more.
    let mut right = story.world.order_body(order).unwrap();
    right["updated_at"] = json!(story.clock.now().plus_seconds(1).to_string());
    story.world.deliver("orders/updated", &right).await.unwrap();
    story.settle().await;
    let counts = orders::difference_counts(story.app.db.read(), shop(&story).await.shop_id).await.unwrap();
    assert!(counts.is_empty(), "{counts:?}");
    rebuild_changes_nothing(&story).await;
    story.end().await;
}

/// An order with more lines and refunds than a page holds is read to its end, and one Shopify does not know is left.
#[tokio::test]
async fn beyond_a_page_it_is_read_on_and_what_shopify_does_not_show_is_left() {
    let story = Story::begin().await;
    let wants: Vec<(usize, i64)> = (0..8).map(|product| (product, 6)).collect();
    let order = story.world.shopper_comes("/").buys(&wants, story.world.customer(1)).unwrap();
    let mut stranger = story.world.order_body(order).unwrap();
    stranger["id"] = json!(5_000_000_001_i64);
    (stranger["checkout_token"], stranger["source_name"]) = (Value::Null, json!("pos"));
    story.arrive().await;
    for _ in 0..5 {
        story.pass(60).await;
        story.world.refunds(order, RefundKind::OnePiece).unwrap();
    }
    story.arrive().await;
    story.world.deliver("orders/create", &stranger).await.unwrap();
    story.settle().await;
    story.pass(ASKED).await;
    is_the_book(&story, order, "sales").await;
    assert_eq!(story.count::<Sales>().await, 8 + 1 + 5, "eight lines, shipping, five pieces given back");
    let left = receipt(&story, 5_000_000_001).await;
    assert_eq!(left["worth"]["decided_by"], "payload");
    assert!(left["worth"]["sentence"].as_str().unwrap().contains("did not show"), "{left}");
    let rows = Books::find().all(story.app.db.read()).await.unwrap();
    let state = |id: i64| rows.iter().find(|row| row.shopify_order_id.0 == id).unwrap().state;
    assert_eq!((state(order), state(5_000_000_001)), (BookState::Read, BookState::Left));
    story.end().await;
}

/// Refunds, told while Shopify cannot be asked, stand by payload; once it can, the sales decide again.
#[tokio::test]
async fn while_shopify_cannot_be_asked_the_payload_decides() {
    let story = Story::begin().await;
    let order = story.world.shopper_comes("/").buys(&[(2, 2), (3, 1)], story.world.customer(1)).unwrap();
    story.arrive().await;
    story.pass(ASKED).await;
    is_the_book(&story, order, "sales").await;
    story.world.fault(Fault::AdminAnswers(502, 9_999));
    story.world.refunds(order, RefundKind::OnePiece).unwrap();
    story.arrive().await;
    story.pass(AGAIN).await;
    is_the_book(&story, order, "payload").await;
    let told = receipt(&story, order).await;
    assert!(told["worth"]["sentence"].as_str().unwrap().contains("something happened to it after"), "{told}");
    story.world.no_faults();
    story.pass(3_600).await;
    is_the_book(&story, order, "sales").await;
    // Told again, twice and late, it moves nothing.
    let calls = story.world.admin_calls();
    let body = story.world.order_body(order).unwrap();
    story.world.deliver("orders/updated", &body).await.unwrap();
    story.settle().await;
    story.pass(AGAIN).await;
    is_the_book(&story, order, "sales").await;
    assert_eq!(story.world.admin_calls(), calls);
    story.end().await;
}

/// Ordered in one year by its own word, written down today: Shopify shows it, and its day in the ledger stays its own.
#[tokio::test]
async fn a_backdated_order_is_read_too_and_stays_on_its_day() {
    let story = Story::begin().await;
    story.world.set_faults(Faults { drops: 1.0, ..Faults::none() });
    let order = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(1)).unwrap();
    story.arrive().await;
    story.world.set_faults(Faults::none());
    let mut body = story.world.order_body(order).unwrap();
    body["processed_at"] = json!("2024-03-01T12:00:00Z");
    story.world.deliver("orders/create", &body).await.unwrap();
    story.settle().await;
    story.pass(ASKED).await;
    let view = receipt(&story, order).await;
    assert_eq!(view["worth"]["decided_by"], "sales", "{view}");
    assert_eq!(view["versions"][0]["effective_at"], "2024-03-01T12:00:00Z");
    let truth = story.world.book().order(order).unwrap().net;
    let ledger = story.report("/api/reports/ledger?from=2024-03-01&to=2024-03-01").await;
    assert_eq!(minor(&ledger["total"]["net_sales"]), truth, "{ledger}");
    story.end().await;
}
