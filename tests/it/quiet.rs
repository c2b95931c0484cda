//! Checkouts that lie quiet: offered when they have, to the second; taken back when their shopper buys, by whatever road
//! that is heard; and the same whatever is heard first.

use recoup::abandoned::Watch;
use recoup::jobs::{self, Job};
use recoup::kernel::Timestamp;
use recoup::simulator::{Buyer, Faults};
use sea_orm::{EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::story::Story;
use crate::telling::Receiver;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

fn ana() -> Buyer {
    Buyer {
        customer_id: Some(6_900_000_000_001),
        first_name: "Ana".into(),
        last_name: "Weber".into(),
        email: Some("ana@example.com".into()),
        phone: Some("+436601112223".into()),
    }
}

/// The same Ana, on a device where nobody is logged in.
fn ana_elsewhere() -> Buyer {
    Buyer { customer_id: None, email: Some("other@example.com".into()), ..ana() }
}

impl Story {
    /// A checkout begun just now, told by webhook.
    async fn begins_checkout(&self, buyer: Buyer) -> String {
        let token = self.world.shopper_comes("/").checks_out(&[(1, 1)], buyer).unwrap();
        self.arrive().await;
        token
    }

    async fn quiet(&self, state: &str) -> Vec<Value> {
        let answer = self.world.platform_get(&format!("/api/checkouts?state={state}")).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["checkouts"].as_array().unwrap().clone()
    }

    async fn checkout_story(&self, token: &str) -> Value {
        self.report(&format!("/api/checkouts/{token}")).await
    }

    async fn waits_for_checkouts(&self, seconds: Value, holdout: f64) -> String {
        let change = |body: &mut Value| {
            body["kind"] = json!("abandoned_checkout");
            body["link"] = json!({"destination": "checkout"});
            body["holdout"] = json!(holdout);
            if !seconds.is_null() {
                body["abandoned_after_seconds"] = seconds;
            }
        };
        self.campaign(change).await
    }

    async fn hears(&self, platform: &Receiver) -> Vec<Value> {
        self.settle().await;
        platform.took().iter().map(crate::telling::Call::json).collect()
    }
}

fn tokens(list: &[Value]) -> Vec<&str> {
    list.iter().map(|one| one["checkout_token"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_checkout_is_offered_an_hour_after_its_last_step_and_each_step_moves_the_hour() {
    let story = Story::begin().await;
    let begun = story.clock.now();
    let token = story.begins_checkout(ana()).await;
    let nobody = story.begins_checkout(Buyer::default()).await;
    story.pass(30 * MINUTE).await;
    let worked_on = story.clock.now();
    assert!(story.world.works_on(&token, None));
    story.arrive().await;
    let waiting =
        jobs::Entity::find().filter(jobs::COLUMN.kind.eq(Watch::NAME)).all(story.app.db.read()).await.unwrap();
    assert_eq!(waiting.len(), 1, "one job a shop, however often checkouts are worked on");
    story.pass(45 * MINUTE).await;
    assert_eq!(story.quiet("abandoned").await, Vec::<Value>::new(), "an hour after the first step, not after the last");
    story.pass(15 * MINUTE).await;

    let [offer] = &story.quiet("open").await[..] else { panic!("one is offered") };
    assert_eq!((&offer["checkout_token"], &offer["state"]), (&json!(token), &json!("open")));
    assert_eq!((&offer["begun_at"], &offer["last_active_at"]), (&json!(begun), &json!(worked_on)));
    assert_eq!(offer["abandoned_at"], json!(worked_on.plus_seconds(HOUR)));
    assert_eq!(offer["offered_at"], json!(story.clock.now()));
    assert_eq!((&offer["contact"]["phone"], &offer["opens_again"]), (&json!(true), &json!(true)));
    assert!(offer["value"]["minor"].as_i64().unwrap() > 0, "{offer}");
    assert!(!offer.to_string().contains("6601112223") && !offer.to_string().contains("recover?key"), "{offer}");

    // They come back, and leave again.
    let back = story.clock.now();
    assert!(story.world.works_on(&token, None));
    story.arrive().await;
    assert_eq!(story.quiet("abandoned").await, Vec::<Value>::new());
    story.pass(HOUR).await;
    assert_eq!(story.quiet("open").await[0]["abandoned_at"], json!(back.plus_seconds(HOUR)));

    // Whom nobody knew is known late: abandoned long ago, offered now.
    let at = begun.plus_seconds(5).to_string();
    let late = json!({"token": nobody, "currency": "EUR", "total_price": "12.00", "phone": "+436609990001",
        "created_at": begun.to_string(), "updated_at": at});
    assert_eq!(story.world.deliver("checkouts/update", &late).await.unwrap().status, 200);
    story.settle().await;
    let offers = story.quiet("open").await;
    assert_eq!(tokens(&offers), [token.as_str(), nobody.as_str()], "the latest abandoned first");
    assert_eq!(offers[1]["abandoned_at"], json!(begun.plus_seconds(5 + HOUR)));
    assert_eq!(offers[1]["offered_at"], json!(story.clock.now()));

    // A page at a time.
    let first = story.world.platform_get("/api/checkouts?limit=1").await.unwrap().json;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = story.world.platform_get(&format!("/api/checkouts?limit=1&cursor={cursor}")).await.unwrap().json;
    assert_eq!((&second["checkouts"][0]["checkout_token"], &second["next_cursor"]), (&json!(nobody), &Value::Null));
    for wrong in ["state=lost", "limit=0", "cursor=x"] {
        let refused = story.world.platform_get(&format!("/api/checkouts?{wrong}")).await.unwrap();
        assert!([400, 422].contains(&refused.status), "{wrong}: {}", refused.text);
    }
    story.end().await;
}

#[tokio::test]
async fn each_campaign_is_told_at_its_own_delay_and_an_order_on_another_device_takes_all_back() {
    let story = Story::begin().await;
    let soon = story.waits_for_checkouts(json!(600), 0.0).await;
    let later = story.waits_for_checkouts(json!(DAY), 0.0).await;
    let refused = json!({"name": "x", "kind": "flow", "abandoned_after_seconds": 900});
    assert_eq!(story.world.platform_post("/api/campaigns", &refused).await.unwrap().status, 422);
    let refused = json!({"name": "x", "kind": "abandoned_checkout", "abandoned_after_seconds": 599});
    assert_eq!(story.world.platform_post("/api/campaigns", &refused).await.unwrap().status, 422);
    let platform = Receiver::start().await;
    story.subscribes(&platform.url, json!(["checkout.abandoned", "checkout.withdrawn"])).await;

    let begun = story.clock.now();
    let (phone, laptop) = (story.begins_checkout(ana()).await, story.begins_checkout(ana_elsewhere()).await);
    let other = story.begins_checkout(Buyer { phone: Some("+436607778889".into()), ..Buyer::default() }).await;
    story.pass(599).await;
    assert_eq!(story.hears(&platform).await, Vec::<Value>::new());
    story.pass(1).await;
    let told = story.hears(&platform).await;
    assert_eq!(told.len(), 3, "{told:?}");
    let of_phone = told.iter().find(|one| one["data"]["checkout_token"] == json!(phone)).unwrap();
    assert_eq!(of_phone["type"], "checkout.abandoned");
    assert_eq!(of_phone["timestamp"], json!(begun.plus_seconds(600)), "event time");
    let campaigns = &of_phone["data"]["campaigns"];
    assert_eq!((&campaigns[0]["campaign_id"], &campaigns[0]["due"]), (&json!(soon), &json!(true)));
    assert_eq!((&campaigns[1]["campaign_id"], &campaigns[1]["due"]), (&json!(later), &json!(false)));
    assert_eq!(campaigns[1]["from"], json!(begun.plus_seconds(DAY)));

    // Drawn as the offer says, it carries message, code and link.
    let path = campaigns[0]["draw"].as_str().unwrap().strip_prefix("POST ").unwrap();
    let recipient = json!({"key": "ana", "phone": "+436601112223", "checkout_token": phone});
    let drawn = story.world.platform_post(path, &json!({"recipients": [recipient]})).await.unwrap();
    let message = &drawn.json["messages"][0];
    let [shown] = &story.quiet("messaged").await[..] else { panic!("one was drawn for") };
    assert_eq!((&shown["checkout_token"], &shown["state"]), (&json!(phone), &json!("messaged")));
    for field in ["message_id", "code", "link", "held_out"] {
        assert_eq!(shown["messages"][0][field], message[field], "{field}");
    }
    assert_eq!(story.quiet("open").await.len(), 2);
    assert_eq!(story.quiet("abandoned").await.len(), 3);

    // The other campaign's delay is over.
    story.pass(DAY - 600).await;
    let told = story.hears(&platform).await;
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|one| one["data"]["campaigns"][1]["due"] == true), "{told:?}");

    // She buys on the laptop.
    let order = story.world.completes(&laptop, Default::default()).unwrap();
    story.arrive().await;
    let told = story.hears(&platform).await;
    let why = |token: &str| {
        let found = told.iter().find(|one| one["data"]["checkout_token"] == token);
        found.map(|one| (one["type"].as_str().unwrap(), one["data"]["withdrawn_because"].as_str().unwrap()))
    };
    assert_eq!(why(&phone), Some(("checkout.withdrawn", "bought")), "{told:?}");
    assert_eq!(why(&laptop), Some(("checkout.withdrawn", "completed")));
    assert_eq!(why(&other), None, "nobody else's is taken back");
    assert_eq!(tokens(&story.quiet("abandoned").await), [other.as_str()]);
    let [withdrawn] = &story.quiet("withdrawn").await[..] else { panic!("one is withdrawn") };
    assert_eq!((&withdrawn["because"], &withdrawn["shopify_order_id"]), (&json!("bought"), &json!(order.to_string())));
    assert_eq!((&withdrawn["ended_at"], &withdrawn["campaigns"]), (&json!(story.clock.now()), &json!([])));
    assert_eq!(tokens(&story.quiet("recovered").await), [laptop.as_str()]);

    // Its story, from its beginning to its end.
    let tale = story.checkout_story(&phone).await;
    let what: Vec<&str> = tale["moments"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    let order_of = |word: &str| what.iter().position(|one| *one == word).unwrap_or_else(|| panic!("{word}: {what:?}"));
    let told = ["begun", "abandoned", "message", "taken_back", "bought"].map(order_of);
    assert!(told.is_sorted(), "{what:?}");
    assert!(what.contains(&"contact_known") && what.contains(&"offered"), "{what:?}");
    assert_eq!(story.world.merchant_get("/api/checkouts/nobodys").await.unwrap().status, 404);

    // Deleted at Shopify.
    assert!(story.world.deletes_checkout(&other));
    story.arrive().await;
    let told = story.hears(&platform).await;
    assert_eq!((told.len(), &told[0]["data"]["withdrawn_because"]), (1, &json!("deleted")), "{told:?}");
    assert_eq!(tokens(&story.quiet("deleted").await), [other.as_str()]);
    story.end().await;
}

#[tokio::test]
async fn the_held_out_are_followed_like_all_others_and_get_no_message() {
    let story = Story::begin().await;
    let campaign = story.waits_for_checkouts(Value::Null, 0.5).await;
    let mut checkouts = Vec::new();
    for n in 0..6 {
        let phone = format!("+43660222000{n}");
        let buyer = Buyer { phone: Some(phone.clone()), ..Buyer::default() };
        checkouts.push((phone, story.begins_checkout(buyer).await));
    }
    story.pass(HOUR).await;
    let people: Value =
        checkouts.iter().map(|(phone, token)| json!({"key": phone, "phone": phone, "checkout_token": token})).collect();
    let drawn = story.draw(&campaign, people).await["messages"].as_array().unwrap().clone();
    let held: Vec<&String> =
        checkouts.iter().zip(&drawn).filter(|(_, one)| one["held_out"] == true).map(|((_, token), _)| token).collect();
    assert!((1..6).contains(&held.len()), "some of six are held out, and some are not");
    let shown = story.quiet("held_out").await;
    assert_eq!(shown.len(), held.len());
    for one in &shown {
        let message = &one["messages"][0];
        assert_eq!(
            (&message["held_out"], &message["message_id"], &message["link"]),
            (&json!(true), &Value::Null, &Value::Null)
        );
    }
    assert_eq!(story.quiet("messaged").await.len(), 6 - held.len());
    story.world.completes(held[0], Default::default()).unwrap();
    story.arrive().await;
    let [recovered] = &story.quiet("recovered").await[..] else { panic!("one is recovered") };
    assert_eq!((&recovered["checkout_token"], &recovered["messages"][0]["held_out"]), (&json!(held[0]), &json!(true)));
    let tale = story.checkout_story(held[0]).await;
    assert!(tale["moments"].as_array().unwrap().iter().any(|one| one["what"] == "held_out"), "{tale}");
    story.end().await;
}

#[tokio::test]
async fn what_is_read_again_ends_in_the_same_instants_as_what_a_webhook_told() {
    let story = Story::begin().await;
    let no_webhooks = || story.world.set_faults(Faults { drops: 1.0, ..Faults::none() });
    let all_webhooks = || story.world.set_faults(Faults::none());
    all_webhooks();
    let told = story
        .begins_checkout(Buyer { customer_id: Some(6_900_000_000_002), phone: Some("+436603334441".into()), ..ana() })
        .await;
    let lost = story.begins_checkout(ana()).await;
    story.pass(20 * MINUTE).await;
    let last = story.clock.now();
    assert!(story.world.works_on(&told, None));
    no_webhooks();
    assert!(story.world.works_on(&lost, None));
    story.arrive().await;
    for _ in 0..40 {
        story.pass(5 * MINUTE).await;
    }
    let offers = story.quiet("open").await;
    assert_eq!(offers.len(), 2);
    for offer in &offers {
        assert_eq!(offer["last_active_at"], json!(last), "{offer}");
        assert_eq!(offer["abandoned_at"], json!(last.plus_seconds(HOUR)), "{offer}");
    }

    // No webhook tells that she bought elsewhere, either.
    let elsewhere = story.world.shopper_comes("/").buys(&[(2, 1)], ana_elsewhere()).unwrap();
    let bought = story.clock.now();
    story.arrive().await;
    assert_eq!(story.quiet("open").await.len(), 2, "nobody has told");
    for _ in 0..24 {
        story.pass(5 * MINUTE).await;
    }
    assert_eq!(tokens(&story.quiet("open").await), [told.as_str()]);
    let [withdrawn] = &story.quiet("withdrawn").await[..] else { panic!("one is withdrawn") };
    assert_eq!((&withdrawn["checkout_token"], &withdrawn["ended_at"]), (&json!(lost), &json!(bought)));
    assert_eq!(withdrawn["shopify_order_id"], json!(elsewhere.to_string()));
    story.end().await;
}

/// What is told of one person who has three checkouts: one completed, one left, one deleted.
fn deliveries(n: usize, at: Timestamp) -> Vec<(&'static str, Value)> {
    let after = |minutes: i64| at.plus_seconds(minutes * MINUTE).to_string();
    let phone = format!("+43660{:07}", 3_000_000 + n);
    let checkout = |name: &str, begun: i64, updated: i64, phone: Option<&str>| {
        json!({"id": n * 100 + name.len(), "token": format!("{name}-{n}"), "cart_token": format!("cart-{name}-{n}"), "currency": "EUR",
            "total_price": "20.00", "created_at": after(begun), "updated_at": after(updated), "phone": phone})
    };
    let order = json!({"id": 7_700_000 + n, "name": format!("#{n}"), "created_at": after(200), "processed_at": after(200),
        "updated_at": after(200), "currency": "EUR", "presentment_currency": "EUR", "financial_status": "paid", "source_name": "web",
        "checkout_token": format!("completed-{n}"), "phone": phone, "line_items": [], "total_price": "0.00"});
    let mut deleted = checkout("deleted", 0, 30, Some("+436604440000"));
    deleted["phone"] = json!(format!("+43660{:07}", 4_000_000 + n));
    vec![
        ("checkouts/create", checkout("completed", 0, 0, None)),
        ("checkouts/update", checkout("completed", 0, 10, Some(&phone))),
        ("orders/create", order),
        ("checkouts/create", checkout("left", 20, 25, Some(&phone))),
        ("checkouts/update", deleted),
        ("checkouts/delete", json!({"id": n * 100 + "deleted".len(), "cart_token": format!("cart-deleted-{n}")})),
    ]
}

#[tokio::test]
async fn whatever_is_heard_first_and_however_often_the_same_becomes_of_it() {
    let story = Story::begin().await;
    let at = story.clock.now();
    story.clock.advance_to(at.plus_seconds(6 * HOUR));
    story.settle().await;
    let mut ends = Vec::new();
    for n in 0..18 {
        let mut told = deliveries(n, at);
        // Every rotation, forwards, backwards, and with neighbours changed.
        told.rotate_left(n % 6);
        match n / 6 {
            0 => {}
            1 => told.reverse(),
            _ => told.chunks_mut(2).for_each(<[_]>::reverse),
        }
        for (topic, body) in told.iter().chain(&told[..3]) {
            assert_eq!(story.world.deliver(topic, body).await.unwrap().status, 200);
            story.settle().await;
        }
        let mut end = Vec::new();
        for name in ["completed", "left", "deleted"] {
            let checkout = story.checkout_story(&format!("{name}-{n}")).await["checkout"].clone();
            let fields = ["state", "begun_at", "last_active_at", "abandoned_at", "ended_at", "because"];
            end.push(fields.map(|field| checkout[field].clone()));
        }
        ends.push(end);
    }
    let states: Vec<&Value> = ends[0].iter().map(|one| &one[0]).collect();
    assert_eq!(states, ["recovered", "withdrawn", "deleted"], "{:?}", ends[0]);
    assert_eq!(ends[0][0][3], json!(at.plus_seconds(10 * MINUTE + HOUR)));
    for (n, end) in ends.iter().enumerate() {
        assert_eq!(*end, ends[0], "order of arrival {n}");
    }
    story.end().await;
}

#[tokio::test]
async fn whoever_was_forgotten_is_offered_to_nobody() {
    let story = Story::begin().await;
    let platform = Receiver::start().await;
    story.subscribes(&platform.url, json!(["checkout.withdrawn"])).await;
    let token = story.begins_checkout(story.world.customer(3)).await;
    story.pass(HOUR).await;
    assert_eq!(tokens(&story.quiet("open").await), [token.as_str()]);
    let redact = story.world.compliance_body("customers/redact", 3);
    story.world.deliver("customers/redact", &redact).await.unwrap();
    story.settle().await;
    story.pass(2 * MINUTE).await;
    assert_eq!(story.quiet("abandoned").await, Vec::<Value>::new());
    let told = story.hears(&platform).await;
    assert_eq!((told.len(), &told[0]["data"]["withdrawn_because"]), (1, &json!("unreachable")), "{told:?}");
    story.end().await;
}
