//! Bad input gets a problem document that says what to do, and changes nothing.

use recoup::campaigns::{Campaigns, Draws};
use recoup::messages::Messages;
use recoup::webhooks::{DELIVERY, Deliveries, DeliveryState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::Story;

fn is_problem(answer: &recoup::simulator::Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.text);
    assert_eq!(answer.json["code"], code, "{}", answer.text);
    assert!(answer.json["detail"].as_str().unwrap().len() > 20, "{}", answer.text);
    assert_eq!(answer.json["request_id"].as_str(), answer.header("x-request-id"));
}

#[tokio::test]
async fn campaigns_are_refused_field_by_field() {
    let story = Story::begin().await;
    let good = json!({"name": "x", "kind": "flow", "offer": {"type": "percentage", "percentage": "10"}});
    let cases: &[(&str, Value, &str)] = &[
        ("/name", json!(""), "name"),
        ("/name", json!("two\nlines"), "name"),
        ("/title", json!("a\u{7}"), "title"),
        ("/tags", json!(["a\tb"]), "tags"),
        ("/link", json!({"destination": "/", "message": "a\u{1}"}), "link.message"),
        ("/link", json!({"destination": "/", "step": "\r"}), "link.step"),
        ("/offer/percentage", json!("101"), "offer.percentage"),
        ("/offer/percentage", json!("ten"), "offer.percentage"),
        ("/holdout", json!(1.5), "holdout"),
        ("/expiry", json!({"after_seconds": 1}), "expiry.after_seconds"),
        ("/expiry", json!({"after_seconds": 86_400, "deliver_within_seconds": 7_200}), "expiry.deliver_within_seconds"),
        (
            "/expiry",
            json!({"after_seconds": 86_400, "starts": "delivery", "deliver_within_seconds": 60}),
            "expiry.deliver_within_seconds",
        ),
        ("/code", json!({"prefix": "MUCHTOOLONG"}), "code.prefix"),
        ("/link", json!({"destination": "//evil.example"}), "link.destination"),
        ("/link", json!({"destination": "https://evil.example/x"}), "link.destination"),
        ("/minimum_subtotal_minor", json!(-5), "minimum_subtotal_minor"),
        ("/surprise", json!(true), "surprise"),
        ("/kind", json!("spam"), "kind"),
        ("/offer", json!({"type": "percentage", "percent": 5}), "offer.percent"),
        ("/combines_with", json!({"order": "yes"}), "combines_with.order"),
    ];
    for (pointer, value, field) in cases {
        let mut body = good.clone();
        match body.pointer_mut(pointer) {
            Some(place) => *place = value.clone(),
            None => body[pointer.trim_start_matches('/')] = value.clone(),
        }
        let answer = story.world.platform_post("/api/campaigns", &body).await.unwrap();
        is_problem(&answer, 422, "invalid_field");
        assert_eq!(answer.json["field"], *field, "{}", answer.text);
    }
    assert_eq!(story.count::<Campaigns>().await, 0, "nothing was created");
    story.end().await;
}

#[tokio::test]
async fn bodies_that_are_no_bodies_are_refused() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let client = reqwest_client();
    let key = story.world.api_key().unwrap();
    let path = format!("{}/api/campaigns/{campaign}/messages", story.url);
    for (body, status, code) in [
        ("not json".to_owned(), 400, "bad_json"),
        ("{\"recipients\": null}".to_owned(), 422, "invalid_field"),
        ("[]".to_owned(), 422, "invalid_field"),
        ("{\"recipients\": []}".to_owned(), 422, "invalid_field"),
        (format!("{{\"recipients\": [{}", "[".repeat(50_000)), 400, "bad_json"),
        (format!("{{\"recipients\": \"{}\"}}", "x".repeat(5_000_000)), 413, "too_large"),
    ] {
        let answer = client.post(&path).bearer_auth(&key).body(body.clone()).send().await.unwrap();
        assert_eq!(answer.status(), status, "{}", &body[..body.len().min(40)]);
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["code"] == code || (status == 422 && problem["code"] == "invalid_field"), "{problem}");
    }
    assert_eq!((story.count::<Draws>().await, story.count::<Messages>().await), (0, 0));
    story.end().await;
}

