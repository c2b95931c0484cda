//! River 2: what Shopify and WhatsApp send is kept once, answered at once, translated later and again.

use recoup::kernel::id::ShopId;
use recoup::webhooks::{Deliveries, Replay, replay};
use serde_json::json;

use crate::install::reqwest_client;
use crate::story::Story;

#[tokio::test]
async fn a_delivery_is_kept_once_however_often_it_comes() {
    let story = Story::begin().await;
    let order = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(1)).unwrap();
    story.world.delivers_everything().await;
    let rows = story.count::<Deliveries>().await;
    assert!(rows > 0);
    story.settle().await;
    let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
    let body = json!({"shop_id": 548_380_010, "shop_domain": story.world.shop_domain(), "customer": {"id": 77}});
    for _ in 0..3 {
        let answer = story.world.delivery("customers/redact", &body).with_id("same-id").send().await.unwrap();
        assert_eq!(answer.status, 200);
    }
    story.settle().await;
    assert_eq!(story.count::<Deliveries>().await, rows + 1);
    // Translating everything again changes nothing.
    let again = replay(&story.app, &Replay::default()).await.unwrap();
    assert_eq!(again, rows + 1);
    story.settle().await;
    assert_eq!(story.report(&format!("/api/orders/{order}/receipt")).await, receipt);
    story.end().await;
}

#[tokio::test]
async fn strangers_and_strange_topics_are_acknowledged_and_recorded() {
    let story = Story::begin().await;
    let body = json!({"id": 1});
    let unknown_shop =
        story.world.delivery("orders/create", &body).from_shop("never-seen.myshopify.com").send().await.unwrap();
    let unknown_topic = story.world.delivery("themes/publish", &body).send().await.unwrap();
    assert_eq!((unknown_shop.status, unknown_topic.status), (200, 200));
    story.settle().await;
    use sea_orm::EntityTrait;
    let rows = Deliveries::find().all(story.app.db.read()).await.unwrap();
    assert!(rows.iter().any(|row| row.shop_id == ShopId::NOBODY && row.reason.is_some()), "kept under nobody's name");
    assert!(rows.iter().filter(|row| row.topic == "themes/publish").all(|row| row.reason.is_some()));
    story.end().await;
}

#[tokio::test]
async fn uninstalling_closes_every_door_but_compliance() {
    let story = Story::begin().await;
    story.pass(60).await;
    story.world.uninstalls();
    story.arrive().await;
    // The directory of shops is remembered for half a minute of real time, so ask for the fact itself.
    use sea_orm::EntityTrait;
    let shop = recoup::shops::Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert!(!shop.installed());
    let body = json!({"shop_id": shop.shop_id.0, "shop_domain": shop.domain});
    let answer = story.world.delivery("shop/redact", &body).send().await.unwrap();
    assert_eq!(answer.status, 200);
    story.settle().await;
    let requests = recoup::tombstones::Requests::find().all(story.app.db.read()).await.unwrap();
    assert_eq!(requests.len(), 1);
    story.end().await;
}

#[tokio::test]
async fn whatsapp_sets_its_webhook_up_and_statuses_find_their_message() {
    let story = Story::begin().await;
    let client = reqwest_client();
    let url = format!("{}/webhooks/whatsapp", story.url);
    let query = |token: &str| {
        [("hub.mode", "subscribe".to_owned()), ("hub.challenge", "4711".into()), ("hub.verify_token", token.into())]
    };
    let good = client.get(&url).query(&query("pretend-verify-token")).send().await.unwrap();
    assert_eq!((good.status().as_u16(), good.text().await.unwrap().as_str()), (200, "4711"));
    assert_eq!(client.get(&url).query(&query("wrong")).send().await.unwrap().status(), 403);

    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let message = &drawn["messages"][0];
    let status = |status: &str, at: i64| {
        json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp", "metadata": {"phone_number_id": "770000000000202", "display_phone_number": "1"},
            "statuses": [{"id": "wamid.TEST", "status": status, "timestamp": at.to_string(),
                "biz_opaque_callback_data": message["callback_data"]}]}}]}]})
    };
    let at = story.clock.now().seconds();
    // `read` overtakes `delivered`, and one of them comes twice.
    for (word, at) in [("read", at + 30), ("delivered", at + 10), ("read", at + 30), ("sent", at + 1)] {
        assert_eq!(story.world.whatsapp(&status(word, at)).await.unwrap().status, 200);
    }
    story.settle().await;
    let shown = story.report(&format!("/api/messages/{}", message["message_id"].as_str().unwrap())).await;
    let times: Vec<i64> = ["sent_at", "delivered_at", "read_at"]
        .iter()
        .map(|field| recoup::kernel::Timestamp::parse(shown[field].as_str().unwrap()).unwrap().seconds() - at)
        .collect();
    assert_eq!(times, [1, 10, 30]);
    story.end().await;
}

