//! What an order is made of: money that is no merchandise, and parts that prices include, through the real door and
//! read again at the Admin API.

use recoup::kernel::id::ShopId;
use recoup::orders::{self, Facts, OrderId};
use recoup::shops::Shops;
use recoup::simulator::{Faults, Payment, RefundKind};
use recoup::webhooks::{Deliveries, Source};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::story::{Engine, Story};

fn case(name: &str) -> Value {
    let path = format!("{}/tests/it/fixtures/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

async fn told(story: &Story, topic: &str, body: &Value) {
    assert_eq!(story.world.deliver(topic, body).await.unwrap().status, 200);
    story.settle().await;
    // What is read again is so a moment later.
    story.pass(10).await;
}

async fn receipt(story: &Story, order: impl std::fmt::Display) -> Value {
    story.report(&format!("/api/orders/{order}/receipt")).await["order"].clone()
}

fn minor(view: &Value, part: &str) -> i64 {
    view[part]["minor"].as_i64().unwrap_or_else(|| panic!("{part}: {view}"))
}

/// Net sales, tips, duties and the total.
fn parts(view: &Value) -> [i64; 4] {
    ["net_sales", "tips", "duties", "total"].map(|part| minor(view, part))
}

/// Every amount as if nothing had been taken off: 100.00 of goods and the tip.
fn without_discount(mut order: Value) -> Value {
    for field in ["total_price", "current_total_price"] {
        order[field] = json!("110.00");
        order[format!("{field}_set")]["shop_money"]["amount"] = json!("110.00");
    }
    order["line_items"][0]["discount_allocations"] = json!([]);
    (order["discount_codes"], order["discount_applications"]) = (json!([]), json!([]));
    order
}

#[tokio::test]
async fn a_tip_is_no_merchandise_and_comes_off_when_it_is_given_back() {
    let story = Story::begin().await;
    let tipped = case("01-order-with-tip-line");
    told(&story, "orders/create", &tipped).await;
    let view = receipt(&story, &tipped["id"]).await;
    assert_eq!((parts(&view), &view["alarm"]), ([8_500, 1_000, 0, 9_500], &Value::Null));
    let ledger = story.report("/api/reports/ledger?from=2026-11-01&to=2026-11-30").await;
    assert_eq!(minor(&ledger["total"], "net_sales"), 8_500, "{ledger}");
    assert!(ledger.to_string().contains("\"minor\":1000"), "tips on their own line: {ledger}");

    let back = case("24-refund-of-tip");
    let mut order = without_discount(tipped);
    order["id"] = back["order_id"].clone();
    told(&story, "orders/create", &order).await;
    assert_eq!(parts(&receipt(&story, &order["id"]).await), [10_000, 1_000, 0, 11_000]);
    told(&story, "refunds/create", &back).await;
    let view = receipt(&story, &order["id"]).await;
    assert_eq!((parts(&view), &view["alarm"]), ([10_000, 0, 0, 11_000], &Value::Null));
    assert_eq!(minor(&view, "returns"), 0);
    story.end().await;
}

#[tokio::test]
async fn duties_are_no_sales_in_the_price_or_on_top() {
    let story = Story::begin().await;
    for name in ["11-duties-included", "11-duties-on-top"] {
        let order = case(name);
        told(&story, "orders/create", &order).await;
        let view = receipt(&story, &order["id"]).await;
        assert_eq!((parts(&view), &view["alarm"]), ([10_000, 0, 0, 10_000], &Value::Null), "{name}");
    }
    story.end().await;
}

async fn facts(story: &Story, order: i64) -> Facts {
    let shop: ShopId = Shops::find().one(story.app.db.read()).await.unwrap().unwrap().shop_id;
    orders::facts(story.app.db.read(), shop, &[OrderId(order)]).await.unwrap().pop().unwrap()
}

/// Whether an order was read again at the Admin API.
async fn reread(story: &Story, order: i64) -> bool {
    let all = Deliveries::find().all(story.app.db.read()).await.unwrap();
    let name = format!("orders/{order}@");
    all.iter().any(|one| one.source == Source::Reread && one.delivery_id.starts_with(&name))
}

/// Sells with a tip, gives some of it back, edits, cancels: read again, each state says what its webhook said.
async fn tips_are_the_same_read_again(currency: &str, tip: i64) {
    let story = Story::before_install(Engine::Asked, |settings| {
        settings.shop.currency = recoup::kernel::Currency::parse(currency).unwrap();
    })
    .await;
    story.world.install().await.unwrap();
    story.settle().await;
    let sell = |n: usize| {
        let token = story.world.shopper_comes("/").checks_out(&[(2, 1), (10, 1)], story.world.customer(n)).unwrap();
        story.world.completes(&token, Payment { paid: true, test: false, tip }).unwrap()
    };
    let (refunded, edited, cancelled) = (sell(1), sell(2), sell(3));
    story.arrive().await;
    story.pass(60).await;
    story.world.refunds(refunded, RefundKind::Tip(tip / 4)).unwrap();
    assert!(story.world.edits(edited) && story.world.cancels(cancelled));
    story.arrive().await;
    story.pass(60).await;
    for order in [refunded, edited, cancelled] {
        let before = facts(&story, order).await;
        let edit = json!({"order_edit": {"order_id": order}});
        told(&story, "orders/edited", &edit).await;
        assert!(reread(&story, order).await);
        let after = facts(&story, order).await;
        assert_eq!((&before.versions, &before.order), (&after.versions, &after.order));
        let money = |facts: &Facts| {
            let each = facts.refunds.iter();
            each.map(|r| (r.goods_minor, r.tax_minor, r.tips_minor, r.gift_cards_minor, r.moved_minor))
                .collect::<Vec<_>>()
        };
        assert_eq!(money(&before), money(&after));
        let (view, book) = (receipt(&story, order).await, story.world.book());
        let truth = book.order(order).unwrap();
        assert_eq!([minor(&view, "net_sales"), minor(&view, "tips")], [truth.net, truth.tips], "{view}");
        assert_eq!(view["alarm"], Value::Null, "{view}");
    }
    let kept = story.world.book().order(refunded).unwrap().tips;
    assert_eq!(kept, tip - tip / 4);
    story.end().await;
}

#[tokio::test]
async fn an_order_with_a_tip_says_the_same_when_it_is_read_again() {
    tips_are_the_same_read_again("EUR", 1_000).await;
}

#[tokio::test]
async fn so_it_does_in_whole_yen() {
    tips_are_the_same_read_again("JPY", 400).await;
}

#[tokio::test]
async fn what_does_not_add_up_is_marked_and_read_again() {
    let story = Story::begin().await;
    story.world.set_faults(Faults { drops: 1.0, ..Faults::none() });
    let order = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(1)).unwrap();
    story.arrive().await;
    story.world.set_faults(Faults::none());
    let truth = story.world.book().order(order).unwrap().clone();
    let wrong = |id: i64| {
        json!({"id": id, "name": "#9", "currency": "EUR", "financial_status": "paid", "source_name": "web",
            "created_at": story.clock.now(), "updated_at": truth.created_at, "total_price": "90.00",
            "line_items": [{"price": "100.00", "quantity": 1}]})
    };
    // The Admin API knows better: what it says of the same state takes the place of what does not add up.
    assert_eq!(story.world.deliver("orders/create", &wrong(order)).await.unwrap().status, 200);
    story.settle().await;
    let marked = receipt(&story, order).await;
    let alarm = marked["alarm"].as_str().unwrap().to_owned();
    assert!(alarm.contains("100.00 EUR") && alarm.contains("90.00 EUR"), "{alarm}");
    story.pass(10).await;
    let mended = receipt(&story, order).await;
    assert_eq!((minor(&mended, "net_sales"), &mended["alarm"]), (truth.net, &Value::Null), "{mended}");
    // It knows nothing of this one: the mark stays, and it is asked once.
    told(&story, "orders/create", &wrong(5_000_000_001)).await;
    let kept = receipt(&story, 5_000_000_001_i64).await;
    assert_eq!(minor(&kept, "net_sales"), 10_000);
    assert!(kept["alarm"].is_string());
    // So does a refund whose money is not what its parts come to.
    let sold = json!({"id": 5_000_000_002_i64, "currency": "EUR", "financial_status": "paid", "total_price": "100.00",
        "created_at": story.clock.now(), "updated_at": story.clock.now(), "line_items": [{"price": "100.00", "quantity": 1}]});
    told(&story, "orders/create", &sold).await;
    let back = json!({"id": 7, "order_id": sold["id"], "created_at": story.clock.now(),
        "refund_line_items": [{"subtotal": 100.0, "total_tax": 16.67, "line_item": {"gift_card": false}}],
        "transactions": [{"kind": "refund", "status": "success", "amount": "100.00", "currency": "EUR"}]});
    told(&story, "refunds/create", &back).await;
    let alarm = receipt(&story, &sold["id"]).await["alarm"].as_str().unwrap().to_owned();
    assert!(alarm.contains("116.67 EUR") && alarm.contains("100.00 EUR went back"), "{alarm}");
    story.end().await;
}

/// A shop whose money only Shopify knows opens; where it cannot be counted, it is told so.
#[tokio::test]
async fn a_shop_opens_whatever_it_counts_in() {
    for (code, counted) in [("JEP", true), ("USDC", false)] {
        let story = Story::before_install(Engine::Asked, |settings| settings.shop.named_currency = Some(code)).await;
        story.world.install().await.unwrap();
        story.settle().await;
        let shop = story.report("/api/shop").await;
        assert_eq!((shop["currency"].as_str(), shop["currency_trouble"].is_null()), (Some(code), counted), "{shop}");
        story.report("/api/reports/summary").await;
        let order = json!({"id": 5, "currency": code, "financial_status": "paid", "total_price": "12.50",
            "created_at": story.clock.now(), "updated_at": story.clock.now(),
            "line_items": [{"price": "12.50", "quantity": 1}]});
        told(&story, "orders/create", &order).await;
        if counted {
            let view = receipt(&story, 5).await;
            assert_eq!((minor(&view, "net_sales"), view["net_sales"]["currency"].as_str()), (1_250, Some("JEP")));
        } else {
            let dead = story.report("/api/deliveries?state=dead").await;
            let reason = dead["deliveries"][0]["reason"].as_str().unwrap();
            assert!(reason.starts_with("the order is in USDC, which cannot be counted"), "{reason}");
        }
        story.close().await;
    }
}