#[tokio::test]
async fn another_shops_ids_do_not_exist() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let message = drawn["messages"][0]["message_id"].as_str().unwrap().to_owned();
    let order = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(1)).unwrap();
    story.arrive().await;

    let usual = recoup::simulator::ShopProfile::default();
    let other = recoup::simulator::ShopProfile { domain: "other-shop.myshopify.com".into(), id: usual.id + 1, ..usual };
    story.world.add_shop(other);
    assert_eq!(story.world.opens_app("other-shop.myshopify.com").await.unwrap().status, 200);
    story.settle().await;
    let stranger = story.world.id_token("other-shop.myshopify.com");
    let client = reqwest_client();
    let paths = [
        ("GET", format!("/api/campaigns/{campaign}"), json!(null)),
        ("PATCH", format!("/api/campaigns/{campaign}"), json!({"name": "stolen"})),
        ("POST", format!("/api/campaigns/{campaign}/archive"), json!(null)),
        (
            "POST",
            format!("/api/campaigns/{campaign}/messages"),
            json!({"recipients": [{"key": "b", "phone": "+436601234568"}]}),
        ),
        ("GET", format!("/api/messages/{message}"), json!(null)),
        ("GET", format!("/api/orders/{order}/receipt"), json!(null)),
    ];
    for (method, path, body) in paths {
        let request = client.request(method.parse().unwrap(), format!("{}{path}", story.url)).bearer_auth(&stranger);
        let answer = request.json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{method} {path}");
    }
    let callback = drawn["messages"][0]["callback_data"].as_str().unwrap();
    let status = json!({"statuses": [{"callback_data": callback, "status": "read", "at": "2026-08-24T01:00:00Z"}]});
    let answer = client
        .post(format!("{}/api/messages/statuses", story.url))
        .bearer_auth(&stranger)
        .json(&status)
        .send()
        .await
        .unwrap();
    let taken: Value = answer.json().await.unwrap();
    assert_eq!((taken["accepted"].as_i64(), taken["errors"][0]["code"].as_str()), (Some(0), Some("unknown_message")));
    let list = client.get(format!("{}/api/orders", story.url)).bearer_auth(&stranger).send().await.unwrap();
    assert_eq!(list.json::<Value>().await.unwrap()["orders"], json!([]));
    assert_eq!(story.report(&format!("/api/campaigns/{campaign}")).await["name"], "Winback");
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn a_repeat_with_an_idempotency_key_answers_the_same_campaign() {
    let story = Story::begin().await;
    let client = reqwest_client();
    let key = story.world.api_key().unwrap();
    let send = async |name: &str, idempotency: &str| {
        let body = json!({"name": name, "kind": "flow"});
        let request = client.post(format!("{}/api/campaigns", story.url)).bearer_auth(&key);
        let answer = request.header("idempotency-key", idempotency).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let first = send("A", "k1").await;
    assert_eq!(first.0, 201);
    assert_eq!(send("A", "k1").await, first);
    let clash = send("B", "k1").await;
    assert_eq!((clash.0, clash.1["code"].as_str()), (409, Some("idempotency_conflict")));
    assert_eq!(story.count::<Campaigns>().await, 1);
    story.end().await;
}

#[tokio::test]
async fn a_forged_delivery_leaves_no_row() {
    let story = Story::begin().await;
    let before = story.count::<Deliveries>().await;
    let body = json!({"id": 1, "total_price": "1.00"});
    let forged =
        story.world.delivery("orders/create", &body).signed_with("somebody else's secret").send().await.unwrap();
    assert_eq!(forged.status, 401, "{}", forged.text);
    assert_eq!(story.count::<Deliveries>().await, before, "unsigned input changes nothing");
    story.end().await;
}

#[tokio::test]
async fn no_address_holds_a_zero_byte() {
    let story = Story::begin().await;
    for path in [
        "/api/codes/A%00B",
        "/api/orders?cursor=%00",
        "/api/campaigns/%00",
        "/api/privacy/requests/%00/export",
        "/api/reports/links?campaign=a%00",
    ] {
        is_problem(&story.world.platform_get(path).await.unwrap(), 400, "invalid_address");
    }
    let post = |path| story.world.merchant_post(path, &Value::Null);
    is_problem(&post("/api/codes/%00/revoke").await.unwrap(), 400, "invalid_address");
    is_problem(&post("/api/deliveries/shopify/%00/replay").await.unwrap(), 400, "invalid_address");
    // Two signs that stand for a percent sign are no zero byte.
    assert_eq!(story.world.platform_get("/api/codes/A%2500").await.unwrap().status, 404);
    story.end().await;
}

#[tokio::test]
async fn keys_and_endpoints_are_named_on_one_line() {
    let story = Story::begin().await;
    let key = json!({"name": "a\u{0}b", "scopes": ["reports"]});
    is_problem(&story.world.merchant_post("/api/keys", &key).await.unwrap(), 422, "invalid_field");
    let endpoint = json!({"url": "https://platform.example/x", "events": ["code.live"], "description": "a\nb"});
    is_problem(&story.world.merchant_post("/api/webhooks", &endpoint).await.unwrap(), 422, "invalid_field");
    story.end().await;
}

/// PostgreSQL keeps no zero byte in a text; a shop's theme or its till may well write one.
#[tokio::test]
async fn zero_bytes_in_an_orders_texts_cost_no_order() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let visit = story.world.shopper_comes("/?utm_source=klaviyo&utm_medium=email");
    story.world.types_code(&visit, drawn["messages"][0]["code"].as_str().unwrap());
    let order = visit.buys(&[(2, 1)], story.world.customer(3)).unwrap();
    story.arrive().await;
    let mut body = story.world.order_body(order).unwrap();
    spoil(&mut body);
    (body["id"], body["checkout_token"]) = (json!(order + 1), Value::Null);
    assert!(body.to_string().contains("\\u0000"), "{body}");
    assert_eq!(story.world.deliver("orders/create", &body).await.unwrap().status, 200);
    story.settle().await;
    let unread = Deliveries::find().filter(DELIVERY.state.ne(DeliveryState::Done));
    let unread = unread.all(story.app.db.read()).await.unwrap();
    assert!(unread.is_empty(), "{unread:?}");
    let receipt = async |order: i64| story.report(&format!("/api/orders/{order}/receipt")).await;
    let (good, spoilt) = (receipt(order).await, receipt(order + 1).await);
    assert!(good["order"]["net_sales"].is_object() && good["order"] == with_id(&spoilt["order"], order), "{spoilt}");
    assert_eq!(spoilt["winner"]["code"], good["winner"]["code"], "{spoilt}");
    story.end().await;
}

fn with_id(order: &Value, id: i64) -> Value {
    let mut order = order.clone();
    order["shopify_order_id"] = json!(id.to_string());
    order
}

/// Puts a zero byte behind every text that people or themes write.
fn spoil(value: &mut Value) {
    const FREE: [&str; 24] = [
        "name",
        "value",
        "note",
        "landing_site",
        "landing_site_ref",
        "referring_site",
        "source_name",
        "source_identifier",
        "tags",
        "code",
        "title",
        "description",
        "first_name",
        "last_name",
        "company",
        "address1",
        "city",
        "zip",
        "sku",
        "vendor",
        "email",
        "phone",
        "gateway",
        "reference",
    ];
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if FREE.contains(&name.as_str()) => text.push('\u{0}'),
                    other => spoil(other),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(spoil),
        _ => {}
    }
}