/// What the inbox says of a delivery.
async fn kept(story: &Story, id: &str) -> recoup::webhooks::Delivery {
    use sea_orm::{EntityTrait, QueryFilter};
    let one = Deliveries::find().filter(recoup::webhooks::DELIVERY.delivery_id.eq(id)).one(story.app.db.read()).await;
    one.unwrap().unwrap_or_else(|| panic!("{id} is not kept"))
}

fn order(id: i64) -> serde_json::Value {
    json!({"id": id, "name": "#1", "currency": "EUR", "total_price": "10.00", "updated_at": "2026-08-24T00:00:00Z"})
}

#[tokio::test]
async fn what_is_older_than_any_retry_is_kept_and_not_applied_until_somebody_wants_it() {
    use recoup::webhooks::DeliveryState::{Done, Ignored};
    let story = Story::begin().await;
    story.pass(3 * 86_400).await;
    let ago = |hours: i64| story.clock.now().plus_seconds(-hours * 3_600);
    // A day late and four hours of retries is honest; two days is a recording, whatever id it carries.
    for (id, hours, n) in [("late", 29, 1), ("recorded", 48, 2), ("ahead", -2, 3)] {
        let sent = story.world.delivery("orders/create", &order(n)).with_id(id).triggered_at(ago(hours)).send().await;
        assert_eq!(sent.unwrap().status, 200);
    }
    let right = json!({"shop_id": 548_380_010, "shop_domain": story.world.shop_domain(), "customer": {"id": 1}});
    let sent = story.world.delivery("customers/redact", &right).with_id("right").triggered_at(ago(480)).send().await;
    assert_eq!(sent.unwrap().status, 200);
    story.settle().await;
    assert_eq!(kept(&story, "late").await.state, Done);
    let recorded = kept(&story, "recorded").await;
    assert_eq!(recorded.state, Ignored);
    assert!(recorded.reason.unwrap().contains("longer ago than Shopify tries"));
    assert_eq!(kept(&story, "ahead").await.triggered_at, None, "nothing happens in the future");
    assert_ne!(kept(&story, "right").await.state, Ignored, "a right is never too late");
    assert_eq!(story.count::<recoup::orders::Orders>().await, 2);
    let one = Replay { delivery_id: Some("recorded".into()), ..Replay::default() };
    assert_eq!(replay(&story.app, &one).await.unwrap(), 1);
    story.settle().await;
    assert_eq!(kept(&story, "recorded").await.state, Done);
    story.end().await;
}

#[tokio::test]
async fn fifty_at_once_are_one() {
    let story = Story::begin().await;
    let body = order(1);
    let sent = (0..50).map(|_| story.world.delivery("orders/create", &body).with_id("one").send());
    let answers = futures::future::join_all(sent).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().status == 200));
    let rows = story.count::<Deliveries>().await;
    story.settle().await;
    assert_eq!((rows, story.count::<recoup::orders::Orders>().await), (1, 1));
    story.end().await;
}

