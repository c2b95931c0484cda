//! Tables as files: what they hold is what the reports count, to the cent; nothing in them is a formula, and nobody is named.

use std::collections::BTreeSet;

use recoup::simulator::Traffic;
use serde_json::{Value, json};

use crate::story::Story;

async fn lived() -> Story {
    Story::lived(9, |settings| {
        settings.traffic = Traffic {
            customers: 1_500,
            customer_buys_daily: 0.01,
            strangers_daily: 8.0,
            broadcast_every_days: 3,
            ..Traffic::default()
        };
    })
    .await
}

/// Header and rows of a CSV file.
async fn csv(story: &Story, path: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let answer = story.world.merchant_get(path).await.unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    (header, rows.collect())
}

async fn lines(story: &Story, path: &str) -> Vec<Value> {
    let answer = story.world.merchant_get(path).await.unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn cells<'a>(file: &'a (Vec<String>, Vec<Vec<String>>), column: &str) -> Vec<&'a str> {
    let place = file.0.iter().position(|name| name == column).unwrap_or_else(|| panic!("no column {column}"));
    file.1.iter().map(|row| row[place].as_str()).collect()
}

fn sum(cells: Vec<&str>) -> i64 {
    cells.into_iter().map(|cell| cell.parse::<i64>().unwrap()).sum()
}

#[tokio::test]
async fn files_hold_what_the_reports_count() {
    let story = lived().await;
    let book = story.world.book();
    let days = format!("from={}&to={}", book.orders.first().unwrap().day, book.orders.last().unwrap().day);
    let ledger = story.report(&format!("/api/reports/ledger?{days}")).await;

    let orders = csv(&story, &format!("/api/exports/orders.csv?{days}")).await;
    assert_eq!(orders.1.len(), book.orders.len(), "every order is one row");
    assert_eq!(sum(cells(&orders, "net_sales_minor")), ledger["total"]["net_sales"]["minor"].as_i64().unwrap());
    for line in ledger["lines"].as_array().unwrap() {
        let on_it = cells(&orders, "line").into_iter().filter(|cell| *cell == line["line"]).count();
        assert_eq!(on_it as i64, line["orders"].as_i64().unwrap(), "{line}");
    }
    let mut ids = cells(&orders, "shopify_order_id");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), orders.1.len(), "no order twice");

    let told = lines(&story, &format!("/api/exports/orders.jsonl?{days}&receipts=true")).await;
    assert_eq!(told.len(), orders.1.len());
    for (row, line) in orders.1.iter().zip(&told) {
        assert_eq!(
            (row[0].as_str(), row[5].as_str()),
            (line["shopify_order_id"].as_str().unwrap(), line["net_sales"].as_str().unwrap())
        );
        let won = line["receipt"]["candidates"].as_array().unwrap().iter().find(|one| one["outcome"] == "won");
        let won = won.map_or(&Value::Null, |one| &one["message_id"]);
        if line["line"] != "pending" {
            assert!(won == &line["message_id"] || line["message_id"].is_null(), "{line}");
        }
    }

    // The last of them were sent after the last order.
    let days = format!("from={}&to={}", book.orders[0].day, story.clock.now().day(chrono_tz::UTC).plus(1));
    let messages = csv(&story, &format!("/api/exports/messages.csv?{days}")).await;
    let sent = book.recipients.iter().filter(|one| !one.held_out).count();
    assert!(sent > 1_000, "more than a page: {sent}");
    assert_eq!(messages.1.len(), sent);
    let clicks = csv(&story, &format!("/api/exports/clicks.csv?{days}")).await;
    let hits: BTreeSet<&str> = cells(&clicks, "click_id").into_iter().collect();
    let tapped: Vec<&str> = book.recipients.iter().flat_map(|one| &one.taps).map(|tap| tap.click.as_str()).collect();
    assert!(!tapped.is_empty() && tapped.iter().all(|tap| hits.contains(tap)), "every tap is a row");
    assert!(hits.len() > tapped.len() && hits.len() == clicks.1.len(), "and so are hits of machines, each once");

    let campaign = cells(&messages, "campaign_id")[0].to_owned();
    let of_it = |file: &(Vec<String>, Vec<Vec<String>>), name| {
        cells(file, name).into_iter().map(str::to_owned).collect::<BTreeSet<String>>()
    };
    let own = csv(&story, &format!("/api/exports/messages.csv?{days}&campaign={campaign}")).await;
    assert_eq!(of_it(&own, "campaign_id"), BTreeSet::from([campaign.clone()]));
    let taps = csv(&story, &format!("/api/exports/clicks.csv?{days}&campaign={campaign}")).await;
    assert!(!taps.1.is_empty() && taps.1.len() < clicks.1.len());
    assert!(of_it(&taps, "link").is_subset(&of_it(&own, "link")), "taps on links of the campaign only");

    let lines = csv(&story, &format!("/api/exports/ledger.csv?{days}")).await;
    let total = cells(&lines, "line").iter().position(|line| *line == "total").unwrap();
    assert_eq!(
        sum(cells(&lines, "net_sales_minor")[..total].to_vec()),
        sum(cells(&lines, "net_sales_minor")[total..=total].to_vec())
    );
    names_nobody(&story, &[&orders, &messages, &clicks, &lines]);
    restated(&story).await;
    story.end().await;
}

