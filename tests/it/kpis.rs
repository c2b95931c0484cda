//! Every indicator, counted once more from what the world knows was told, by plain loops.

use std::collections::BTreeSet;

use recoup::simulator::{OrderBook, Recipient, Traffic};
use serde_json::{Value, json};

use crate::story::Story;

const DAYS: i64 = 10;

async fn lived() -> Story {
    Story::lived(DAYS, |settings| {
        settings.faults.status_drops = 0.05;
        settings.traffic = Traffic {
            customers: 250,
            customer_buys_daily: 0.03,
            strangers_daily: 4.0,
            broadcast_every_days: 3,
            message_effect: 0.06,
            code_effect: 0.05,
            ..Traffic::default()
        };
    })
    .await
}

fn told(one: &Recipient, status: &str) -> bool {
    one.told.iter().any(|told| told.status == status)
}

fn arrived(one: &Recipient) -> bool {
    told(one, "delivered") || told(one, "read")
}

/// What each indicator divides, from the book.
fn counted(book: &OrderBook, name: &str) -> (i64, i64) {
    let messages = || book.recipients.iter().filter(|one| !one.held_out);
    let count = |of: &dyn Fn(&&Recipient) -> bool| messages().filter(of).count() as i64;
    let delivered = count(&|one| arrived(one));
    // Who is reached by another address is another person here too: nothing but the platform's key tells them.
    let person = |one: &Recipient| one.phone.clone().or(one.email.clone()).unwrap_or_else(|| one.key.clone());
    let senders: BTreeSet<String> = messages().filter(|one| told(one, "read")).map(person).collect();
    let sends = |one: &&Recipient| arrived(one) && senders.contains(&person(one));
    let used: BTreeSet<&str> = book.orders.iter().flat_map(|order| order.codes.iter().map(String::as_str)).collect();
    let redeemed = |one: &&Recipient| one.code.iter().chain(&one.brought).any(|code| used.contains(code.as_str()));
    // Every campaign of this world has an offer, so every message has a code, if only when its link is tapped.
    match name {
        "delivery_rate" => (delivered, count(&|one| arrived(one) || told(one, "sent"))),
        "read_rate" => (count(&|one| told(one, "read")), delivered),
        "read_rate_receipts" => (count(&|one| sends(one) && told(one, "read")), count(&sends)),
        "click_through" => (count(&|one| !one.taps.is_empty()), delivered),
        "click_to_read" => (count(&|one| !one.taps.is_empty()), count(&|one| told(one, "read"))),
        "redemption_rate" => (count(&|one| arrived(one) && redeemed(one)), delivered),
        _ => panic!("{name} is not of messages alone"),
    }
}

