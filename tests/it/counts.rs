//! Counts beside the facts are what the rows come to: whatever happens in whatever order, whenever it is added, and when
//! all of it is counted anew.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use recoup::db::counts;
use recoup::kernel::{Currency, Day, Timestamp};
use recoup::messages::Messages;
use recoup::shops::{Shop, Shops};
use recoup::simulator::{RefundKind, Traffic};
use recoup::{attribution, reports};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::schema::texts;
use crate::story::Story;

async fn shop(story: &Story) -> Shop {
    Shops::find().one(story.app.db.read()).await.unwrap().unwrap()
}

async fn report(story: &Story, body: Value) {
    let answer = story.world.platform_post("/api/messages/statuses", &json!({"statuses": [body]})).await.unwrap();
    assert_eq!((answer.status, &answer.json["errors"]), (200, &json!([])), "{}", answer.text);
}

/// Every cell that holds anything.
async fn cells(story: &Story) -> Vec<String> {
    let line = "book || ' ' || CAST(span AS TEXT) || ' ' || CAST(at AS TEXT) || ' ' || line || ' ' || measure || ' ' || \
                CAST(amount AS TEXT)";
    texts(&story.app.db, &format!("SELECT {line} FROM counted_cells WHERE amount <> 0 ORDER BY 1")).await
}