fn names_nobody(story: &Story, files: &[&(Vec<String>, Vec<Vec<String>>)]) {
    let known: Vec<String> =
        story.world.book().recipients.iter().flat_map(|one| [one.phone.clone(), one.email.clone()]).flatten().collect();
    for cell in files.iter().flat_map(|file| file.1.iter().flatten()) {
        assert!(!known.iter().any(|contact| cell.contains(contact)), "{cell} names somebody");
    }
}

/// What was restated sums to the difference between two reports.
async fn restated(story: &Story) {
    let before = story.clock.now();
    let book = story.world.book();
    let days = format!("from={}&to={}", book.orders.first().unwrap().day, book.orders.last().unwrap().day);
    let ours =
        book.orders.iter().filter(|one| !one.test && !one.cancelled && !one.pending && !one.renewal && one.net > 0);
    for order in ours.take(3).map(|order| order.shopify_order_id).collect::<Vec<_>>() {
        story.pass(60).await;
        story.world.refunds(order, recoup::simulator::RefundKind::Full).unwrap();
        story.arrive().await;
    }
    let net = async |at: String| {
        let ledger = story.report(&format!("/api/reports/ledger?{days}{at}")).await;
        ledger["total"]["net_sales"]["minor"].as_i64().unwrap()
    };
    let then = net(format!("&as_of={before}")).await;
    let now = net(String::new()).await;
    assert!(now < then);
    let today = story.clock.now();
    let restated = csv(
        story,
        &format!(
            "/api/exports/restatements.csv?from={}&to={}",
            today.day(chrono_tz::UTC).plus(-1),
            today.day(chrono_tz::UTC).plus(1)
        ),
    )
    .await;
    let since: Vec<i64> = cells(&restated, "effective_at")
        .into_iter()
        .zip(cells(&restated, "change_minor"))
        .filter(|(at, _)| recoup::kernel::Timestamp::parse(at).unwrap() > before)
        .map(|(_, change)| change.parse().unwrap())
        .collect();
    assert_eq!(since.len(), 3);
    assert_eq!(since.iter().sum::<i64>(), now - then);
}

