//! What WhatsApp says beside statuses: who wants no more marketing, who wrote, who goes on under another number; statuses
//! that come before their message is known, of groups and of strangers; why messages fail.

use recoup::attribution;
use recoup::people::Recipients;
use recoup::shops::{self, Shops};
use recoup::webhooks::{DELIVERY, Deliveries, DeliveryState, Source};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::story::Story;

const NUMBER: &str = "770000000000202";
const ANA: &str = "436601234501";
const BEA: &str = "436601234502";

/// A shop whose number it is, with a campaign without codes.
async fn shop() -> (Story, String) {
    let story = Story::begin().await;
    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    shops::give_number(story.app.db.write(), shop.shop_id, NUMBER).await.unwrap();
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    (story, campaign)
}

/// A body with one change.
fn change(field: &str, what: &str, items: Value) -> Value {
    let mut value =
        json!({"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER, "display_phone_number": "1"}});
    value[what] = items;
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]})
}

impl Story {
    /// Tells something, and answers what became of the delivery.
    async fn told_by_meta(&self, body: &Value) -> (DeliveryState, String) {
        let told = || Deliveries::find().filter(DELIVERY.source.eq(Source::Whatsapp)).all(self.app.db.read());
        let before: Vec<String> = told().await.unwrap().into_iter().map(|one| one.delivery_id).collect();
        assert_eq!(self.world.whatsapp(body).await.unwrap().status, 200);
        self.settle().await;
        let fresh = told().await.unwrap().into_iter().find(|one| !before.contains(&one.delivery_id)).unwrap();
        (fresh.state, fresh.reason.unwrap_or_default())
    }

    async fn draws_one(&self, campaign: &str, recipient: Value) -> Value {
        let drawn = self.draw(campaign, json!([recipient])).await;
        assert_eq!(drawn["errors"], json!([]));
        self.pass(60).await;
        drawn["messages"][0].clone()
    }

    fn now_seconds(&self) -> String {
        self.clock.now().seconds().to_string()
    }

    async fn message_shown(&self, message: &Value) -> Value {
        self.report(&format!("/api/messages/{}", message["message_id"].as_str().unwrap())).await
    }
}

fn status(message: &Value, word: &str, at: &str, more: &Value) -> Value {
    let mut status = json!({"id": format!("wamid.{}", message["key"].as_str().unwrap()), "status": word, "timestamp": at,
        "biz_opaque_callback_data": message["callback_data"]});
    status.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    status
}

