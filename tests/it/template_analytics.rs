//! Meta's template analytics: handed in as Meta gives them, kept per template and day, compared with our own counts.

use recoup::kernel::Timestamp;
use recoup::messages::{TemplateFigure, TemplateFigures};
use recoup::simulator::{ShopProfile, Traffic};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::{BEGINNING, Story};

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1";
const DAY: i64 = 86_400;

/// The first day of every story.
fn today() -> i64 {
    Timestamp::parse(BEGINNING).unwrap().seconds()
}

/// A point of one template, as Meta writes it.
fn point(template: &str, start: i64, sent: i64, clicks: i64) -> Value {
    json!({"template_id": template, "start": start, "end": start + DAY, "sent": sent, "delivered": sent - 1, "read": 3,
        "clicked": [{"type": "url_button", "button_content": "Shop now", "count": clicks},
            {"type": "unique_url_button", "button_content": "Shop now", "count": clicks - 1},
            {"type": "quick_reply_button", "button_content": "Stop", "count": 9}],
        "cost": [{"type": "amount_spent", "value": 1.2345}, {"type": "cost_per_delivered", "value": 0.1}]})
}

fn answer(points: Vec<Value>) -> Value {
    json!({"data": [{"granularity": "DAILY", "product_type": "cloud_api", "data_points": points}],
        "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"}}})
}

async fn hands_in(story: &Story, campaign: &str, query: &str, body: &Value) -> Value {
    let path = format!("/api/campaigns/{campaign}/template-analytics{query}");
    let kept = story.world.platform_post(&path, body).await.unwrap();
    assert_eq!(kept.status, 200, "{}", kept.text);
    kept.json
}

async fn figures(story: &Story) -> Vec<TemplateFigure> {
    let mut all = TemplateFigures::find().all(story.app.db.read()).await.unwrap();
    all.sort_by_key(|row| (row.template_id.clone(), row.start, row.product.clone(), row.figure));
    all
}

/// What the links report says of templates.
async fn compared(story: &Story, query: &str) -> Value {
    story.report(&format!("/api/reports/links{query}")).await["witness"]["templates"].clone()
}

fn of(value: &Value, names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| value[*name].clone()).collect()
}

#[tokio::test]
async fn metas_numbers_stand_beside_ours_with_the_difference_in_words() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let nothing = compared(&story, "").await;
    assert_eq!(of(&nothing, &["told_at", "url_clicks", "sent"]), [Value::Null, Value::Null, Value::Null]);
    assert!(nothing["sentence"].as_str().unwrap().starts_with("Not told"), "{nothing}");
    let drawn = story.draw(&campaign, json!([{"key": "ana", "phone": "+436601234567"}])).await;
    let message = &drawn["messages"][0];
    let now = story.clock.now().to_string();
    let statuses = json!({"statuses": [{"message_id": message["message_id"], "status": "read", "at": now}]});
    assert_eq!(story.world.platform_post("/api/messages/statuses", &statuses).await.unwrap().status, 200);
    story.pass(3_600).await;
    let link = message["link"].as_str().unwrap();
    for agent in [PHONE, "WhatsApp/2.24.20.89 A"] {
        reqwest_client().get(link).header("user-agent", agent).send().await.unwrap();
    }
    let kept = hands_in(&story, &campaign, "?currency=USD", &answer(vec![point("t1", today(), 5, 4)])).await;
    assert_eq!((&kept["templates"], &kept["days"], &kept["cost_kept"]), (&json!(["t1"]), &json!(1), &json!(true)));
    assert_eq!((&kept["note"], &kept["told_at"]), (&Value::Null, &json!(story.clock.now().to_string())));
    let query = format!("?campaign={campaign}");
    let told = compared(&story, &query).await;
    let names = ["sent", "delivered", "read", "url_clicks", "unique_url_clicks", "quick_replies"];
    assert_eq!(of(&told, &names), [5, 4, 3, 4, 3, 9].map(|n| json!(n)), "{told}");
    assert_eq!(of(&told, &["templates", "shared", "days"]), [1, 0, 1].map(|n| json!(n)));
    assert_eq!(told["spent"], json!([{"minor": 123, "currency": "USD"}]));
    assert_eq!(told["ours"], json!({"raw": 2, "taps": 1, "sent": 1, "delivered": 1, "read": 1}));
    assert!(told["sentence"].as_str().unwrap().starts_with("Meta counted 3 more clicks than we did"), "{told}");
    // What happens after Meta was asked is in the report, and in neither column.
    story.pass(3_600).await;
    reqwest_client().get(link).header("user-agent", PHONE).send().await.unwrap();
    let later = story.report(&format!("/api/reports/links{query}")).await;
    assert_eq!(later["total"]["taps"], json!(2));
    assert_eq!(later["witness"]["templates"], told);
    let report = story.report("/api/reports/links").await;
    assert_eq!(report["campaigns"][0]["template_clicks"], json!(4));
    // Days before or after are not of the period.
    assert_eq!(compared(&story, &format!("{query}&from=2026-08-20&to=2026-08-23")).await["told_at"], Value::Null);
    // A campaign nobody told of, and a second one that sends the same template.
    let second = story.campaign(|body| body["name"] = json!("Second")).await;
    assert_eq!(compared(&story, &format!("?campaign={second}")).await["told_at"], Value::Null);
    hands_in(&story, &second, "?currency=USD", &answer(vec![point("t1", today(), 5, 4)])).await;
    for id in [&campaign, &second] {
        let told = compared(&story, &format!("?campaign={id}")).await;
        assert_eq!(of(&told, &["url_clicks", "shared"]), [json!(4), json!(1)]);
        assert!(told["sentence"].as_str().unwrap().contains("other campaigns send one of these too"), "{told}");
    }
    assert_eq!(compared(&story, "").await["url_clicks"], json!(4), "in the whole it counts once");
    story.end().await;
}