#[tokio::test]
async fn a_file_is_defined_safe_and_only_for_who_may() {
    let story = Story::begin().await;
    let campaign =
        story.campaign(|body| body["name"] = json!("=HYPERLINK(\"https://evil.example\",\"Winback\")")).await;
    story.draw(&campaign, json!([{"key": "ana", "phone": "+436601234501"}])).await;

    let messages = csv(&story, "/api/exports/messages.csv").await;
    assert_eq!(cells(&messages, "campaign"), ["'=HYPERLINK(\"https://evil.example\",\"Winback\")"]);
    assert_ne!(cells(&messages, "code"), [""], "a merchant sees the code");
    let told = lines(&story, "/api/exports/messages.jsonl").await;
    assert_eq!(told[0]["campaign"], "=HYPERLINK(\"https://evil.example\",\"Winback\")");

    let listed = story.report("/api/exports").await;
    let definitions = csv(&story, "/api/exports/definitions.csv").await;
    let mut columns = 0;
    for table in listed.as_array().unwrap() {
        let name = table["name"].as_str().unwrap();
        let personal = if name == "messages" { "&personal=true" } else { "" };
        let file = csv(&story, &format!("/api/exports/{name}.csv?receipts=true{personal}")).await;
        let defined: Vec<&str> =
            table["columns"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(file.0, defined, "{}", table["name"]);
        columns += defined.len();
    }
    assert_eq!(definitions.1.len(), columns);
    assert!(cells(&definitions, "definition").iter().all(|text| text.ends_with('.')));

    let marked = story.world.merchant_get("/api/exports/ledger.csv?bom=true").await.unwrap();
    assert!(marked.text.starts_with('\u{feff}'));
    assert!(marked.header("content-disposition").unwrap().starts_with("attachment; filename=\"recoup-ledger-"));
    for (path, status) in [
        ("/api/exports/people.csv", 404),
        ("/api/exports/orders.xlsx", 404),
        ("/api/exports/orders", 404),
        ("/api/exports/orders.csv?from=yesterday", 422),
        ("/api/exports/orders.csv?columns=all", 400),
    ] {
        let answer = story.world.merchant_get(path).await.unwrap();
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
    for (scopes, status) in [(json!(["statuses"]), 403), (json!(["reports"]), 200)] {
        let made = story.world.merchant_post("/api/keys", &json!({"name": "exports", "scopes": scopes})).await.unwrap();
        let key = made.json["key"].as_str().unwrap();
        let get =
            crate::install::reqwest_client().get(format!("{}/api/exports/messages.jsonl", story.url)).bearer_auth(key);
        let answer = get.send().await.unwrap();
        assert_eq!(answer.status(), status, "{scopes}");
        if status == 200 {
            let row: Value = serde_json::from_str(answer.text().await.unwrap().trim()).unwrap();
            assert_eq!(row["code"], Value::Null, "only who hands codes out sees one that is good");
        }
    }
    story.end().await;
}

#[tokio::test]
async fn whom_messages_went_to_is_in_a_file_only_on_request_and_that_is_on_record() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    story.draw(&campaign, json!([{"key": "ana", "phone": "+436601234501", "email": "ana@example.com"}])).await;
    let looked = async || story.report("/api/privacy/access?limit=200").await["readings"].as_array().unwrap().clone();
    let before = looked().await.len();
    for form in ["csv", "jsonl"] {
        let bare = story.world.merchant_get(&format!("/api/exports/messages.{form}")).await.unwrap().text;
        assert!(!bare.contains("6601234501") && !bare.contains("ana") && !bare.contains("phone"), "{bare}");
    }
    // What may not have it gets nothing, and nobody looked.
    let wrong = story.world.merchant_get("/api/exports/orders.csv?personal=true").await.unwrap();
    assert_eq!((wrong.status, wrong.json["field"].as_str()), (422, Some("personal")), "{}", wrong.text);
    let made = json!({"name": "exports", "scopes": ["reports", "campaigns"]});
    let key = story.world.merchant_post("/api/keys", &made).await.unwrap().json["key"].as_str().unwrap().to_owned();
    let url = format!("{}/api/exports/messages.csv?personal=true", story.url);
    let refused = crate::install::reqwest_client().get(url).bearer_auth(key).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(looked().await.len(), before);

    let file = csv(&story, "/api/exports/messages.csv?personal=true").await;
    assert_eq!(cells(&file, "platform_key"), ["ana"]);
    assert_eq!(cells(&file, "phone"), ["'+436601234501"], "no spreadsheet takes it for a formula");
    assert_eq!(cells(&file, "email"), ["ana@example.com"]);
    let readings = looked().await;
    assert_eq!(readings.len(), before + 1);
    assert_eq!((&readings[0]["field"], &readings[0]["why"]), (&json!("contact"), &json!("exported with the messages")));
    assert!(readings[0]["who"].as_str().unwrap().starts_with("merchant "), "{}", readings[0]);
    assert!(readings[0]["record"].as_str().unwrap().starts_with("messages 20"), "{}", readings[0]);
    story.end().await;
}