#[tokio::test]
async fn whatever_is_told_in_whatever_order_the_counts_are_what_the_rows_come_to() {
    let story = Story::begin().await;
    let shop = shop(&story).await;
    let campaigns = [story.campaign(|_| {}).await, story.campaign(|body| body["holdout"] = json!(0.3)).await];
    let rates = json!({"rates": [{"country": "AT", "category": "marketing", "from": "2026-08-01", "amount": "0.1", "currency": "EUR"}]});
    assert_eq!(story.world.merchant_send("PUT", "/api/settings/rates", &rates).await.unwrap().status, 200);
    let mut dice = StdRng::seed_from_u64(160);
    let mut messages: Vec<Value> = Vec::new();
    for step in 0..150 {
        if step % 10 == 0 {
            let people: Vec<Value> = (0..3)
                .map(|n| json!({"key": format!("{step}-{n}"), "phone": format!("+43660{:07}", step * 10 + n)}))
                .collect();
            let drawn = story.draw(&campaigns[step / 10 % 2], json!(people)).await;
            messages.extend(
                drawn["messages"].as_array().unwrap().iter().filter(|one| !one["held_out"].as_bool().unwrap()).cloned(),
            );
        }
        let message = &messages[dice.random_range(0..messages.len())];
        let status = ["sent", "delivered", "read", "failed"][dice.random_range(0..4)];
        let at = story.clock.now().plus_seconds(dice.random_range(0..4_000)).to_string();
        let mut body = json!({"message_id": message["message_id"], "status": status, "at": at});
        if dice.random_range(0..4) == 0 {
            let amount = ["0.0712", "0.07", "0.0712345"][dice.random_range(0..3)];
            body["cost"] =
                json!({"amount": amount, "currency": if dice.random_range(0..2) == 0 { "EUR" } else { "USD" }});
        }
        report(&story, body).await;
        match dice.random_range(0..6) {
            0 => counts::fold(&story.app.db, shop.shop_id).await.unwrap(),
            1 => story.clock.advance_to(story.clock.now().plus_seconds(dice.random_range(0..7_200))),
            _ => {}
        }
    }
    // Half of it is not added yet, and a report says the same before and after.
    let said = story.report("/api/reports/summary").await["funnel"].clone();
    let codes = story.report("/api/codes").await["total"].clone();
    reports::count_doubted(&story.app).await.unwrap();
    counts::fold(&story.app.db, shop.shop_id).await.unwrap();
    assert_eq!(texts(&story.app.db, "SELECT key FROM count_doubts").await, Vec::<String>::new());
    assert_eq!(texts(&story.app.db, "SELECT changes FROM count_changes").await, Vec::<String>::new());
    assert_eq!(story.report("/api/reports/summary").await["funnel"], said);
    assert_eq!(story.report("/api/codes").await["total"], codes);
    assert!(codes["delivered"].as_i64() > Some(10) && codes["live"].as_i64() > Some(0), "{codes}");
    let before = cells(&story).await;
    assert!(before.len() > 100, "{}", before.len());
    assert_eq!(reports::recount(&story.app, &shop).await.unwrap(), 0, "the counts were right");
    assert_eq!(cells(&story).await, before);

    // What was lost is found again.
    let db = story.app.db.write();
    db.execute_unprepared("UPDATE counted_cells SET amount = amount + 1 WHERE measure = 'read'").await.unwrap();
    db.execute_unprepared("DELETE FROM counted_cells WHERE book = 'draws'").await.unwrap();
    assert_ne!(story.report("/api/reports/summary").await["funnel"], said);
    assert!(reports::recount(&story.app, &shop).await.unwrap() > 0);
    assert_eq!(cells(&story).await, before);
    assert_eq!(story.report("/api/reports/summary").await["funnel"], said);
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn what_is_told_at_the_same_time_is_counted_once() {
    let story = Story::begin().await;
    let shop = shop(&story).await;
    let campaign = story.campaign(|_| {}).await;
    for round in 0..6 {
        let people: Vec<Value> = (0..2)
            .map(|n| json!({"key": format!("{round}-{n}"), "phone": format!("+43660{:07}", round * 10 + n)}))
            .collect();
        let drawn = story.draw(&campaign, json!(people)).await;
        let at = story.clock.now().plus_seconds(5).to_string();
        let told = drawn["messages"].as_array().unwrap().iter().flat_map(|message| {
            let at = at.clone();
            let body = move |status| json!({"message_id": message["message_id"], "status": status, "at": at});
            ["sent", "delivered", "read", "delivered"].map(body)
        });
        let told: Vec<_> = told.map(|body| report(&story, body)).collect();
        let folds = (0..3).map(|_| async {
            reports::count_doubted(&story.app).await.unwrap();
            counts::fold(&story.app.db, shop.shop_id).await.unwrap();
        });
        futures::join!(join_all(told), join_all(folds));
    }
    let funnel = story.report("/api/reports/summary").await["funnel"].clone();
    let came = ["issued", "sent", "delivered", "read", "failed"].map(|step| funnel[step].as_i64().unwrap());
    assert_eq!(came, [12, 12, 12, 12, 0]);
    assert_eq!(story.report("/api/codes").await["total"]["delivered"], json!(12));
    join_all((0..3).map(|_| async { reports::count_doubted(&story.app).await.unwrap() })).await;
    assert_eq!(story.report("/api/codes").await["total"]["delivered"], json!(12));
    counts::fold(&story.app.db, shop.shop_id).await.unwrap();
    assert_eq!(reports::recount(&story.app, &shop).await.unwrap(), 0);
    story.settle().await;
    story.end().await;
}

/// Days of 23, 24½ and 25 hours, in zones a quarter of an hour and more off the full one: the counts of every day are what
/// a plain loop over the rows comes to.
#[tokio::test]
async fn a_shops_days_are_its_own_also_when_its_clocks_change() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    for (zone, first) in [
        ("Europe/Vienna", "2026-10-24T20:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-31T11:00:00Z"),
        ("Asia/Kathmandu", "2026-11-05T15:00:00Z"),
        ("Pacific/Chatham", "2027-04-03T10:00:00Z"),
    ] {
        let change = format!("UPDATE shops SET time_zone = '{zone}'");
        story.app.db.write().execute_unprepared(&change).await.unwrap();
        story.app.db.changed();
        story.clock.advance_to(Timestamp::parse(first).unwrap());
        for step in 0..26 {
            let people: Vec<Value> = (0..=step % 3)
                .map(|n| json!({"key": format!("{zone}-{step}-{n}"), "phone": format!("+43660{:07}", step * 10 + n)}))
                .collect();
            let drawn = story.draw(&campaign, json!(people)).await;
            let message = &drawn["messages"][0]["message_id"];
            report(&story, json!({"message_id": message, "status": "read", "at": story.clock.now().to_string()})).await;
            story.clock.advance_to(story.clock.now().plus_seconds(6_300));
        }
        let zone: Tz = zone.parse().unwrap();
        let shop = shop(&story).await;
        let mut days: BTreeMap<Day, (i64, i64)> = BTreeMap::new();
        let since = Messages::of(shop.shop_id)
            .filter(recoup::messages::MessageColumn::IssuedAt.gte(Timestamp::parse(first).unwrap()));
        for message in since.all(story.app.db.read()).await.unwrap() {
            let day = days.entry(message.issued_at.day(zone)).or_default();
            *day = (day.0 + 1, day.1 + i64::from(message.read_at.is_some()));
        }
        assert!(days.len() > 2, "{days:?}");
        for (day, (issued, read)) in days {
            let funnel = story.report(&format!("/api/reports/summary?from={day}&to={day}")).await["funnel"].clone();
            assert_eq!((&funnel["issued"], &funnel["read"]), (&json!(issued), &json!(read)), "{zone} {day}");
        }
    }
    story.settle().await;
    story.end().await;
}

/// What a shop's reports say, by every page that reads counts.
async fn said(story: &Story, periods: &[String]) -> Vec<(String, Value)> {
    let mut said = Vec::new();
    for period in periods {
        for report in ["summary", "kpis", "ledger", "costs", "links", "opt-outs", "checkouts"] {
            let path = format!("/api/reports/{report}?{period}");
            if report == "checkouts" && period.contains("campaign") {
                continue;
            }
            said.push((path.clone(), story.report(&path).await));
        }
        for model in ["first_touch", "linear", "time_decay"] {
            let path = format!("/api/reports/summary?{period}&model={model}");
            said.push((path.clone(), story.report(&path).await));
        }
        for state in ["", "&state=live", "&state=redeemed", "&state=expired"] {
            let path = format!("/api/codes?{period}{state}");
            said.push((path.clone(), story.report(&path).await["total"].clone()));
        }
    }
    said.push(("/api/campaigns".to_owned(), story.report("/api/campaigns").await));
    said
}