#[tokio::test]
async fn whatever_order_answers_come_in_the_numbers_are_the_same() {
    let later = Timestamp::from_seconds(today() + 3 * DAY).to_string();
    let earlier = Timestamp::from_seconds(today() + DAY).to_string();
    let latest = Timestamp::from_seconds(today() + 9 * DAY).to_string();
    let mut forgotten = point("t1", today(), 7, 1);
    forgotten["read"] = json!(0);
    forgotten["clicked"] = json!([{"type": "url_button", "count": 0}, {"type": "unique_url_button", "count": 0}]);
    let told = [
        (&earlier, answer(vec![point("t1", today(), 9, 4), point("t2", today(), 2, 2)])),
        (&later, answer(vec![point("t1", today(), 8, 6)])),
        (&latest, answer(vec![forgotten])),
    ];
    let mut ends = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
        let story = Story::begin().await;
        let campaign = story.campaign(|_| {}).await;
        story.pass(10 * DAY).await;
        for n in order {
            let (told_at, body) = &told[n];
            // A repeat changes nothing.
            for _ in 0..2 {
                hands_in(&story, &campaign, &format!("?currency=USD&told_at={told_at}"), body).await;
            }
        }
        let now = figures(&story).await;
        let report = compared(&story, "").await;
        // Meta corrects what was sent; reads and clicks it forgets, and those we keep.
        let names = ["sent", "delivered", "read", "url_clicks", "unique_url_clicks", "quick_replies"];
        assert_eq!(of(&report, &names), [9, 7, 6, 8, 6, 18].map(|n| json!(n)), "{order:?}: {report}");
        assert_eq!(report["told_at"], json!(latest));
        ends.push(now);
        story.end().await;
    }
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "{ends:#?}");
}

