//! Cohorts by first touch, paths and models, the ledger's days and the days before, each counted once more by plain loops
//! over rows and receipts.

use std::collections::{BTreeMap, BTreeSet};

use recoup::attribution::{RECEIPT, Receipts};
use recoup::kernel::Day;
use recoup::orders::{OrderId, Orders};
use recoup::simulator::Traffic;
use sea_orm::{EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::story::Story;

fn minor(value: &Value) -> i64 {
    value["minor"].as_i64().unwrap_or_else(|| panic!("{value} is no money"))
}

async fn lived() -> Story {
    let story = Story::lived(14, |settings| {
        settings.traffic =
            Traffic { customers: 250, customer_buys_daily: 0.03, broadcast_every_days: 3, ..Traffic::default() };
    })
    .await;
    story.pass(7_200).await;
    story
}

/// Every order of the list: id, line, day, minor units.
async fn orders(story: &Story, asked: &str) -> Vec<(i64, String, Day, i64)> {
    let (mut cursor, mut all) = (String::new(), Vec::new());
    loop {
        let page = story.report(&format!("/api/orders?{asked}&limit=200{cursor}")).await;
        for order in page["orders"].as_array().unwrap() {
            let at = recoup::kernel::Timestamp::parse(order["ordered_at"].as_str().unwrap()).unwrap();
            all.push((
                order["shopify_order_id"].as_str().unwrap().parse().unwrap(),
                order["line"].as_str().unwrap().to_owned(),
                at.day(chrono_tz::Europe::Vienna),
                minor(&order["net_sales"]),
            ));
        }
        let Some(next) = page["next_cursor"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

/// Month as it is written.
fn month(day: Day) -> String {
    day.to_string()[..7].to_owned()
}

const PAID: [&str; 3] = ["attributed", "attributed_shared", "unattributed"];

#[tokio::test]
async fn cohorts_are_what_a_loop_over_orders_and_receipts_says() {
    let story = lived().await;
    let db = story.app.db.read();
    let last = story.clock.now().day(chrono_tz::Europe::Vienna);
    let all = orders(&story, &format!("from={}&to={last}", last.plus(-60))).await;
    let whose: BTreeMap<OrderId, Option<i64>> = Orders::find()
        .all(db)
        .await
        .unwrap()
        .into_iter()
        .map(|order| (order.shopify_order_id, order.shopify_customer_id))
        .collect();
    let receipts = Receipts::find().filter(RECEIPT.policy.eq("default")).all(db).await.unwrap();
    for by in ["any", "whatsapp"] {
        let report = story.report(&format!("/api/reports/cohorts?months=3&to={last}&by={by}")).await;
        assert_eq!((&report["whole"], &report["by"]), (&json!(true), &json!(by)));
        // First touches of customers, over all their orders.
        let mut first: BTreeMap<i64, Day> = BTreeMap::new();
        for receipt in &receipts {
            let Some(customer) = whose[&receipt.shopify_order_id] else { continue };
            if !all.iter().any(|(id, line, ..)| *id == receipt.shopify_order_id.0 && PAID.contains(&line.as_str())) {
                continue;
            }
            for touch in &receipt.document.touchpoints {
                if by == "any" || touch.message_id.is_some() {
                    let day = touch.at.day(chrono_tz::Europe::Vienna);
                    first.entry(customer).and_modify(|known| *known = day.min(*known)).or_insert(day);
                }
            }
        }
        let mut cells: BTreeMap<(String, String), (BTreeSet<i64>, i64, i64)> = BTreeMap::new();
        let (mut untouched, mut nameless, mut total) = ((BTreeSet::new(), 0, 0), (0, 0), (0, 0));
        for (id, line, day, net) in &all {
            if !PAID.contains(&line.as_str()) {
                continue;
            }
            total = (total.0 + 1, total.1 + net);
            match whose[&OrderId(*id)].map(|customer| (customer, first.get(&customer))) {
                None => nameless = (nameless.0 + 1, nameless.1 + net),
                Some((customer, None)) => {
                    untouched.0.insert(customer);
                    untouched = (untouched.0, untouched.1 + 1, untouched.2 + net);
                }
                Some((customer, Some(first))) => {
                    let cell = cells.entry((month(*first), month(*day))).or_default();
                    cell.0.insert(customer);
                    *cell = (std::mem::take(&mut cell.0), cell.1 + 1, cell.2 + net);
                }
            }
        }
        let told = |sum: &Value| {
            (sum["customers"].as_i64().unwrap(), sum["orders"].as_i64().unwrap(), minor(&sum["net_sales"]))
        };
        assert_eq!(told(&report["untouched"]), (untouched.0.len() as i64, untouched.1, untouched.2), "{by}");
        assert_eq!(told(&report["nameless"]), (0, nameless.0, nameless.1), "{by}");
        assert_eq!((told(&report["total"]).1, told(&report["total"]).2), total, "{by}");
        let mut found = BTreeMap::new();
        for cohort in report["cohorts"].as_array().unwrap() {
            let begun = Day::parse(cohort["month"].as_str().unwrap()).unwrap();
            let mut whole = (told(&cohort["before"]).1, told(&cohort["before"]).2);
            for cell in cohort["cells"].as_array().unwrap() {
                let (customers, orders, net) = told(cell);
                whole = (whole.0 + orders, whole.1 + net);
                if orders > 0 {
                    let after = cell["after"].as_i64().unwrap() as i32;
                    found.insert((month(begun), month(begun.plus_months(after))), (customers, orders, net));
                }
            }
            assert_eq!(whole, (told(cohort).1, told(cohort).2), "the cells are the cohort: {cohort}");
        }
        let expected: BTreeMap<_, _> = cells
            .into_iter()
            .filter(|((first, day), _)| first <= day)
            .map(|(key, (customers, orders, net))| (key, (customers.len() as i64, orders, net)))
            .collect();
        assert!(expected.len() >= 2, "a life of more than one month: {expected:?}");
        assert_eq!(found, expected, "{by}");
        let sums = report["cohorts"].as_array().unwrap().iter().map(|one| minor(&one["net_sales"])).sum::<i64>();
        assert_eq!(sums + untouched.2 + nameless.1, total.1, "nothing is lost");
    }
    for (asked, field) in [("months=25", "months"), ("to=soon", "to"), ("policy=none", "policy")] {
        let refused = story.world.merchant_get(&format!("/api/reports/cohorts?{asked}")).await.unwrap();
        assert_eq!((refused.status, &refused.json["field"]), (422, &json!(field)));
    }
    story.end().await;
}

#[tokio::test]
async fn paths_hold_every_journey_and_the_ledgers_days_every_order() {
    let story = lived().await;
    let last = story.clock.now().day(chrono_tz::Europe::Vienna);
    let asked = format!("from={}&to={last}", last.plus(-9));
    let all = orders(&story, &asked).await;

    // Paths, from the receipts themselves.
    let receipts = Receipts::find().filter(RECEIPT.policy.eq("default")).all(story.app.db.read()).await.unwrap();
    let mut paths: BTreeMap<Vec<String>, (i64, i64)> = BTreeMap::new();
    let mut originating = 0;
    for receipt in receipts {
        let order =
            all.iter().find(|(id, line, ..)| *id == receipt.shopify_order_id.0 && PAID.contains(&line.as_str()));
        let touches = &receipt.document.touchpoints;
        let (Some((_, line, _, net)), false) = (order, touches.is_empty()) else { continue };
        let channels = touches.iter().map(|touch| touch.channel.word().to_owned()).collect();
        let sum = paths.entry(channels).or_default();
        *sum = (sum.0 + 1, sum.1 + net);
        originating += if line == "unattributed" { 0 } else { *net };
    }
    let report = story.report(&format!("/api/reports/journeys?{asked}")).await;
    assert_eq!(report["converted"].as_i64().unwrap(), paths.values().map(|one| one.0).sum::<i64>());
    assert_eq!(minor(&report["value"]), paths.values().map(|one| one.1).sum::<i64>());
    assert_eq!(minor(&report["originating"]), originating);
    let told = report["paths"].as_array().unwrap();
    assert!(told.len() > 3 && told.is_sorted_by_key(|path| -minor(&path["value"])), "{told:?}");
    for path in told.iter().filter(|path| path["orders"] != 0) {
        let channels: Vec<String> = serde_json::from_value(path["channels"].clone()).unwrap();
        assert_eq!((path["orders"].as_i64().unwrap(), minor(&path["value"])), paths[&channels], "{path}");
    }
    // Seven models share journey by journey; what the evidence leads to is all WhatsApp's.
    let channels = report["channels"].as_array().unwrap();
    let amount = |channel: &Value, model: &str| {
        let shares = channel["shares"].as_array().unwrap();
        minor(&shares.iter().find(|share| share["model"] == model).unwrap()["amount"])
    };
    assert!(channels.iter().all(|channel| channel["shares"].as_array().unwrap().len() == 7));
    for channel in channels {
        let expected = if channel["channel"] == "whatsapp" { originating } else { 0 };
        assert_eq!(amount(channel, "originating"), expected);
    }

    // The ledger by day.
    let ledger = story.report(&format!("/api/reports/ledger?{asked}")).await;
    let days = ledger["days"].as_array().unwrap();
    let mut sum = 0;
    for day in days {
        let on = Day::parse(day["day"].as_str().unwrap()).unwrap();
        let theirs = || all.iter().filter(|(_, _, ordered, _)| *ordered == on);
        assert_eq!(day["orders"].as_i64().unwrap(), theirs().count() as i64, "{on}");
        assert_eq!(minor(&day["net_sales"]), theirs().map(|one| one.3).sum::<i64>(), "{on}");
        for line in day["lines"].as_array().unwrap() {
            let on_line = || theirs().filter(|one| line["line"] == one.1);
            assert_eq!(line["orders"].as_i64().unwrap(), on_line().count() as i64, "{on} {line}");
            assert_eq!(minor(&line["net_sales"]), on_line().map(|one| one.3).sum::<i64>(), "{on} {line}");
        }
        // What a day opens.
        let listed = orders(&story, &format!("from={on}&to={on}&measure=certain")).await;
        assert_eq!(minor(&day["certain"]), listed.iter().map(|one| one.3).sum::<i64>(), "{on}");
        sum += minor(&day["net_sales"]);
    }
    assert_eq!(sum, minor(&ledger["total"]["net_sales"]));
    for line in ledger["lines"].as_array().unwrap() {
        let parts = line["certainty"].as_array().unwrap();
        let credited = ["attributed", "attributed_shared"].contains(&line["line"].as_str().unwrap());
        let whole: i64 = parts.iter().map(|part| minor(&part["amount"])).sum();
        assert_eq!(whole, if credited { minor(&line["net_sales"]) } else { 0 }, "{line}");
    }

    // The days before are what asking for them says.
    let half = format!("from={}&to={last}", last.plus(-4));
    let (now, then) = (
        story.report(&format!("/api/reports/summary?{half}")).await,
        story.report(&format!("/api/reports/summary?from={}&to={}", last.plus(-9), last.plus(-5))).await,
    );
    assert_eq!((&now["before"]["from"], &now["before"]["to"]), (&then["from"], &then["to"]));
    for measure in ["net_sales", "attributed", "recovered", "assisted", "pending"] {
        assert_eq!(now["before"][measure], then[measure], "{measure}");
    }
    for (n, class) in ["certain", "strong"].iter().enumerate() {
        assert_eq!(now["before"][*class], then["certainty"][n]["amount"], "{class}");
    }
    assert!(minor(&now["before"]["attributed"]) > 0);
    assert_eq!(now["before"]["begins_on"], Value::Null, "those days are whole");
    let whole = story.report(&format!("/api/reports/summary?from={}&to={last}", last.plus(-40))).await;
    let all = orders(&story, &format!("from={}&to={last}", last.plus(-60))).await;
    let first = all.iter().map(|one| one.2).min().unwrap();
    assert_eq!(whole["before"]["begins_on"], json!(first.to_string()), "and those are not");
    story.end().await;
}
