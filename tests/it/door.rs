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
    let body = json!({"id": 77, "shop_domain": story.world.shop_domain()});
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
    let requests = recoup::privacy::Requests::find().all(story.app.db.read()).await.unwrap();
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