fn of<'a>(kpis: &'a Value, name: &str) -> &'a Value {
    kpis["kpis"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

fn close(value: &Value, expected: f64) -> bool {
    value.as_f64().is_some_and(|value| (value - expected).abs() < 1e-9)
}

#[tokio::test]
async fn every_indicator_is_what_the_world_counts() {
    let story = lived().await;
    let book = story.world.book();
    let last = story.clock.now().day(chrono_tz::UTC).plus(1);
    let first = last.plus(-(DAYS as i32) - 2);
    let days = format!("from={first}&to={last}");
    let kpis = story.report(&format!("/api/reports/kpis?{days}")).await;
    let summary = story.report(&format!("/api/reports/summary?{days}")).await;
    for name in
        ["delivery_rate", "read_rate", "read_rate_receipts", "click_through", "click_to_read", "redemption_rate"]
    {
        let (numerator, denominator) = counted(&book, name);
        let found = of(&kpis, name);
        assert!(numerator > 0 && denominator > 0, "{name}: {numerator} of {denominator}");
        assert_eq!((&found["numerator"], &found["denominator"]), (&json!(numerator), &json!(denominator)), "{found}");
        let (k, n, z) = (numerator as f64, denominator as f64, 1.959_963_984_540_054_f64);
        assert!(close(&found["value"], k / n), "{found}");
        let half = z / (1.0 + z * z / n) * (k / n * (1.0 - k / n) / n + z * z / (4.0 * n * n)).sqrt();
        let middle = (k / n + z * z / (2.0 * n)) / (1.0 + z * z / n);
        if numerator < denominator {
            assert!(close(&found["low"], middle - half) && close(&found["high"], middle + half), "{found}");
        }
    }
    let (orders, net) = (&summary["orders"]["attributed"], &summary["attributed"]["minor"]);
    let delivered = counted(&book, "read_rate").1;
    let average = of(&kpis, "average_order_value");
    assert_eq!((&average["numerator"], &average["denominator"]), (net, orders));
    let cents = (net.as_f64().unwrap() / orders.as_f64().unwrap()).round() as i64;
    assert_eq!(average["amount"]["minor"].as_i64().unwrap(), cents);
    let revenue = of(&kpis, "revenue_per_recipient");
    assert_eq!((&revenue["numerator"], &revenue["denominator"]), (net, &json!(delivered)));
    assert_eq!(of(&kpis, "conversion_rate")["numerator"], summary["funnel"]["ordered"]);
    // Nobody told a price, and the shop has no rates: what it takes is not known, and nothing is said to be free.
    for name in ["cost_per_message", "return_on_spend"] {
        assert_eq!((&of(&kpis, name)["value"], &of(&kpis, name)["amount"]), (&Value::Null, &Value::Null), "{name}");
    }
    let stops = story.report(&format!("/api/reports/opt-outs?{days}")).await;
    let rate = of(&kpis, "opt_out_rate");
    assert_eq!((&rate["numerator"], &rate["denominator"]), (&stops["opt_outs"], &stops["delivered"]));
    assert_eq!(rate["low"], stops["rate"]["low"]);

    // The period before is what asking for it says, and before the beginning there is nothing to divide by.
    let middle = first.plus(6);
    let late = story.report(&format!("/api/reports/kpis?from={middle}&to={}", middle.plus(5))).await;
    let early = story.report(&format!("/api/reports/kpis?from={}&to={}", middle.plus(-6), middle.plus(-1))).await;
    assert_eq!((&late["before_from"], &late["before_to"]), (&early["from"], &early["to"]));
    for one in early["kpis"].as_array().unwrap() {
        let before = &of(&late, one["name"].as_str().unwrap())["before"];
        for field in ["numerator", "denominator", "value", "low", "high", "amount"] {
            assert_eq!(before[field], one[field], "{} {field}", one["name"]);
        }
        assert_eq!((&one["before"]["denominator"], &one["before"]["value"]), (&json!(0), &Value::Null));
        assert!(one["definition"].as_str().unwrap().contains(" / "), "{one}");
    }
    story.end().await;
}

#[tokio::test]
async fn groups_come_in_pages_and_what_cannot_be_told_apart_is_refused() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    story.draw(&campaign, json!([{"key": "ana", "phone": "+436601111111"}])).await;
    let to = story.clock.now().day(chrono_tz::UTC);
    let path = format!("/api/reports/kpis?from={}&to={to}&by=day", to.plus(-399));
    let first = story.report(&path).await;
    let cursor = first["next_cursor"].as_str().expect("there are more days than a page has");
    let second = story.report(&format!("{path}&cursor={cursor}")).await;
    assert_eq!((&first["kpis"], &second["next_cursor"]), (&second["kpis"], &Value::Null));
    let groups = [&first, &second].map(|page| page["groups"].as_array().unwrap().clone());
    assert_eq!(groups.each_ref().map(Vec::len), [366, 34]);
    let days: Vec<Value> = groups.iter().flatten().map(|group| group["key"].clone()).collect();
    assert_eq!(days, (0..400).map(|n| json!(to.plus(n - 399))).collect::<Vec<_>>());
    let made: i64 = groups.iter().flatten().map(|group| group["messages"].as_i64().unwrap()).sum();
    assert_eq!(made, 1);
    for (wrong, at) in [
        ("by=code", Some("campaign")),
        ("cursor=1.a", Some("cursor")),
        ("by=campaign&cursor=a", Some("cursor")),
        ("by=weekday", None),
        ("model=linear", None),
    ] {
        let answer = story.world.merchant_get(&format!("/api/reports/kpis?{wrong}")).await.unwrap();
        assert!((400..500).contains(&answer.status), "{wrong}: {}", answer.text);
        assert!(at.is_none_or(|at| answer.text.contains(at)), "{wrong}: {}", answer.text);
    }
    story.settle().await;
    story.end().await;
}
