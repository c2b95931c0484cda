//! Lists that lead on: codes and messages with what became of all of them before any row, and one recipient's life.

use recoup::simulator::{Buyer, Payment};
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::Story;

const PHONE: &str = "+436601234567";

impl Story {
    /// Reports statuses of messages as a platform does, all of now.
    async fn reports_statuses(&self, statuses: &[(&Value, &str)]) {
        let at = self.clock.now();
        let statuses: Vec<Value> = statuses
            .iter()
            .map(|(message, status)| json!({"message_id": message["message_id"], "status": status, "at": at.to_string()}))
            .collect();
        let body = json!({ "statuses": statuses });
        let taken = self.world.platform_post("/api/messages/statuses", &body).await.unwrap();
        assert_eq!((taken.status, &taken.json["errors"]), (200, &json!([])), "{}", taken.text);
    }

    /// A key of a platform that may do only this.
    async fn key_for(&self, scope: &str) -> String {
        let made = self.world.merchant_post("/api/keys", &json!({"name": scope, "scopes": [scope]})).await.unwrap();
        made.json["key"].as_str().unwrap().to_owned()
    }
}

fn texts(page: &Value, list: &str, field: &str) -> Vec<String> {
    page[list].as_array().unwrap().iter().map(|row| row[field].as_str().unwrap_or("-").to_owned()).collect()
}

/// Three people with codes: the first one's message arrives and the code is used, the second's is taken back, the third
/// waits.
async fn three(story: &Story) -> (String, Vec<Value>, i64) {
    let campaign = story.campaign(|_| {}).await;
    let mut drawn = Vec::new();
    for (key, phone) in [("a", PHONE), ("b", "+436601234568"), ("c", "+436601234569")] {
        drawn.push(story.draw(&campaign, json!([{"key": key, "phone": phone}])).await["messages"][0].clone());
        story.pass(1).await;
    }
    story.reports_statuses(&[(&drawn[0], "delivered"), (&drawn[1], "read"), (&drawn[2], "failed")]).await;
    let visit = story.world.shopper_taps(drawn[0]["link"].as_str().unwrap()).await.unwrap();
    let order = visit.buys(&[(2, 1)], story.world.customer(1)).unwrap();
    let revoke = format!("/api/messages/{}/revoke", drawn[1]["message_id"].as_str().unwrap());
    let revoked = story.world.merchant_post(&revoke, &json!(null)).await.unwrap();
    assert!(revoked.status < 300, "{}", revoked.text);
    story.arrive().await;
    (campaign, drawn, order)
}