/// A world with refunds, edits, cancellations, lost and repeated news, in currencies of no, two and three decimals: its
/// reports say from counts what they say from raw rows, by slow statements that know nothing of counts.
#[tokio::test]
async fn reports_say_from_counts_what_the_raw_rows_say() {
    for (currency, seed) in [("EUR", 161), ("JPY", 162), ("KWD", 163)] {
        let story = Story::lived(9, |settings| {
            settings.seed = seed;
            settings.shop.currency = Currency::parse(currency).unwrap();
            settings.traffic = Traffic {
                customers: 120,
                customer_buys_daily: 0.05,
                strangers_daily: 3.0,
                broadcast_every_days: 3,
                message_effect: 0.1,
                code_effect: 0.1,
                ..Traffic::default()
            };
        })
        .await;
        let shop = shop(&story).await;
        let orders = story.world.book().orders;
        for (order, kind) in
            orders.iter().rev().take(3).zip([RefundKind::Full, RefundKind::OnePiece, RefundKind::Goodwill(100)])
        {
            drop(story.world.refunds(order.shopify_order_id, kind));
        }
        story.arrive().await;
        let last = story.clock.now().day(Tz::UTC);
        let campaign = story.report("/api/campaigns").await["campaigns"][0]["id"].as_str().unwrap().to_owned();
        let days = |from: i32, to: i32| format!("from={}&to={}", last.plus(from), last.plus(to));
        let periods = [days(-10, 1), days(-5, -3), days(-2, -2), format!("{}&campaign={campaign}", days(-9, 0))];
        let counted = said(&story, &periods).await;
        let (sold, attributed) = (&counted[0].1["orders"]["sales"], &counted[0].1["orders"]["attributed"]);
        assert!(sold.as_i64() > Some(20) && attributed.as_i64() > Some(0), "{sold} {attributed}");
        let told =
            |path: &str| counted.iter().find(|(of, _)| of.starts_with(path)).map(|(_, told)| told.clone()).unwrap();
        assert!(told("/api/reports/checkouts")["abandoned"]["checkouts"].as_i64() > Some(0));
        let linear = counted.iter().find(|(of, _)| of.ends_with("model=linear")).map(|(_, told)| told.clone()).unwrap();
        let credited =
            linear["campaigns"].as_array().unwrap().iter().map(|one| one["attributed"]["minor"].as_i64().unwrap());
        assert!(credited.sum::<i64>() > 0 && linear["channels"] != json!([]), "{}", linear["channels"]);
        let seen = &counted[0].1["pixel"]["seen"];
        assert!(seen.as_i64() > Some(0) && counted[0].1["journeys"]["told"].as_i64() > Some(0), "{seen}");
        // What changed since, and nobody has counted yet, a report looks after itself.
        let db = story.app.db.write();
        let (asked, told) = ("state = 'waiting'", "state = 'nothing'");
        for (table, now) in [("order_books", asked), ("order_journeys", told)] {
            let some = format!("UPDATE {table} SET {now} WHERE shopify_order_id % 3 = 0");
            db.execute_unprepared(&some).await.unwrap();
        }
        let ids: Vec<String> = orders.iter().map(|order| order.shopify_order_id.to_string()).collect();
        counts::doubt(db, shop.shop_id, counts::ORDERS, ids).await.unwrap();
        let doubted = said(&story, &periods).await;
        assert_ne!(doubted[0].1["sales_book"], counted[0].1["sales_book"], "{currency}");
        assert_eq!(doubted[0].1["orders"], counted[0].1["orders"], "{currency}");
        reports::count_doubted(&story.app).await.unwrap();
        let counted = said(&story, &periods).await;
        assert_eq!(doubted, counted, "{currency}");
        // Books that nobody has counted are not read.
        story.app.db.write().execute_unprepared("DELETE FROM counted_books").await.unwrap();
        for ((path, raw), (_, counted)) in said(&story, &periods).await.iter().zip(&counted) {
            assert_eq!(raw, counted, "{currency} {path}");
        }
        assert_eq!(reports::recount(&story.app, &shop).await.unwrap(), 0, "{currency}");
        // Judged all over again, the counts are the same; and so they are when all of them are counted anew.
        attribution::rebuild(&story.app, &shop).await.unwrap();
        let before = cells(&story).await;
        story.app.db.write().execute_unprepared("DELETE FROM counted_cells").await.unwrap();
        assert!(reports::recount(&story.app, &shop).await.unwrap() > 0);
        assert_eq!(cells(&story).await, before, "{currency}");
        assert_eq!(said(&story, &periods).await, counted, "{currency}");
        story.settle().await;
        story.end().await;
    }
}
