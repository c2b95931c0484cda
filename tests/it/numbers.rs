//! Whose a WhatsApp number is: shown by what Meta signs, decided by the operator, never by who writes it first.

use recoup::shops::shop_of_number;
use recoup::simulator::ShopProfile;
use recoup::webhooks::Deliveries;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::Story;

const OTHER: &str = "other-shop.myshopify.com";
const OTHER_ID: i64 = 548_380_011;
const NUMBER: &str = "770000000000999";

async fn settings(story: &Story, domain: &str, body: Option<Value>) -> Value {
    let (client, url) = (reqwest_client(), format!("{}/api/settings", story.url));
    let request = match &body {
        Some(body) => client.patch(url).json(body),
        None => client.get(url),
    };
    let answer = request.bearer_auth(story.world.id_token(domain)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

async fn claims(story: &Story, domain: &str) -> String {
    let answer = settings(story, domain, Some(json!({"whatsapp_phone_number_ids": [NUMBER]}))).await;
    state(&answer)
}

fn state(settings: &Value) -> String {
    assert_eq!(settings["whatsapp_phone_number_ids"], json!([NUMBER]));
    settings["whatsapp_numbers"][0]["state"].as_str().unwrap().to_owned()
}

/// A status from the number, with somebody's callback data or with none.
async fn status(story: &Story, callback: Option<&Value>, wamid: &str) {
    let at = story.clock.now().seconds();
    let mut status =
        json!({"id": wamid, "status": "delivered", "timestamp": at.to_string(), "recipient_id": "436601234567"});
    if let Some(callback) = callback {
        status["biz_opaque_callback_data"] = callback.clone();
    }
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER, "display_phone_number": "1"},
        "statuses": [status]}}]}]});
    assert_eq!(story.world.whatsapp(&body).await.unwrap().status, 200);
    story.settle().await;
}

/// How many of WhatsApp's deliveries are kept for the other shop.
async fn theirs(story: &Story) -> u64 {
    let kept = Deliveries::find().filter(recoup::webhooks::DELIVERY.shop_id.eq(OTHER_ID));
    kept.filter(recoup::webhooks::DELIVERY.topic.eq("statuses")).count(story.app.db.read()).await.unwrap()
}

#[tokio::test]
async fn a_number_is_whose_messages_come_from_it_and_not_who_wrote_it_first() {
    let story = Story::begin().await;
    let usual = ShopProfile::default();
    story.world.add_shop(ShopProfile { domain: OTHER.into(), id: OTHER_ID, ..usual });
    assert_eq!(story.world.opens_app(OTHER).await.unwrap().status, 200);
    story.settle().await;
    let main = story.world.shop_domain();

    // The other merchant is quicker; what it gets by that is nothing.
    assert_eq!(claims(&story, OTHER).await, "waiting");
    assert_eq!(claims(&story, &main).await, "waiting");
    status(&story, None, "wamid.1").await;
    assert_eq!(theirs(&story).await, 0, "a number somebody merely wrote down is nobody's");
    assert_eq!(shop_of_number(story.app.db.read(), NUMBER).await.unwrap(), None);

    // A message of the main shop comes from it.
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let callback = &drawn["messages"][0]["callback_data"];
    // Somebody made it up: that shows nothing.
    let mut forged = callback.as_str().unwrap().to_owned();
    forged.pop();
    status(&story, Some(&json!(format!("{forged}_"))), "wamid.2").await;
    assert_eq!(state(&settings(&story, &main, None).await), "waiting");
    status(&story, Some(callback), "wamid.3").await;
    assert_eq!(state(&settings(&story, &main, None).await), "proven");
    assert_eq!(state(&settings(&story, OTHER, None).await), "taken");
    status(&story, None, "wamid.4").await;
    assert_eq!(theirs(&story).await, 0);

    // Written again or not, it stays so; who leaves it out gives it back.
    assert_eq!(claims(&story, OTHER).await, "taken");
    assert_eq!(claims(&story, &main).await, "proven");
    settings(&story, &main, Some(json!({"whatsapp_phone_number_ids": []}))).await;
    assert_eq!(shop_of_number(story.app.db.read(), NUMBER).await.unwrap(), None);
    assert_eq!(state(&settings(&story, OTHER, None).await), "waiting");
    assert_eq!(claims(&story, &main).await, "waiting");
    status(&story, Some(callback), "wamid.5").await;
    assert_eq!(state(&settings(&story, &main, None).await), "proven");

    // The operator decides otherwise.
    let txn = story.app.db.begin_write().await.unwrap();
    recoup::shops::give_number(&txn, recoup::kernel::id::ShopId(OTHER_ID), NUMBER).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(state(&settings(&story, OTHER, None).await), "proven");
    assert_eq!(state(&settings(&story, &main, None).await), "taken");
    status(&story, Some(callback), "wamid.6").await;
    assert_eq!(state(&settings(&story, &main, None).await), "taken", "the first proof holds");
    status(&story, None, "wamid.7").await;
    assert_eq!(theirs(&story).await, 1);
    story.end().await;
}

#[tokio::test]
async fn a_number_is_free_when_its_shop_leaves() {
    let story = Story::begin().await;
    let main = story.world.shop_domain();
    claims(&story, &main).await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    status(&story, Some(&drawn["messages"][0]["callback_data"]), "wamid.1").await;
    assert_eq!(state(&settings(&story, &main, None).await), "proven");
    story.world.uninstalls();
    story.arrive().await;
    assert_eq!(shop_of_number(story.app.db.read(), NUMBER).await.unwrap(), None);
    story.end().await;
}