#[tokio::test]
async fn codes_are_summed_before_they_are_listed_and_each_leads_on() {
    let story = Story::begin().await;
    let (campaign, drawn, order) = three(&story).await;
    let page = story.report("/api/codes").await;
    assert_eq!(texts(&page, "codes", "state"), ["live", "revoked", "redeemed"], "the latest first: {page}");
    let total = &page["total"];
    for (name, count) in
        [("issued", 3), ("pending", 0), ("live", 1), ("redeemed", 1), ("expired", 0), ("revoked", 1), ("delivered", 2)]
    {
        assert_eq!(total[name], count, "{name}: {total}");
    }
    let rate = &total["redemption"];
    assert_eq!((&rate["numerator"], &rate["denominator"], &rate["value"]), (&json!(1), &json!(2), &json!(0.5)));
    assert!(rate["low"].as_f64().unwrap() < 0.1 && rate["high"].as_f64().unwrap() > 0.9, "{rate}");
    // The same rate as the indicators', of the same days.
    let kpis = story.report("/api/reports/kpis").await;
    let kpi = kpis["kpis"].as_array().unwrap().iter().find(|kpi| kpi["name"] == "redemption_rate").unwrap();
    assert_eq!((&kpi["numerator"], &kpi["denominator"]), (&rate["numerator"], &rate["denominator"]));
    let used = &page["codes"][2];
    assert_eq!((&used["code"], &used["message_id"]), (&drawn[0]["code"], &drawn[0]["message_id"]));
    assert_eq!(used["order"]["shopify_order_id"], order.to_string());
    assert_eq!((&used["campaign"]["id"], &used["campaign"]["name"]), (&json!(campaign), &json!("Winback")));
    assert_eq!(page["codes"][1]["code"], json!(null), "one taken back is nobody's");

    // Narrowed, and the sums with it.
    let narrowed = async |query: &str| {
        let page = story.report(&format!("/api/codes?{query}")).await;
        (texts(&page, "codes", "state"), page["total"]["issued"].as_i64().unwrap())
    };
    assert_eq!(narrowed("state=redeemed").await, (vec!["redeemed".to_owned()], 1));
    assert_eq!(narrowed("ending_within=48").await.1, 1, "it is good for 48 hours from being given");
    assert_eq!(narrowed("ending_within=1").await.1, 0);
    assert_eq!(narrowed(&format!("campaign={campaign}")).await.1, 3);
    let quiet = story.campaign(|body| body["name"] = json!("Quiet")).await;
    assert_eq!(narrowed(&format!("campaign={quiet}")).await, (vec![], 0));
    // Page after page: no row twice, none left out, and the sums once.
    let (mut path, mut seen) = ("/api/codes?limit=1".to_owned(), Vec::new());
    loop {
        let page = story.report(&path).await;
        assert_eq!(page["total"].is_null(), !seen.is_empty());
        seen.extend(texts(&page, "codes", "message_id"));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/codes?limit=1&cursor={cursor}");
    }
    assert_eq!(seen, texts(&page, "codes", "message_id"));
    for wrong in ["limit=0", "cursor=nobody", "ending_within=0", "state=lost"] {
        let refused = story.world.merchant_get(&format!("/api/codes?{wrong}")).await.unwrap();
        assert!([400, 422].contains(&refused.status), "{wrong}: {}", refused.text);
    }

    // When its time is over it has ended, to the second, before anybody wrote it down.
    story.clock.advance_to(story.clock.now().plus_seconds(172_800));
    assert_eq!(narrowed("state=expired").await.1, 1);
    // Whoever may only read sees the text of what is used up.
    let client = reqwest_client();
    let key = story.key_for("reports").await;
    let seen = client.get(format!("{}/api/codes", story.url)).bearer_auth(&key).send().await.unwrap();
    let seen: Value = seen.json().await.unwrap();
    assert_eq!(texts(&seen, "codes", "code"), ["-", "-", drawn[0]["code"].as_str().unwrap()]);
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn messages_are_summed_before_they_are_listed_and_each_leads_on() {
    let story = Story::begin().await;
    let (campaign, drawn, order) = three(&story).await;
    let page = story.report("/api/messages").await;
    assert_eq!(texts(&page, "messages", "state"), ["failed", "read", "delivered"], "{page}");
    let total = &page["total"];
    for (name, count) in [("issued", 3), ("under_way", 0), ("delivered", 1), ("read", 1), ("failed", 1)] {
        assert_eq!(total[name], count, "{name}: {total}");
    }
    for (name, numerator) in [("reading", 1), ("tapping", 1), ("ordering", 1)] {
        assert_eq!((&total[name]["numerator"], &total[name]["denominator"]), (&json!(numerator), &json!(2)), "{name}");
    }
    let bought = &page["messages"][2];
    assert_eq!((&bought["message_id"], &bought["taps"]), (&drawn[0]["message_id"], &json!(1)));
    assert_eq!(bought["orders"][0]["shopify_order_id"], order.to_string());
    assert_eq!((&bought["code"], &bought["code_state"]), (&drawn[0]["code"], &json!("redeemed")));
    let failed = story.report(&format!("/api/messages?state=failed&campaign={campaign}")).await;
    assert_eq!(texts(&failed, "messages", "message_id"), [drawn[2]["message_id"].as_str().unwrap()]);
    assert_eq!(failed["total"]["issued"], 3, "the sums are of all, whatever is listed");
    let first = story.report("/api/messages?limit=2").await;
    let rest = story.report(&format!("/api/messages?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    assert_eq!((rest["messages"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &json!(null)));
    for wrong in ["limit=0", "cursor=nobody", "state=lost"] {
        let refused = story.world.merchant_get(&format!("/api/messages?{wrong}")).await.unwrap();
        assert!([400, 422].contains(&refused.status), "{wrong}: {}", refused.text);
    }
    story.end().await;
}

const HOUR: i64 = 3_600;

fn buyer(n: i64) -> Buyer {
    Buyer {
        customer_id: Some(6_900_000_000_000 + n),
        first_name: "Ana".into(),
        last_name: "Weber".into(),
        email: Some(format!("ana-{n}@example.com")),
        phone: Some(format!("+43660111{n:04}")),
    }
}

#[tokio::test]
async fn abandoned_checkouts_are_summed_by_what_became_of_them_and_who_was_written_to() {
    let story = Story::begin().await;
    let mut tokens = Vec::new();
    for n in 1..=4 {
        tokens.push(story.world.shopper_comes("/").checks_out(&[(1, 1)], buyer(n)).unwrap());
    }
    story.arrive().await;
    story.pass(HOUR).await;
    let of_kind = |holdout: f64| {
        move |body: &mut Value| {
            body["kind"] = json!("abandoned_checkout");
            body["link"] = json!({"destination": "checkout"});
            body["holdout"] = json!(holdout);
        }
    };
    let writes = story.campaign(of_kind(0.0)).await;
    let leaves_alone = story.campaign(of_kind(0.9)).await;
    let person = |n: usize| {
        let phone = buyer(i64::try_from(n).unwrap()).phone;
        json!([{"key": format!("p{n}"), "phone": phone, "checkout_token": tokens[n - 1]}])
    };
    story.draw(&writes, person(1)).await;
    story.draw(&writes, person(2)).await;
    // Most of them are left alone; whoever is not was written to.
    let held = story.draw(&leaves_alone, person(3)).await["messages"][0]["held_out"].as_bool().unwrap();
    story.pass(60).await;
    story.world.completes(&tokens[0], Payment::default()).unwrap();
    story.arrive().await;

    let report = story.report("/api/reports/checkouts").await;
    assert_eq!(report["abandoned"]["checkouts"], 4, "{report}");
    let parts = ["open", "recovered", "withdrawn", "deleted"];
    let sum = |field: &dyn Fn(&Value) -> i64| parts.iter().map(|part| field(&report[*part])).sum::<i64>();
    assert_eq!(sum(&|part| part["checkouts"].as_i64().unwrap()), 4);
    assert_eq!(
        sum(&|part| part["value"]["minor"].as_i64().unwrap()),
        report["abandoned"]["value"]["minor"].as_i64().unwrap()
    );
    assert_eq!((&report["open"]["checkouts"], &report["recovered"]["checkouts"]), (&json!(3), &json!(1)));
    let written = if held { 2 } else { 3 };
    assert_eq!((&report["written_to"]["checkouts"], &report["written_to"]["completed"]), (&json!(written), &json!(1)));
    assert_eq!(report["held_out"]["checkouts"], 3 - written);
    assert_eq!(report["nobodys"]["checkouts"], 1);
    let rate = &report["written_to"]["rate"];
    assert_eq!((&rate["numerator"], &rate["denominator"]), (&json!(1), &json!(written)));
    // The orders are the overview's recovered ones, and the evidence sums to them.
    let summary = story.report("/api/reports/summary").await;
    assert_eq!((&report["orders"], &report["net_sales"]), (&summary["orders"]["recovered"], &summary["recovered"]));
    assert_eq!(report["orders"], 1);
    let by: i64 = report["by_evidence"].as_array().unwrap().iter().map(|one| one["orders"].as_i64().unwrap()).sum();
    assert_eq!(by, 1);
    let before = story.report("/api/reports/checkouts?from=2026-01-01&to=2026-01-31").await;
    assert_eq!((&before["abandoned"]["checkouts"], &before["by_evidence"]), (&json!(0), &json!([])));

    // None of it is another shop's.
    let usual = recoup::simulator::ShopProfile::default();
    let other = recoup::simulator::ShopProfile { domain: "other-shop.myshopify.com".into(), id: usual.id + 1, ..usual };
    story.world.add_shop(other);
    assert_eq!(story.world.opens_app("other-shop.myshopify.com").await.unwrap().status, 200);
    story.settle().await;
    let stranger = story.world.id_token("other-shop.myshopify.com");
    let asked = reqwest_client().get(format!("{}/api/reports/checkouts", story.url)).bearer_auth(&stranger);
    let theirs: Value = asked.send().await.unwrap().json().await.unwrap();
    assert_eq!((&theirs["abandoned"]["checkouts"], &theirs["orders"]), (&json!(0), &json!(0)));
    let asked = reqwest_client().get(format!("{}/api/setup", story.url)).bearer_auth(&stranger);
    let theirs: Value = asked.send().await.unwrap().json().await.unwrap();
    let campaign = theirs["steps"].as_array().unwrap().iter().find(|step| step["step"] == "campaign").unwrap();
    assert_eq!(campaign["state"], "todo");
    story.end().await;
}

#[tokio::test]
async fn the_first_steps_say_what_is_there_what_is_missing_and_what_is_next() {
    let story = Story::begin().await;
    let look = async || {
        let setup = story.report("/api/setup").await;
        let steps = setup["steps"].as_array().unwrap().clone();
        let state = move |name: &str| {
            let step = steps.iter().find(|step| step["step"] == name).unwrap_or_else(|| panic!("no step {name}"));
            step["state"].as_str().unwrap().to_owned()
        };
        (setup, state)
    };
    let (setup, state) = look().await;
    assert_eq!((&setup["finished"], &setup["next"]), (&json!(false), &json!("campaign")), "{setup}");
    for (name, stands) in [
        ("install", "done"),
        ("permissions", "done"),
        ("campaign", "todo"),
        ("code", "waiting"),
        ("message", "waiting"),
        ("order", "waiting"),
        ("link_domain", "todo"),
    ] {
        assert_eq!(state(name), stands, "{name}: {setup}");
    }
    three(&story).await;
    story.pass(HOUR).await;
    let (setup, state) = look().await;
    for name in ["webhooks", "platform", "campaign", "code", "message", "order"] {
        assert_eq!(state(name), "done", "{name}: {setup}");
    }
    assert_eq!(
        (&setup["finished"], &setup["next"]),
        (&json!(true), &json!(null)),
        "a link domain is optional: {setup}"
    );
    assert_eq!(setup["done"], setup["of"]);
    // It looks at what is there: what is taken away is missing again.
    story.world.grants(&["read_orders", "read_discounts"]);
    story.pass(2 * 24 * HOUR).await;
    story.arrive().await;
    let (setup, state) = look().await;
    assert_eq!((state("permissions").as_str(), &setup["next"]), ("attention", &json!("permissions")), "{setup}");
    // For the merchant alone.
    assert_eq!(story.world.platform_get("/api/setup").await.unwrap().status, 403);
    story.close().await;
}
