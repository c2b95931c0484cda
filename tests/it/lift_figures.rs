//! The rows of a file as facts in a shop: people drawn, orders before and after, and the report's figures are those that
//! `recoup verify experiment` prints of the file, to ten digits.

use std::fmt::Write;
use std::io::Write as _;
use std::process::{Command, Stdio};

use recoup::campaigns::held_out;
use recoup::shops::{self, Shops};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::story::Story;

const NUMBER: &str = "770000000000404";

/// One recipient: held out, revenue, revenue from before.
type Row = (bool, i64, i64);

fn of_file(name: &str) -> Vec<Row> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/conformance").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let minor = |n: usize| fields[n].parse::<i64>().unwrap();
            assert_eq!(minor(1) > 0, minor(2) == 1, "{line}");
            (fields[0] == "holdout", minor(1), minor(3))
        })
        .collect()
}

/// So many buy that Welch's interval is shown, and what they spent before says something of it.
fn many_buy() -> Vec<Row> {
    let row = |i: i64| {
        let (held, before) = (i % 2 == 0, ((i * 104_729) % 7) * 900);
        let bought = (i * 15_485_863) % 100 < if held { 48 } else { 58 };
        (held, if bought { 2_000 + (i * 32_452_843) % 5_003 + before / 2 } else { 0 }, before)
    };
    (0..480).map(row).collect()
}