#[tokio::test]
async fn both_families_are_taken_and_a_payload_may_not_name_another_shop() {
    use recoup::webhooks::DeliveryState::Done;
    let story = Story::begin().await;
    story.world.delivery("orders/create", &order(1)).with_id("event").as_event().send().await.unwrap();
    let mut elsewhere = order(2);
    elsewhere["shop_domain"] = json!("elsewhere.myshopify.com");
    let elsewhere = story.world.delivery("orders/create", &elsewhere).send().await.unwrap();
    let shop = json!({"id": 548_380_010, "myshopify_domain": "elsewhere.myshopify.com"});
    let left = story.world.delivery("app/uninstalled", &shop).send().await.unwrap();
    assert_eq!((elsewhere.status, left.status), (401, 401), "{} {}", elsewhere.text, left.text);
    story.settle().await;
    assert_eq!(kept(&story, "event").await.state, Done);
    assert_eq!(story.count::<Deliveries>().await, 1, "what is not believed stands on nobody's page");
    story.end().await;
}

#[tokio::test]
async fn a_slow_body_is_408_and_the_connection_ends() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let story = Story::begin().await;
    let address = story.url.trim_start_matches("http://").to_owned();
    let mut slow = tokio::net::TcpStream::connect(&address).await.unwrap();
    slow.write_all(b"POST /webhooks/shopify HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{").await.unwrap();
    let began = std::time::Instant::now();
    let mut said = Vec::new();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(15), slow.read_to_end(&mut said)).await;
    let said = String::from_utf8_lossy(&said);
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert!(said.contains("slow_body"), "{said}");
    assert!(ended.is_ok(), "the connection stays open after {:?}", began.elapsed());
    assert!(began.elapsed() < std::time::Duration::from_secs(8));
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn the_merchant_sees_what_was_set_aside_and_why_and_has_it_tried_again() {
    let story = Story::begin().await;
    for n in 0..3 {
        // An order without a total cannot be read.
        story
            .world
            .delivery("orders/create", &json!({"id": n, "currency": "EUR"}))
            .with_id(&format!("d-{n}"))
            .send()
            .await
            .unwrap();
        story.pass(60).await;
    }
    story.world.delivery("orders/create", &order(7)).with_id("good").send().await.unwrap();
    story.settle().await;
    let page = story.report("/api/deliveries?limit=2").await;
    let ids = |page: &serde_json::Value| -> Vec<String> {
        let all = page["deliveries"].as_array().unwrap();
        all.iter().map(|one| one["delivery_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&page), ["d-2", "d-1"]);
    let dead = &page["deliveries"][0];
    assert_eq!((dead["source"].as_str(), dead["state"].as_str()), (Some("shopify"), Some("dead")));
    assert!(dead["reason"].as_str().unwrap().contains("total_price"), "{dead}");
    let next = story.report(&format!("/api/deliveries?limit=2&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_eq!((ids(&next), next["next_cursor"].is_null()), (vec!["d-0".to_owned()], true));
    assert_eq!(ids(&story.report("/api/deliveries?state=done&topic=orders/create").await), ["good"]);
    assert_eq!(ids(&story.report("/api/deliveries?topic=orders/paid").await), [""; 0]);

    let again = story.world.merchant_post("/api/deliveries/shopify/d-1/replay", &json!({})).await.unwrap();
    assert_eq!((again.status, again.json["waiting"].as_i64()), (202, Some(1)), "{}", again.text);
    story.settle().await;
    assert_eq!(ids(&story.report("/api/deliveries").await).len(), 3, "it still cannot be read");
    for (path, status) in [("/api/deliveries/shopify/nobodys/replay", 404), ("/api/deliveries/pigeon/d-1/replay", 404)]
    {
        assert_eq!(story.world.merchant_post(path, &json!({})).await.unwrap().status, status, "{path}");
    }
    for query in ["state=lost", "limit=0", "cursor=x"] {
        let answer = story.world.merchant_get(&format!("/api/deliveries?{query}")).await.unwrap();
        assert!((400..500).contains(&answer.status), "{query}: {}", answer.status);
    }
    assert_eq!(story.world.platform_get("/api/deliveries").await.unwrap().status, 403, "not with an API key");
    story.close().await;
}
