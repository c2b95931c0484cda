//! River 1: recipients drawn, some held out, a code that Shopify really holds and a link for each.

use std::collections::HashSet;

use recoup::links::{CLICK, Clicks, Links};
use recoup::messages::Messages;
use sea_orm::{EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::Story;

fn people(range: std::ops::Range<usize>) -> Value {
    range.map(|i| json!({"key": format!("crm-{i}"), "phone": format!("+43660{:07}", 1_000_000 + i)})).collect()
}

#[tokio::test]
async fn everybody_gets_one_code_that_shopify_holds_and_asking_again_changes_nothing() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["expected_recipients"] = json!(40)).await;
    let first = story.draw(&campaign, people(0..40)).await;
    let again = story.draw(&campaign, people(0..40)).await;
    assert_eq!(first, again);
    let messages = first["messages"].as_array().unwrap();
    assert_eq!((messages.len(), first["errors"].as_array().unwrap().len()), (40, 0));
    let codes: HashSet<&str> = messages.iter().map(|m| m["code"].as_str().unwrap()).collect();
    assert_eq!(codes.len(), 40);
    let held: HashSet<String> = story.world.redeem_codes().into_iter().map(|code| code.code).collect();
    assert!(codes.iter().all(|code| held.contains(*code)), "every code shown is one Shopify holds");
    for message in messages {
        assert_eq!(message["code_state"], "live");
        assert_eq!(message["code"].as_str().unwrap().len(), 12);
        assert_eq!(message["expires_at"], "2026-08-26T00:10:20Z");
        let link = message["link"].as_str().unwrap();
        assert!(link.ends_with(message["button_suffix"].as_str().unwrap()), "{link}");
    }
    for discount in story.world.discounts().iter().filter(|discount| discount.tags.iter().any(|tag| tag == "recoup")) {
        let ends = discount.ends_at.expect("a slot ends").seconds();
        assert_eq!(ends % 3_600, 0, "a discount ends with its slot");
    }
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn an_empty_pool_promises_and_keeps_the_promise() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["kind"] = json!("broadcast")).await;
    let drawn = story.draw(&campaign, people(0..300)).await;
    let pending = &drawn["messages"][0];
    assert_eq!((pending["code_state"].as_str(), pending["code"].as_str()), (Some("pending"), None));
    assert!(pending["expected_at"].is_string());
    // The link works meanwhile.
    let visit = story.world.shopper_taps(pending["link"].as_str().unwrap()).await.unwrap();
    assert!(visit.codes().is_empty());
    for _ in 0..20 {
        story.pass(3).await;
    }
    let path = format!("/api/messages/{}", pending["message_id"].as_str().unwrap());
    let message = story.world.platform_get(&path).await.unwrap().json;
    assert_eq!(message["code_state"], "live", "{message}");
    let held: HashSet<String> = story.world.redeem_codes().into_iter().map(|code| code.code).collect();
    assert!(held.contains(message["code"].as_str().unwrap()));
    let again = story.draw(&campaign, people(0..300)).await;
    assert!(again["messages"].as_array().unwrap().iter().all(|m| m["code_state"] == "live"), "all 300 are live");
    story.end().await;
}

#[tokio::test]
async fn the_held_out_get_nothing_and_stay_held_out() {
    let story = Story::begin().await;
    let campaign = story
        .campaign(|body| {
            body["holdout"] = json!(0.3);
            body["offer"] = Value::Null;
        })
        .await;
    let drawn = story.draw(&campaign, people(0..400)).await;
    let held: Vec<&Value> = drawn["messages"].as_array().unwrap().iter().filter(|m| m["held_out"] == true).collect();
    assert!((80..160).contains(&held.len()), "{} of 400 at 30 %", held.len());
    for message in &held {
        for field in ["message_id", "code", "code_state", "expires_at", "link", "button_suffix", "callback_data"] {
            assert_eq!(message[field], Value::Null, "{field}");
        }
    }
    let messages = 400 - held.len() as u64;
    assert_eq!((story.count::<Messages>().await, story.count::<Links>().await), (messages, messages));
    assert_eq!(story.draw(&campaign, people(0..400)).await, drawn);
    story.end().await;
}

#[tokio::test]
async fn one_bad_recipient_never_spoils_the_rest() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let drawn = story
        .draw(
            &campaign,
            json!([
                {"key": "good", "phone": "0660 1234567"},
                {"key": "bad", "phone": "12"},
                {"key": "nobody"},
                {"key": "user", "whatsapp_user_id": "AT.1234567890123456"},
                {"key": "good", "phone": "+436601234567"},
                {"key": "nul", "phone": "+436601234568", "checkout_token": "a\u{0}b"},
            ]),
        )
        .await;
    let keys =
        |field: &str| drawn[field].as_array().unwrap().iter().map(|m| m["key"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(keys("messages"), ["good", "user"]);
    let codes: Vec<&str> = drawn["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["bad_phone", "no_address", "duplicate_key", "bad_checkout_token"]);
    story.end().await;
}

#[tokio::test]
async fn ten_thousand_recipients_fit_in_one_call() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let drawn = story.draw(&campaign, people(0..10_000)).await;
    assert_eq!(drawn["messages"].as_array().unwrap().len(), 10_000);
    let path = format!("/api/campaigns/{campaign}/messages");
    let more = story.world.platform_post(&path, &json!({"recipients": people(0..10_001)})).await.unwrap();
    assert_eq!((more.status, more.json["field"].as_str()), (422, Some("recipients")));
    story.end().await;
}

#[tokio::test]
async fn a_tap_applies_the_code_carries_the_click_and_ends_to_the_second() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, people(0..1)).await;
    let message = &drawn["messages"][0];
    let link = message["link"].as_str().unwrap();
    let client = reqwest_client();
    let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1";
    let tap = |query: &str| client.get(format!("{link}{query}")).header("user-agent", agent).send();
    let sent_on = tap("?fbclid=meta").await.unwrap();
    assert_eq!(sent_on.status(), 302);
    let location = sent_on.headers()["location"].to_str().unwrap().to_owned();
    let shop = story.world.storefront_origin();
    assert!(
        location.starts_with(&format!(
            "{shop}/discount/{}?redirect=%2Fcollections%2Fsale",
            message["code"].as_str().unwrap()
        )),
        "{location}"
    );
    for part in ["utm_source=whatsapp", "utm_campaign=Winback", "fbclid=meta", "rcp="] {
        assert!(location.contains(part), "{part} in {location}");
    }
    assert_eq!(story.count::<Clicks>().await, 1, "the tap is on disk before the answer");
    let looked = client.head(link).send().await.unwrap();
    assert_eq!((looked.status().as_u16(), story.count::<Clicks>().await), (302, 2), "HEAD is noted");
    let human = Clicks::find().filter(CLICK.human.eq(true)).count(story.app.db.read()).await.unwrap();
    assert_eq!(human, 1, "and never counted");
    // The code's last second, and the one after.
    story.clock.advance_to(
        recoup::kernel::Timestamp::parse(message["expires_at"].as_str().unwrap()).unwrap().plus_seconds(-1),
    );
    assert!(tap("").await.unwrap().headers()["location"].to_str().unwrap().contains("/discount/"));
    story.clock.advance_to(story.clock.now().plus_seconds(1));
    let late = tap("").await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    assert!(late.starts_with(&format!("{shop}/collections/sale?")) && !late.contains("discount"), "{late}");
    let lost = client.get(format!("{}/r/1-{}", story.url, "a".repeat(20))).send().await.unwrap();
    assert_eq!(lost.status(), 404);
    story.settle().await;
    story.end().await;
}