#[tokio::test]
async fn what_is_left_out_is_not_told_and_products_are_counted_apart() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    // Only what was asked for: `metric_types=SENT` first, the rest later.
    let bare =
        json!({"template_id": 7_100_000_000_i64, "start": today(), "end": today() + DAY, "sent": 4, "read": null});
    let kept = hands_in(&story, &campaign, "", &json!({"data": [{"data_points": [bare]}]})).await;
    assert_eq!((&kept["templates"], &kept["cost_kept"]), (&json!(["7100000000"]), &json!(false)));
    let told = compared(&story, "").await;
    assert_eq!(of(&told, &["sent", "read", "url_clicks"]), [json!(4), Value::Null, Value::Null], "{told}");
    assert!(told["sentence"].as_str().unwrap().contains("of no clicks"), "{told}");
    story.pass(60).await;
    let mut second = point("7100000000", today(), 9, 4);
    second.as_object_mut().unwrap().remove("sent");
    second.as_object_mut().unwrap().remove("delivered");
    let other = point("7100000000", today(), 10, 2);
    let both = json!({"data": [{"product_type": "CLOUD_API", "data_points": [second]},
        {"product_type": "marketing_messages_lite_api", "data_points": [other]}]});
    let kept = hands_in(&story, &campaign, "", &both).await;
    assert_eq!((&kept["cost_kept"], &kept["days"]), (&json!(false), &json!(2)));
    assert!(kept["note"].as_str().unwrap().contains("name no currency"), "{kept}");
    let told = compared(&story, "").await;
    assert_eq!(of(&told, &["sent", "url_clicks", "spent"]), [json!(14), json!(6), json!([])], "{told}");
    assert_eq!(of(&told, &["templates", "days"]), [json!(1), json!(1)]);
    story.end().await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let good = answer(vec![point("t1", today(), 5, 4)]);
    let path = |campaign: &str, query: &str| format!("/api/campaigns/{campaign}/template-analytics{query}");
    let with = |pointer: &str, value: Value| {
        let mut wrong = good.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        wrong
    };
    for (query, body, status, field) in [
        ("", json!({}), 422, Some("data")),
        ("", with("/data/0/data_points/0/sent", json!(-1)), 422, Some("data[0].data_points[0].sent")),
        ("", with("/data/0/data_points/0/start", json!(today() * 1_000)), 422, Some("data[0].data_points[0].start")),
        ("", with("/data/0/data_points/0/start", json!(today() - 93 * DAY)), 422, Some("data[0].data_points[0].start")),
        ("", with("/data/0/granularity", json!("AGGREGATED")), 422, Some("data[0].granularity")),
        ("?currency=XYZ", good.clone(), 422, Some("currency")),
        ("?told_at=yesterday", good.clone(), 422, Some("told_at")),
        ("?told_at=2026-08-24T01:00:00Z", good.clone(), 422, Some("told_at")),
        ("?since=1", good.clone(), 400, Some("since")),
    ] {
        let refused = story.world.platform_post(&path(&campaign, query), &body).await.unwrap();
        let said = (refused.status, refused.json["field"].as_str());
        assert_eq!(said, (status, field), "{query} {body}: {}", refused.text);
    }
    // Eleven templates, and a body that is no JSON.
    let many = answer((0..11).map(|n| point(&format!("t{n}"), today(), 5, 4)).collect());
    let refused = story.world.platform_post(&path(&campaign, ""), &many).await.unwrap();
    assert_eq!(refused.json["field"], json!("data[0].data_points[10].template_id"), "{}", refused.text);
    // Ten of them over ninety days are a call like any other.
    story.pass(90 * DAY).await;
    let whole = answer(
        (0..10).flat_map(|n| (0..90).map(move |day| point(&format!("t{n}"), today() + day * DAY, 5, 4))).collect(),
    );
    // Who asks is one proven shop, and may report.
    let usual = ShopProfile::default();
    let other = ShopProfile { domain: "other-shop.myshopify.com".into(), id: usual.id + 1, ..usual };
    let domain = other.domain.clone();
    story.world.add_shop(other);
    assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
    let made = story.world.merchant_post("/api/keys", &json!({"name": "reader", "scopes": ["reports"]})).await.unwrap();
    let lesser = made.json["key"].as_str().unwrap().to_owned();
    for (token, status) in [(story.world.id_token(&domain), 404), (lesser, 403), ("rcp_1_x".to_owned(), 401)] {
        let url = format!("{}{}", story.url, path(&campaign, ""));
        let refused = reqwest_client().post(url).bearer_auth(token).json(&whole).send().await.unwrap();
        assert_eq!(refused.status(), status);
    }
    assert_eq!(figures(&story).await.len(), 0);
    let kept = hands_in(&story, &campaign, "", &whole).await;
    assert_eq!((&kept["days"], figures(&story).await.len()), (&json!(900), 900 * 6));
    story.settle().await;
    story.end().await;
}

/// The pretend platform hands in every morning what the pretend Meta counted, and Meta forgets.
#[tokio::test]
async fn a_lived_fortnight_shows_metas_count_beside_ours() {
    let story = Story::lived(16, |settings| {
        settings.traffic = Traffic { message_effect: 0.2, ..Traffic::small() };
        settings.faults = recoup::simulator::Faults::none();
    })
    .await;
    // The days that are told whole: yesterday's evening is not over when the platform asks.
    let told = compared(&story, "?from=2026-08-24&to=2026-09-07").await;
    let count = |value: &Value, name: &str| value[name].as_i64().unwrap();
    let (ours, told_of) = (&told["ours"], |name: &str| count(&told, name));
    assert!(told_of("templates") > 1 && told_of("days") > 7, "{told}");
    assert!(told["told_at"].as_str().unwrap() > "2026-09-08", "{told}");
    assert!(told_of("sent") > 50 && told_of("url_clicks") > 5, "{told}");
    assert!(told_of("unique_url_clicks") <= told_of("url_clicks"), "{told}");
    // In a world without mishaps both count the same, machines apart.
    for name in ["sent", "delivered", "read"] {
        assert_eq!(told_of(name), count(ours, name), "{name}: {told}");
    }
    assert_eq!(told_of("url_clicks"), count(ours, "taps"), "{told}");
    assert!(count(ours, "raw") > count(ours, "taps"), "{told}");
    // Messages of the first days are past what Meta remembers; what it told in time still stands.
    let first = compared(&story, "?from=2026-08-24&to=2026-08-31").await;
    assert!(count(&first, "url_clicks") > 0 && count(&first, "read") > 0, "{first}");
    story.settle().await;
    story.end().await;
}
