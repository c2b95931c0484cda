//! How a shop counts: made, previewed, activated, and history restated by it, with both lines to look at.

use recoup::attribution;
use recoup::shops::Shops;
use recoup::simulator::Traffic;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::story::Story;

fn minor(value: &Value) -> i64 {
    value["minor"].as_i64().unwrap_or_else(|| panic!("{value} is no money"))
}

/// The policy of a name and version in a list.
fn item<'a>(list: &'a Value, name: &str, version: i64) -> &'a Value {
    let items = list.as_array().or_else(|| list["policies"].as_array()).unwrap();
    let found = items.iter().find(|one| one["name"] == name && one["version"] == version);
    found.unwrap_or_else(|| panic!("no {name} {version} in {list}"))
}

async fn attributed(story: &Story, policy: &str) -> i64 {
    minor(&story.report(&format!("/api/reports/summary?policy={policy}")).await["attributed"])
}

async fn lived() -> Story {
    Story::lived(8, |settings| {
        settings.traffic =
            Traffic { customers: 500, customer_buys_daily: 0.015, broadcast_every_days: 2, ..Traffic::default() };
    })
    .await
}

#[tokio::test]
async fn a_preset_is_kept_beside_the_default_and_says_what_its_preview_said() {
    let story = lived().await;
    let before = story.report("/api/reports/summary").await;
    let list = story.report("/api/policies").await;
    assert_eq!(list["presets"].as_array().unwrap().len(), 7);
    assert!(list["presets"].as_array().unwrap().iter().all(|preset| preset["active"] == false));
    assert_eq!(list["kinds"].as_array().unwrap().len(), 7);
    let standard = item(&list, "default", 4);
    assert_eq!((&standard["active"], &standard["restated"]["ended_at"].is_string()), (&json!(true), &true));

    let asked = json!({"policy": "postscript"});
    let preview = story.world.merchant_post("/api/policies/preview", &asked).await.unwrap();
    assert_eq!(preview.status, 200, "{}", preview.text);
    let preview = preview.json;
    assert_eq!(preview["looked_at"]["whole"], true);
    assert_eq!(preview["looked_at"]["orders"], before["orders"]["all"]);
    assert_eq!(minor(&preview["now"]["attributed"]["amount"]), minor(&before["attributed"]));
    assert_eq!(minor(&preview["now"]["assisted"]["amount"]), minor(&before["assisted"]));
    assert!(minor(&before["assisted"]) > 0, "somebody buys after reading");
    let largest = preview["largest"].as_array().unwrap();
    assert_eq!(largest.len(), 10);
    assert!(largest.iter().all(|one| one["from"] != one["to"]));
    let sum =
        |side: &Value| -> i64 { side["lines"].as_array().unwrap().iter().map(|line| minor(&line["amount"])).sum() };
    assert_eq!(sum(&preview["now"]), minor(&before["net_sales"]), "the lines sum to net sales");
    assert_eq!(sum(&preview["then"]), minor(&before["net_sales"]), "whoever counts them");
    assert_eq!(story.report("/api/reports/summary").await, before, "a preview writes nothing");

    let refused = story.world.platform_post("/api/policies/postscript/activate", &json!({})).await.unwrap();
    assert_eq!(refused.status, 403, "whoever is paid by a number does not choose how it is counted");
    let done = story.world.merchant_post("/api/policies/postscript/activate", &json!({})).await.unwrap();
    assert_eq!(done.status, 200, "{}", done.text);
    story.settle().await;
    let restated = story.report("/api/policies/postscript").await;
    let restated = &item(&restated, "postscript", 1)["restated"];
    assert_eq!((&restated["orders"], restated["ended_at"].is_string()), (&before["orders"]["all"], true));
    assert_eq!(attributed(&story, "postscript").await, minor(&preview["then"]["attributed"]["amount"]));
    assert_eq!(story.report("/api/reports/summary").await, before, "the default is what it was");
    let ledger = story.report("/api/reports/ledger?policy=postscript").await;
    assert_eq!(minor(&ledger["total"]["net_sales"]), minor(&before["net_sales"]));

    // The same without keeping any: every preset beside the shop's own.
    let beside = story.report("/api/reports/policies").await;
    let sides = beside["sides"].as_array().unwrap();
    assert_eq!((sides.len(), &sides[0]["policy"]), (8, &json!("default")));
    let of = |name: &str| sides.iter().find(|side| side["policy"] == name).unwrap();
    assert_eq!(minor(&of("postscript")["attributed"]["amount"]), attributed(&story, "postscript").await);
    assert!(minor(&of("strict")["attributed"]["amount"]) <= minor(&of("default")["attributed"]["amount"]));

    let order = largest[0]["shopify_order_id"].as_str().unwrap();
    let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
    let other = receipt["others"].as_array().unwrap().iter().find(|one| one["policy"] == "postscript").unwrap();
    let theirs = story.report(&format!("/api/orders/{order}/receipt?policy=postscript")).await;
    assert_eq!((&theirs["verdict"]["line"], &theirs["policy"]["name"]), (&other["line"], &json!("postscript")));
    assert_eq!(theirs["winner"]["message_id"], other["message_id"]);

    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert_eq!(attribution::rebuild(&story.app, &shop).await.unwrap().changed, 0);
    let gone = story.world.merchant_post("/api/policies/postscript/retire", &json!({})).await.unwrap();
    assert_eq!(gone.status, 200, "{}", gone.text);
    let gone = story.world.merchant_get("/api/reports/summary?policy=postscript").await.unwrap();
    assert_eq!((gone.status, &gone.json["field"]), (422, &json!("policy")));
    story.end().await;
}