#[tokio::test]
async fn a_wish_is_kept_whatever_it_comes_by_and_the_latest_stands() {
    let (story, campaign) = shop().await;
    let ana = story.draws_one(&campaign, json!({"key": "ana", "phone": format!("+{ANA}")})).await;
    let delivered =
        status(&ana, "delivered", &story.now_seconds(), &json!({"recipient_id": ANA, "recipient_user_id": "AT.11"}));
    story.told_by_meta(&change("messages", "statuses", json!([delivered]))).await;
    assert_eq!(story.message_shown(&ana).await["marketing"], Value::Null);

    // By WhatsApp's switch, under the user id alone.
    story.pass(600).await;
    let stopped_at = story.clock.now();
    let switch = |value: &str, at: i64| {
        let wish = json!([{"user_id": "AT.11", "category": "marketing_messages", "value": value, "timestamp": at}]);
        change("user_preferences", "user_preferences", wish)
    };
    assert_eq!(story.told_by_meta(&switch("stop", stopped_at.seconds())).await, (DeliveryState::Done, String::new()));
    let said = story.message_shown(&ana).await["marketing"].clone();
    assert_eq!((&said["choice"], &said["source"]), (&json!("stop"), &json!("preference")));
    assert_eq!(said["at"], stopped_at.to_string());
    // An older word comes late and changes nothing; a newer one does, by its own time.
    story.told_by_meta(&switch("resume", stopped_at.seconds() - 60)).await;
    assert_eq!(story.message_shown(&ana).await["marketing"]["choice"], "stop");
    story.pass(600).await;
    let text = |words: &str, id: &str, at: &str| {
        json!([{"from": ANA, "id": id, "timestamp": at, "type": "text", "text": {"body": words},
            "context": {"from": "1", "id": "wamid.ana"}}])
    };
    story.told_by_meta(&change("messages", "messages", text("Start!", "wamid.in1", &story.now_seconds()))).await;
    assert_eq!(story.message_shown(&ana).await["marketing"]["choice"], "resume");
    assert_eq!(story.message_shown(&ana).await["marketing"]["source"], "word");
    story.pass(60).await;
    story
        .told_by_meta(&change("messages", "messages", text("please do not stop", "wamid.in2", &story.now_seconds())))
        .await;
    let shown = story.message_shown(&ana).await;
    assert_eq!(shown["marketing"]["choice"], "resume");
    assert_eq!(shown["answered_at"].as_array().unwrap().len(), 2, "that she wrote is known, and when");
    // A failure says it too, told by Meta or by the platform.
    story.pass(60).await;
    let report = json!({"statuses": [{"message_id": ana["message_id"], "status": "failed", "at": story.clock.now().to_string(),
        "error_code": 131_050}]});
    assert_eq!(story.world.platform_post("/api/messages/statuses", &report).await.unwrap().json["accepted"], 1);
    let shown = story.message_shown(&ana).await;
    assert_eq!((&shown["marketing"]["choice"], &shown["marketing"]["source"]), (&json!("stop"), &json!("failure")));
    assert_eq!((&shown["failure"]["code"], &shown["failure"]["again"]), (&json!(131_050), &json!("never")));

    let life = story.report(&format!("/api/messages/{}/timeline", ana["message_id"].as_str().unwrap())).await;
    let what: Vec<&str> = life["moments"].as_array().unwrap().iter().filter_map(|one| one["what"].as_str()).collect();
    assert_eq!(what.iter().filter(|what| **what == "answered").count(), 2);
    assert_eq!(what.iter().filter(|what| **what == "opted_out").count(), 2);
    assert!(life.to_string().contains("wants no more marketing") && !life.to_string().contains("please do not"));
    let report = story.report("/api/reports/opt-outs").await;
    assert_eq!((&report["stopped"], &report["opt_outs"], &report["delivered"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(report["by_source"], json!([{"source": "preference", "people": 1}]));
    assert_eq!(report["rate"]["value"], 1.0);
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn a_platform_tells_what_it_heard() {
    let (story, campaign) = shop().await;
    let ana = story.draws_one(&campaign, json!({"key": "ana", "phone": format!("+{ANA}")})).await;
    let at = story.clock.now().to_string();
    let tell =
        async |wishes: Value| story.world.platform_post("/api/opt-outs", &json!({ "opt_outs": wishes })).await.unwrap();
    let by_message = json!({"message_id": ana["message_id"], "choice": "stop", "at": at});
    let by_phone = json!({"phone": format!("+{ANA}"), "choice": "stop", "at": at});
    let told = tell(json!([by_message, by_phone, by_message])).await;
    assert_eq!((told.status, &told.json["accepted"]), (200, &json!(3)));
    let said = story.message_shown(&ana).await["marketing"].clone();
    assert_eq!((&said["choice"], &said["source"], &said["at"]), (&json!("stop"), &json!("platform"), &json!(at)));
    assert_eq!(story.report("/api/reports/opt-outs").await["stopped"], 1);
    for (field, wish) in [
        ("phone", json!({"phone": "12", "choice": "stop", "at": at})),
        ("message_id", json!({"choice": "stop", "at": at})),
        ("message_id", json!({"message_id": "nobodys", "choice": "stop", "at": at})),
        ("whatsapp_user_id", json!({"whatsapp_user_id": "1234", "choice": "resume", "at": at})),
        ("at", json!({"phone": format!("+{ANA}"), "choice": "resume", "at": "2036-01-01T00:00:00Z"})),
    ] {
        let refused = tell(json!([by_phone, wish])).await;
        let named = format!("opt_outs[1].{field}");
        assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some(named.as_str())), "{}", refused.text);
    }
    assert_eq!(tell(json!([])).await.status, 422);
    assert_eq!(story.message_shown(&ana).await["marketing"]["choice"], "stop");
    story.end().await;
}

#[tokio::test]
async fn no_word_that_was_written_is_kept() {
    let (story, campaign) = shop().await;
    story.draws_one(&campaign, json!({"key": "ana", "phone": format!("+{ANA}")})).await;
    let text = json!([{"from": ANA, "id": "wamid.in", "timestamp": story.now_seconds(), "type": "text", "text": {"body": "SALTIMBANQUE"}}]);
    assert_eq!(story.told_by_meta(&change("messages", "messages", text)).await.0, DeliveryState::Done);
    for table in migrations::TENANT_TABLES {
        let rows = crate::schema::texts(&story.app.db, &format!("SELECT 'rows: ' || count(*) FROM {table}")).await;
        assert_eq!(rows.len(), 1);
    }
    let kept = crate::schema::texts(&story.app.db, "SELECT kind FROM inbound_messages").await;
    assert_eq!(kept, ["text"]);
    let hashes = crate::schema::texts(&story.app.db, "SELECT hash || wamid_hash FROM inbound_messages").await;
    assert!(!hashes[0].contains(ANA) && !hashes[0].contains("wamid."));
    story.end().await;
}

/// An order placed now that names a phone and nothing else.
fn order(story: &Story, id: i64, phone: &str) -> Value {
    let now = story.clock.now().to_string();
    let price = json!({"shop_money": {"amount": "100.00", "currency_code": "EUR"}});
    json!({
        "id": id, "name": format!("#{id}"), "created_at": now, "updated_at": now, "processed_at": now, "currency": "EUR",
        "presentment_currency": "EUR", "financial_status": "paid", "source_name": "web", "checkout_token": format!("token-{id}"),
        "total_price": "100.00", "total_price_set": price, "total_tax": "0.00", "phone": phone, "email": "", "customer": null,
        "discount_codes": [], "discount_applications": [], "shipping_lines": [], "note_attributes": [], "refunds": [],
        "line_items": [{"id": 1, "price": "100.00", "quantity": 1, "gift_card": false, "tax_lines": [], "discount_allocations": []}],
    })
}

#[tokio::test]
async fn one_person_under_two_addresses_is_one_person_in_any_order_of_arrival() {
    let (story, campaign) = shop().await;
    let verdict = async |id: i64| story.report(&format!("/api/orders/{id}/receipt")).await["winner"].clone();
    let system = |id: &str, old: &str, new: &str| {
        let body = json!([{"from": old, "id": id, "timestamp": story.now_seconds(), "type": "system",
            "system": {"body": "changed", "wa_id": new, "type": "user_changed_number"}}]);
        change("messages", "messages", body)
    };
    // Drawn by number, tapped, bought under the new number: the news comes after the order, then before it.
    for (n, before) in [(1, false), (2, true)] {
        let (old, new) = (format!("43660123460{n}"), format!("43660123470{n}"));
        let message = story.draws_one(&campaign, json!({"key": format!("k{n}"), "phone": format!("+{old}")})).await;
        story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
        story.pass(600).await;
        let news = system(&format!("wamid.s{n}"), &old, &new);
        if before {
            story.told_by_meta(&news).await;
        }
        story.world.deliver("orders/create", &order(&story, n, &format!("+{new}"))).await.unwrap();
        story.settle().await;
        if !before {
            assert_eq!(verdict(n).await, Value::Null);
            assert_eq!(story.told_by_meta(&news).await, (DeliveryState::Done, String::new()));
        }
        assert_eq!(verdict(n).await["message_id"], message["message_id"], "{before}");
    }
    // Drawn by user id alone; the id changes, and the new one is seen with a phone.
    let message = story.draws_one(&campaign, json!({"key": "bsuid", "whatsapp_user_id": "AT.77"})).await;
    story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    story.pass(600).await;
    story.world.deliver("orders/create", &order(&story, 3, &format!("+{BEA}"))).await.unwrap();
    story.settle().await;
    let seen = json!([{"from": BEA, "from_user_id": "AT.78", "id": "wamid.hello", "timestamp": story.now_seconds(), "type": "text",
        "text": {"body": "hello"}}]);
    story.told_by_meta(&change("messages", "messages", seen)).await;
    assert_eq!(verdict(3).await, Value::Null);
    let update = json!([{"user_id": {"previous": "AT.77", "current": "AT.78"}, "timestamp": story.now_seconds()}]);
    story.told_by_meta(&change("user_id_update", "user_id_update", update)).await;
    assert_eq!(verdict(3).await["message_id"], message["message_id"]);
    // A neighbour stays one, and nothing changes when all of it is derived again.
    story.world.deliver("orders/create", &order(&story, 4, "+436601234799")).await.unwrap();
    story.settle().await;
    assert_eq!(verdict(4).await, Value::Null);
    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert_eq!(attribution::rebuild(&story.app, &shop).await.unwrap().changed, 0);
    assert_eq!(story.count::<Recipients>().await, 3, "no recipient was rewritten or made");
    story.end().await;
}

#[tokio::test]
async fn whoever_was_forgotten_is_so_under_every_address() {
    let (story, campaign) = shop().await;
    let message =
        story.draws_one(&campaign, json!({"key": "ana", "phone": format!("+{ANA}"), "shopify_customer_id": "3"})).await;
    story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    story.pass(600).await;
    let told_at = story.now_seconds();
    let news = json!([{"from": ANA, "from_user_id": "AT.5", "id": "wamid.s", "timestamp": told_at, "type": "system",
        "system": {"wa_id": BEA, "type": "user_changed_number"}}]);
    story.told_by_meta(&change("messages", "messages", news)).await;
    let word =
        json!([{"from": BEA, "id": "wamid.stop", "timestamp": told_at, "type": "text", "text": {"body": "stop"}}]);
    story.told_by_meta(&change("messages", "messages", word.clone())).await;
    story.world.deliver("orders/create", &order(&story, 1, &format!("+{BEA}"))).await.unwrap();
    story.settle().await;
    let before = story.report("/api/orders/1/receipt").await;
    assert_eq!(before["winner"]["message_id"], message["message_id"]);

    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    let body = |field: &str| {
        json!({"shop_id": shop.shop_id.0, "shop_domain": story.world.shop_domain(), field: [],
        "customer": {"id": 3, "email": null, "phone": format!("+{ANA}")}})
    };
    let asks = story.world.delivery("customers/data_request", &body("orders_requested")).with_id("show");
    assert_eq!(asks.send().await.unwrap().status, 200);
    story.settle().await;
    let export = story.report("/api/privacy/requests/show/export").await;
    assert_eq!(export["marketing_choices"][0]["choice"], "stop");
    assert_eq!(export["written"].as_array().map(Vec::len), Some(1));
    let page = story.world.merchant_get("/api/privacy/requests/show/export?format=text").await.unwrap().text;
    assert!(page.contains("no more marketing") && page.contains("What you wrote was not kept."), "{page}");
    story.world.delivery("customers/redact", &body("orders_to_redact")).with_id("redact").send().await.unwrap();
    story.settle().await;
    story.pass(120).await;
    story.pass(120).await;

    let vault = &story.app.vault;
    let hash = |purpose: &'static str, value: &str| vault.lookup(shop.shop_id, purpose, value);
    let known = [hash("phone", &format!("+{ANA}")), hash("phone", &format!("+{BEA}")), hash("whatsapp", "AT.5")];
    let gone = async |sql: &str| {
        let rows = crate::schema::texts(&story.app.db, sql).await;
        assert!(!rows.is_empty(), "{sql}");
        assert!(rows.iter().all(|row| !known.contains(row)), "{sql}: {rows:?}");
    };
    gone("SELECT hash FROM contact_pairs").await;
    gone("SELECT other_hash FROM contact_pairs").await;
    gone("SELECT hash FROM opt_outs").await;
    gone("SELECT hash FROM inbound_messages").await;
    // Verdicts rest on the pair as before.
    assert_eq!(attribution::rebuild(&story.app, &shop).await.unwrap().changed, 0);
    assert_eq!(story.report("/api/orders/1/receipt").await["winner"], before["winner"]);
    // What was said before and is told again comes to nothing.
    let again = json!([{"from": BEA, "from_user_id": "AT.6", "id": "wamid.stop2", "timestamp": told_at, "type": "text", "text": {"body": "stop"}}]);
    story.told_by_meta(&change("messages", "messages", again)).await;
    gone("SELECT hash FROM opt_outs").await;
    gone("SELECT hash FROM inbound_messages").await;
    assert_eq!(story.report("/api/reports/opt-outs").await["stopped"], 1, "counts stay");
    story.end().await;
}

#[tokio::test]
async fn a_status_waits_for_its_message_and_strangers_are_left_aside() {
    let (story, campaign) = shop().await;
    let ana = story.draws_one(&campaign, json!({"key": "ana", "phone": format!("+{ANA}")})).await;
    let at = story.clock.now();
    // Told by WhatsApp's id alone, before the platform says whose it is.
    let early = json!([{"id": "wamid.ana", "status": "delivered", "timestamp": at.seconds().to_string(), "recipient_id": ANA,
        "pricing": {"category": "marketing", "type": "regular", "cost": {"amount": "0.1131", "currency": "EUR"}}}]);
    let (state, reason) = story.told_by_meta(&change("messages", "statuses", early)).await;
    assert_eq!((state, reason.as_str()), (DeliveryState::Ignored, "1 × a status of a message that is not ours"));
    assert_eq!(story.message_shown(&ana).await["delivered_at"], Value::Null);
    let sent = json!({"statuses": [{"message_id": ana["message_id"], "wamid": "wamid.ana", "status": "sent", "at": at.to_string()}]});
    assert_eq!(story.world.platform_post("/api/messages/statuses", &sent).await.unwrap().json["accepted"], 1);
    let shown = story.message_shown(&ana).await;
    assert_eq!((&shown["delivered_at"], &shown["sent_at"]), (&json!(at.to_string()), &json!(at.to_string())));
    assert_eq!(shown["message_cost"]["price"], json!({"amount": "0.1131", "currency": "EUR"}));
    assert_eq!((&shown["message_cost"]["source"], &shown["country"]), (&json!("reported"), &json!("AT")));

    // A thousand in one body: strangers, a group, one from before its message, one of ours.
    let bea = story.draws_one(&campaign, json!({"key": "bea", "phone": format!("+{BEA}")})).await;
    let now = story.now_seconds();
    let mut many: Vec<Value> = (0..997)
        .map(|n| json!({"id": format!("wamid.other{n}"), "status": "sent", "timestamp": now, "recipient_id": format!("4366099{n:05}")}))
        .collect();
    many.push(json!({"id": "wamid.group", "status": "read", "timestamp": now, "recipient_type": "group", "recipient_id": "g@g.us"}));
    many.push(status(&bea, "sent", "1000000000", &json!({})));
    many.push(status(&bea, "read", &now, &json!({"recipient_id": BEA})));
    let (state, reason) = story.told_by_meta(&change("messages", "statuses", json!(many))).await;
    assert_eq!(state, DeliveryState::Done);
    for part in [
        "1 × a status of a message to a group",
        "997 × a status of a message that is not ours",
        "1 × a status from before its message was made",
    ] {
        assert!(reason.contains(part), "{reason}");
    }
    let shown = story.message_shown(&bea).await;
    assert_eq!((shown["read_at"].is_string(), &shown["sent_at"]), (true, &Value::Null));
    let waiting = crate::schema::texts(&story.app.db, "SELECT CAST(count(*) AS TEXT) FROM early_statuses").await;
    assert_eq!(waiting, ["997"]);
    // They wait a week.
    story.pass(9 * 86_400).await;
    let waiting = crate::schema::texts(&story.app.db, "SELECT CAST(count(*) AS TEXT) FROM early_statuses").await;
    assert_eq!(waiting, ["0"]);
    story.end().await;
}

#[tokio::test]
async fn a_failure_says_what_it_means_and_whether_to_send_again() {
    let (story, campaign) = shop().await;
    let known = story.report("/api/failures").await;
    let codes: Vec<i64> = known["failures"].as_array().unwrap().iter().filter_map(|one| one["code"].as_i64()).collect();
    assert!(
        [131_026, 131_047, 131_049, 131_050, 130_472, 131_056].iter().all(|code| codes.contains(code)),
        "{codes:?}"
    );
    let ana = story.draws_one(&campaign, json!({"key": "ana", "phone": format!("+{ANA}")})).await;
    let at = story.clock.now().seconds();
    let failed = |code: i64, at: i64| {
        status(&ana, "failed", &at.to_string(), &json!({"recipient_id": ANA, "errors": [{"code": code}]}))
    };
    // Of two failures the earlier one says why, whichever is told first.
    for (code, at) in [(131_056, at + 5), (131_049, at), (131_026, at + 9)] {
        story.told_by_meta(&change("messages", "statuses", json!([failed(code, at)]))).await;
    }
    let shown = story.message_shown(&ana).await;
    assert_eq!((&shown["failure_code"], &shown["failure"]["again"]), (&json!(131_049), &json!("later")));
    assert!(shown["failure"]["advice"].as_str().unwrap().contains("24 hours"));
    let listed = story.report(&format!("/api/campaigns/{campaign}/messages")).await;
    assert_eq!(listed["messages"][0]["failure"], shown["failure"]);
    let other = story.draws_one(&campaign, json!({"key": "bea", "phone": format!("+{BEA}")})).await;
    let body = status(&other, "failed", &story.now_seconds(), &json!({"errors": [{"code": 7}]}));
    story.told_by_meta(&change("messages", "statuses", json!([body]))).await;
    let shown = story.message_shown(&other).await;
    assert_eq!((&shown["failure_code"], &shown["failure"]), (&json!(7), &Value::Null), "nothing is claimed of it");
    story.end().await;
}