/// What the program prints of the same rows.
fn printed(rows: &[Row]) -> Value {
    let mut text = "arm,revenue_minor,converted,pre_minor\n".to_owned();
    for (held, revenue, before) in rows {
        let arm = if *held { "holdout" } else { "treated" };
        writeln!(text, "{arm},{revenue},{},{before}", i64::from(*revenue > 0)).unwrap();
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_recoup"))
        .args(["verify", "experiment", "-", "--format=json", "--holdout-share=0.5"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap()
}

fn phone(n: usize) -> String {
    format!("+4366055{n:05}")
}

impl Story {
    async fn bought(&self, id: usize, n: usize, minor: i64) {
        let (now, amount) = (self.clock.now().to_string(), format!("{}.{:02}", minor / 100, minor % 100));
        let price = json!({"shop_money": {"amount": amount, "currency_code": "EUR"}});
        let order = json!({
            "id": id, "name": format!("#{id}"), "created_at": now, "updated_at": now, "processed_at": now,
            "currency": "EUR", "presentment_currency": "EUR", "financial_status": "paid", "source_name": "web",
            "checkout_token": format!("token-{id}"), "total_price": amount, "total_price_set": price,
            "total_tax": "0.00", "phone": phone(n), "email": "", "customer": null, "discount_codes": [],
            "discount_applications": [], "shipping_lines": [], "note_attributes": [], "refunds": [],
            "line_items": [{"id": 1, "price": amount, "quantity": 1, "gift_card": false, "tax_lines": [],
                "discount_allocations": []}],
        });
        assert_eq!(self.world.deliver("orders/create", &order).await.unwrap().status, 200);
    }
}

/// Meta tells of drawn messages that they arrived, for ten cents each.
async fn arrive_for_ten_cents(story: &Story, drawn: &[Value]) -> usize {
    let now = story.clock.now().seconds().to_string();
    let sent = drawn.iter().filter(|one| one["held_out"] == json!(false));
    let status = |one: &Value| {
        json!({"id": format!("wamid.{}", one["message_id"].as_str().unwrap()), "status": "delivered", "timestamp": now,
            "biz_opaque_callback_data": one["callback_data"],
            "pricing": {"category": "marketing", "type": "regular", "cost": {"amount": "0.10", "currency": "EUR"}}})
    };
    let statuses: Vec<Value> = sent.map(status).collect();
    let value = json!({"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}, "statuses": statuses});
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]});
    assert_eq!(story.world.whatsapp(&body).await.unwrap().status, 200);
    statuses.len()
}

/// What a campaign without a holdout adds to what messages cost, and to nothing that was caused.
const OTHERS: usize = 7;

/// The indicators of return, and the overview's amount, after everything.
struct Return {
    caused: Value,
    attributed: Value,
    incremental: Value,
    written_to: usize,
}

/// The same rows as facts; the report's comparison, and what the money spent on messages brought.
async fn lived(rows: &[Row]) -> (Value, Return) {
    let story = Story::begin().await;
    let campaign = story
        .campaign(|body| {
            body["offer"] = Value::Null;
            body["holdout"] = json!(0.5);
        })
        .await;
    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    shops::give_number(story.app.db.write(), shop.shop_id, NUMBER).await.unwrap();
    let shop_key = story.app.vault.shop_key(shop.shop_id, "holdout");
    let key = |n: usize, held: bool| {
        let keys = (0..).map(|tried| format!("{n}-{tried}"));
        keys.into_iter().find(|key| held_out(&shop_key, &campaign, key, 500_000) == held).unwrap()
    };
    let before = rows.iter().enumerate().filter(|(_, row)| row.2 > 0);
    for (n, (.., minor)) in before {
        story.bought(100_000 + n, n, *minor).await;
    }
    story.pass(3_600).await;
    let people: Vec<Value> =
        rows.iter().enumerate().map(|(n, row)| json!({"key": key(n, row.0), "phone": phone(n)})).collect();
    let mut written_to = 0;
    for some in people.chunks(500) {
        let drawn = story.draw(&campaign, json!(some)).await["messages"].clone();
        story.pass(60).await;
        written_to += arrive_for_ten_cents(&story, drawn.as_array().unwrap()).await;
    }
    let others = story.campaign(|body| body["offer"] = Value::Null).await;
    let strangers: Vec<Value> =
        (0..OTHERS).map(|n| json!({"key": format!("other-{n}"), "phone": format!("+43660661{n:04}")})).collect();
    let drawn = story.draw(&others, json!(strangers)).await["messages"].clone();
    story.pass(3_600).await;
    assert_eq!(arrive_for_ten_cents(&story, drawn.as_array().unwrap()).await, OTHERS);
    for (n, (_, minor, _)) in rows.iter().enumerate().filter(|(_, row)| row.1 > 0) {
        story.bought(200_000 + n, n, *minor).await;
    }
    for _ in 0..8 {
        story.pass(86_400).await;
    }
    let report = story.report(&format!("/api/reports/lift?campaign={campaign}")).await;
    let kpis = story.report("/api/reports/kpis").await["kpis"].clone();
    let kpi = |name: &str| kpis.as_array().unwrap().iter().find(|kpi| kpi["name"] == name).unwrap().clone();
    let incremental = story.report("/api/reports/summary").await["incremental"].clone();
    let brought = Return {
        caused: kpi("incremental_return_on_spend"),
        attributed: kpi("return_on_spend"),
        incremental,
        written_to,
    };
    story.end().await;
    (report["experiment"]["comparisons"][0].clone(), brought)
}

/// To ten digits.
fn same(told: &Value, printed: &Value, what: &str) {
    let (one, other) = (told.as_f64(), printed.as_f64());
    let (Some(one), Some(other)) = (one, other) else { panic!("{what}: {told} and {printed}") };
    assert!((one - other).abs() <= 1e-10 * other.abs().max(1.0), "{what}: {one} and {other}");
}

fn limits(told: &Value, printed: &Value, what: &str) {
    same(&told["value"], &printed["difference"], what);
    same(&told["low"], &printed["low"], what);
    same(&told["high"], &printed["high"], what);
}

fn whole(told: &Value, printed: &Value) {
    for (side, arm) in [("against", "holdout"), ("treated", "treated")] {
        assert_eq!(told[side]["recipients"], printed["n"][arm], "{told}");
        let mean = told[side]["revenue"]["minor"].as_f64().unwrap() / told[side]["recipients"].as_f64().unwrap();
        same(&json!(mean), &printed["mean"][arm], arm);
    }
    let figures = &told["figures"];
    assert_eq!(told["stage"], printed["shown"]["stage"]);
    limits(&figures["per_recipient"], &printed["shown"], "headline");
    limits(&figures["live"], &printed["sequential"], "live");
    limits(&told["conversion"], &printed["conversion"], "conversion");
    same(&told["sample_ratio"]["chi2"], &printed["sample_ratio"]["chi2"], "sample ratio");
    same(&told["sample_ratio"]["p"], &printed["sample_ratio"]["p"], "sample ratio");
    let detectable = &printed["minimum_detectable"];
    same(&told["outlook"]["detectable_minor"], &detectable["revenue_minor"], "detectable");
    same(&told["outlook"]["detectable_conversion"], &detectable["conversion"], "detectable");
}

#[tokio::test]
async fn a_file_of_few_buyers_as_facts_gives_its_own_figures() {
    let rows = of_file("half-and-half.csv");
    let ((told, _), printed) = (lived(&rows).await, printed(&rows));
    assert_eq!(told["stage"], "two_part");
    whole(&told, &printed);
}

#[tokio::test]
async fn many_buyers_as_facts_give_welch_and_what_stands_beside_it() {
    let rows = many_buy();
    let ((told, brought), printed) = (lived(&rows).await, printed(&rows));
    assert_eq!(told["stage"], "welch");
    whole(&told, &printed);
    let figures = &told["figures"];
    limits(&figures["per_recipient"], &printed["welch"], "Welch");
    same(&figures["p"], &printed["welch"]["p"], "p");
    limits(&figures["cuped"], &printed["cuped"], "CUPED");
    limits(&figures["winsorised"], &printed["winsorised"], "winsorised");
    same(&figures["winsorised_at"], &printed["winsorised"]["at"], "winsorised");
    same(&figures["relative"]["value"], &printed["relative"]["lift"], "relative");
    same(&figures["relative"]["low"], &printed["relative"]["low"], "relative");
    same(&figures["relative"]["high"], &printed["relative"]["high"], "relative");

    // What was caused is held against what its own messages cost; what is attributed against what all of them did.
    let minor = |of: &str| &brought.incremental["money"][of]["minor"];
    let measured = i64::try_from(brought.written_to).unwrap() * 10;
    assert_eq!((&brought.caused["numerator"], &brought.caused["denominator"]), (minor("value"), &json!(measured)));
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    for (limit, of) in [("value", "value"), ("low", "low"), ("high", "high")] {
        same(&brought.caused[limit], &json!(minor(of).as_f64().unwrap() / measured as f64), limit);
    }
    assert_eq!(brought.attributed["denominator"], json!(measured + 10 * i64::try_from(OTHERS).unwrap()));
}