#[tokio::test]
async fn another_version_of_the_default_restates_history_and_both_lines_can_be_drawn() {
    let story = lived().await;
    let before = story.report("/api/reports/summary").await;
    let wrong = json!({"name": "default", "kinds": {"redeem_code": {"window_seconds": -1}}});
    let refused = story.world.merchant_post("/api/policies", &wrong).await.unwrap();
    assert_eq!((refused.status, &refused.json["field"]), (422, &json!("kinds.redeem_code.window_seconds")));
    let stolen = story.world.merchant_post("/api/policies", &json!({"name": "strict", "kinds": {}})).await.unwrap();
    assert_eq!(stolen.status, 422, "a preset's name stays the preset's");

    let wanted = json!({"name": "default", "credit_shared": false, "kinds": {
        "redeem_code": {"clock": "code_life", "window_seconds": 0}, "click_attribute": {"window_seconds": 3600}}});
    let made = story.world.merchant_post("/api/policies", &wanted).await.unwrap();
    assert_eq!((made.status, &made.json["version"]), (201, &json!(5)));
    let again = story.world.merchant_post("/api/policies", &wanted).await.unwrap();
    assert_eq!((again.status, again.json), (200, made.json), "made again as it stands, it is the same");
    story.settle().await;
    assert_eq!(story.report("/api/reports/summary").await, before, "a draft counts for nothing");

    let preview = story.world.merchant_post("/api/policies/preview", &json!({"policy": "default"})).await.unwrap().json;
    assert_eq!((&preview["now"]["version"], &preview["then"]["version"]), (&json!(4), &json!(5)));
    let done = story.world.merchant_post("/api/policies/default/activate", &json!({})).await.unwrap();
    assert_eq!(done.status, 200, "{}", done.text);
    story.settle().await;

    let after = story.report("/api/reports/summary").await;
    assert_eq!(after["policy_version"], 5);
    assert_eq!(minor(&after["attributed"]), minor(&preview["then"]["attributed"]["amount"]));
    assert!(minor(&after["attributed"]) < minor(&before["attributed"]));
    assert_eq!(minor(&after["net_sales"]), minor(&before["net_sales"]));
    assert_eq!(
        attributed(&story, "default@4").await,
        minor(&before["attributed"]),
        "what was said before can be asked for"
    );
    let list = story.report("/api/policies").await;
    assert_eq!(list["reportable"], json!(["default", "default@4"]));
    let moved = preview["largest"][0]["shopify_order_id"].as_str().unwrap();
    let (now, then) = (
        story.report(&format!("/api/orders/{moved}/receipt")).await,
        story.report(&format!("/api/orders/{moved}/receipt?policy=default@4")).await,
    );
    assert_eq!((&now["policy"]["version"], &then["policy"]["version"]), (&json!(5), &json!(4)));
    assert_ne!(now["verdict"]["line"], then["verdict"]["line"]);
    story.end().await;
}
