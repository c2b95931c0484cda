//! What the campaign's page asks: a look at a campaign before it is saved, its messages page after page, its alarms, and
//! what may still change.

use recoup::campaigns::{CAMPAIGN, CampaignId, Campaigns, Draws};
use recoup::codes::{Discounts, RedeemCodes};
use recoup::jobs;
use recoup::kernel::Currency;
use recoup::kernel::id::ShopId;
use recoup::links::Links;
use recoup::messages::{MESSAGE, Messages};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use crate::story::{Engine, Story};

const PREVIEW: &str = "/api/campaigns/preview";

fn people(range: std::ops::Range<usize>) -> Value {
    range.map(|i| json!({"key": format!("crm-{i}"), "phone": format!("+43660{:07}", 1_000_000 + i)})).collect()
}

fn whole() -> Value {
    json!({
        "name": "Winback", "kind": "flow", "offer": {"type": "percentage", "percentage": "15"},
        "minimum_subtotal_minor": 5_000, "expiry": {"after_seconds": 172_800}, "code": {"prefix": "WIN", "length": 12},
        "link": {"destination": "/collections/sale"}, "holdout": 0.125,
    })
}

impl Story {
    async fn look(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut body = whole();
        change(&mut body);
        let answer = self.world.merchant_post(PREVIEW, &body).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json
    }

    async fn rows(&self) -> [u64; 6] {
        [
            self.count::<Campaigns>().await,
            self.count::<Draws>().await,
            self.count::<RedeemCodes>().await,
            self.count::<Discounts>().await,
            self.count::<Links>().await,
            self.count::<jobs::Entity>().await,
        ]
    }

    /// The campaign belongs to another shop from now on, with all that hangs on it.
    async fn strangers_campaign(&self) -> CampaignId {
        let mut row = Campaigns::find().one(self.app.db.read()).await.unwrap().unwrap();
        (row.shop_id, row.id) = (ShopId(77), CampaignId::new(&self.app.chance, self.clock.now()));
        let id = row.id;
        Campaigns::insert(row.into_active_model()).exec_without_returning(self.app.db.write()).await.unwrap();
        id
    }
}

fn fields(preview: &Value) -> Vec<&str> {
    preview["problems"].as_array().unwrap().iter().map(|problem| problem["field"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_campaign_can_be_looked_at_before_it_is_there() {
    let story = Story::begin().await;
    let before = story.rows().await;
    let seen = story.look(|_| {}).await;
    assert_eq!((fields(&seen), seen["example"].as_bool()), (vec![], Some(true)), "{seen}");
    let (code, suffix) = (seen["code"].as_str().unwrap(), seen["button_suffix"].as_str().unwrap());
    assert!(code.starts_with("WIN") && code.len() == 15, "{code}");
    assert_eq!(seen["link"].as_str().unwrap(), format!("{}/r/{suffix}", story.url));
    let leads = seen["destination"].as_str().unwrap();
    assert!(leads.contains(&format!("/discount/{code}?redirect=%2Fcollections%2Fsale&utm_source=whatsapp")), "{leads}");
    // Begun at 00:10; the slot of what ends at ten past ends at one.
    assert_eq!(
        (seen["expires_at"].as_str(), seen["shopify_ends_at"].as_str()),
        (Some("2026-08-26T00:10:00Z"), Some("2026-08-26T01:00:00Z"))
    );
    assert_eq!(
        seen["summary"].as_str(),
        Some(
            "Every recipient gets a code of their own for 15 % off from 50.00 EUR on, good for one order within 2 days of being drawn; 12.5 % of recipients get no message, so that you can see what the messages brought."
        )
    );
    assert_eq!(story.look(|_| {}).await, seen, "it does not flicker while one types");
    let bare = story.look(|body| (body["offer"], body["minimum_subtotal_minor"]) = (Value::Null, Value::Null)).await;
    assert_eq!((bare["code"].clone(), bare["expires_at"].clone()), (Value::Null, Value::Null));
    assert!(bare["destination"].as_str().unwrap().contains("/collections/sale?utm_source"), "{bare}");
    assert!(
        story.look(|body| body["link"]["auto_apply"] = json!(false)).await["destination"]
            .as_str()
            .unwrap()
            .contains("/collections/sale?")
    );
    assert_eq!(story.rows().await, before, "looking writes nothing");
    // What it shows is what a campaign then does.
    let campaign = story.campaign(|body| *body = whole()).await;
    let shown = story.report(&format!("/api/campaigns/{campaign}")).await;
    assert_eq!(shown["summary"], seen["summary"]);
    let drawn = story.draw(&campaign, people(0..8)).await;
    let given = drawn["messages"].as_array().unwrap().iter().find(|message| message["held_out"] == false).unwrap();
    assert!(given["code"].as_str().unwrap().starts_with("WIN"));
    assert_eq!(given["button_suffix"].as_str().unwrap().len(), suffix.len());
    assert_ne!(given["button_suffix"], seen["button_suffix"]);
    story.end().await;
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_and_nothing_wrong_is_shown() {
    let story = Story::begin().await;
    let before = story.rows().await;
    let seen = story
        .look(|body| {
            body["name"] = json!(" ");
            body["offer"] = json!({"type": "percentage", "percentage": "150"});
            body["minimum_quantity"] = json!(0);
            body["tags"] = json!(["a", "A"]);
            body["expiry"] = json!({"after_seconds": i64::MAX});
            body["code"] = json!({"prefix": "WIN", "length": u64::MAX});
            body["link"] = json!({"destination": "//evil.example"});
            body["holdout"] = json!(1e30);
            body["expected_recipients"] = json!(-1);
            body["cost_per_message"] = json!({"minor": -1, "currency": "EUR"});
        })
        .await;
    let wrong = fields(&seen);
    for field in [
        "name",
        "offer.percentage",
        "minimum_quantity",
        "tags",
        "expiry.after_seconds",
        "code.length",
        "link.destination",
        "holdout",
        "expected_recipients",
        "cost_per_message",
    ] {
        assert!(wrong.contains(&field), "{field}: {wrong:?}");
    }
    for part in ["code", "destination", "expires_at", "shopify_ends_at", "summary"] {
        assert_eq!(seen[part], Value::Null, "{part}");
    }
    let shipping = story
        .look(|body| {
            body["offer"] = json!({"type": "free_shipping"});
            body["applies_to"] = json!({"products": ["1"]});
            body["combines_with"] = json!({"shipping": true});
        })
        .await;
    assert_eq!(fields(&shipping), ["applies_to", "combines_with.shipping"]);
    // What is refused when it is created, and where, is the first of them.
    let mut body = whole();
    body["code"] = json!({"prefix": "Wi-", "length": 12});
    body["holdout"] = json!(2);
    let refused = story.world.platform_post("/api/campaigns", &body).await.unwrap();
    assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some("code.prefix")), "{}", refused.text);
    assert_eq!(fields(&story.look(|asked| *asked = body).await), ["code.prefix", "holdout"]);
    // Unknown fields, too much, and nobody.
    let unknown = story.world.merchant_post(PREVIEW, &json!({"name": "W", "kind": "flow", "colour": 1})).await.unwrap();
    assert_eq!((unknown.status, unknown.json["field"].as_str()), (422, Some("colour")));
    let large = story.world.merchant_post(PREVIEW, &json!({"name": "x".repeat(70_000), "kind": "flow"})).await.unwrap();
    assert_eq!(large.status, 413);
    let nobody = crate::install::reqwest_client().post(format!("{}{PREVIEW}", story.url)).json(&whole()).send().await;
    assert_eq!(nobody.unwrap().status(), 401);
    let key = story.world.merchant_post("/api/keys", &json!({"name": "Reports", "scopes": ["reports"]})).await.unwrap();
    let key = key.json["key"].as_str().unwrap().to_owned();
    let reader =
        crate::install::reqwest_client().post(format!("{}{PREVIEW}", story.url)).bearer_auth(key).json(&whole()).send();
    assert_eq!(reader.await.unwrap().status(), 403, "who may only read reports creates no campaigns");
    assert_eq!(story.rows().await, before);
    story.end().await;
}

#[tokio::test]
async fn a_preview_counts_in_the_shops_own_currency() {
    let story = Story::before_install(Engine::Asked, |settings| {
        settings.shop.currency = Currency::parse("JPY").unwrap();
        settings.shop.presentment.clear();
    })
    .await;
    story.world.install().await.unwrap();
    let seen = story
        .look(|body| {
            body["offer"] = json!({"type": "fixed_amount", "amount_minor": 500});
            body["minimum_subtotal_minor"] = Value::Null;
            body["minimum_quantity"] = json!(3);
            body["applies_to"] = json!({"collections": ["1", "2"]});
            body["purchase"] = json!("subscription");
            body["holdout"] = json!(0);
        })
        .await;
    assert_eq!(
        seen["summary"].as_str(),
        Some(
            "Every recipient gets a code of their own for 500 JPY off on 2 collections from 3 pieces on when bought as a subscription (its first order), good for one order within 2 days of being drawn."
        )
    );
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn messages_are_listed_page_after_page_without_naming_anybody() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let other = story.campaign(|body| body["name"] = json!("Another")).await;
    story.draw(&other, people(0..2)).await;
    let drawn = story.draw(&campaign, people(0..5)).await;
    let path = format!("/api/campaigns/{campaign}/messages");
    let mut seen: Vec<Value> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = story.report(&format!("{path}?limit=2{cursor}")).await;
        seen.extend(page["messages"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let ids = |rows: &[Value]| {
        let mut ids: Vec<String> = rows.iter().map(|row| row["message_id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&seen), ids(drawn["messages"].as_array().unwrap()), "each once, and nobody else's");
    assert!(seen.windows(2).all(|two| two[0]["message_id"].as_str() > two[1]["message_id"].as_str()), "newest first");
    let text = json!(seen).to_string();
    assert!(!text.contains("crm-") && !text.contains("+43"), "nobody is named: {text}");
    let line = |rows: &Value, id: &Value| {
        rows["messages"].as_array().unwrap().iter().find(|row| row["message_id"] == *id).unwrap().clone()
    };
    // What became of one of them shows.
    let (first, second) = (&drawn["messages"][0], &drawn["messages"][1]);
    let now = story.clock.now();
    let told = json!({"statuses": [
        {"message_id": first["message_id"], "status": "delivered", "at": now},
        {"message_id": second["message_id"], "status": "failed", "at": now, "error_code": 131_049},
    ]});
    assert_eq!(story.world.platform_post("/api/messages/statuses", &told).await.unwrap().status, 200);
    let revoked = format!("/api/messages/{}/revoke", second["message_id"].as_str().unwrap());
    assert_eq!(story.world.merchant_post(&revoked, &json!({})).await.unwrap().status, 200);
    let page = story.report(&path).await;
    let (arrived, failed) = (line(&page, &first["message_id"]), line(&page, &second["message_id"]));
    assert_eq!((arrived["code"].clone(), arrived["code_state"].as_str()), (first["code"].clone(), Some("live")));
    assert_eq!(arrived["delivered_at"], json!(now));
    assert_eq!((failed["code"].clone(), failed["code_state"].as_str()), (Value::Null, Some("revoked")), "{failed}");
    assert_eq!((failed["failed_at"].clone(), failed["failure_code"].as_i64()), (json!(now), Some(131_049)));
    let known = story.report(&format!("/api/codes/{}", first["code"].as_str().unwrap())).await;
    assert_eq!(known["recipient"]["key_hash"], arrived["key_hash"]);
    let replaced = format!("/api/messages/{}/replacement", second["message_id"].as_str().unwrap());
    assert_eq!(story.world.merchant_post(&replaced, &json!({})).await.unwrap().status, 200);
    story.settle().await;
    let again = line(&story.report(&path).await, &second["message_id"]);
    assert_eq!((again["code_state"].as_str(), again["replaced_at"].is_string()), (Some("live"), true), "{again}");
    // To the second, before anybody wrote it down.
    let end = recoup::kernel::Timestamp::parse(first["expires_at"].as_str().unwrap()).unwrap();
    story.clock.advance_to(end);
    assert_eq!(line(&story.report(&path).await, &first["message_id"])["code_state"], "expired");
    story.settle().await;
    for wrong in ["?limit=0", "?limit=201", "?cursor=nobody", "?colour=1"] {
        let refused = story.world.merchant_get(&format!("{path}{wrong}")).await.unwrap();
        assert!([400, 422].contains(&refused.status), "{wrong}: {}", refused.text);
    }
    story.end().await;
}

#[tokio::test]
async fn another_shops_campaign_is_nobodys_here() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, people(0..1)).await;
    let stranger = story.strangers_campaign().await;
    let ours = Messages::find().filter(MESSAGE.shop_id.ne(ShopId(77))).one(story.app.db.read()).await.unwrap().unwrap();
    let mut theirs = ours.clone();
    (theirs.shop_id, theirs.campaign_id) = (ShopId(77), stranger);
    Messages::insert(theirs.into_active_model()).exec_without_returning(story.app.db.write()).await.unwrap();
    for path in [
        format!("/api/campaigns/{stranger}"),
        format!("/api/campaigns/{stranger}/messages"),
        format!("/api/codes/alarms?campaign={stranger}"),
        "/api/campaigns/nobody/messages".to_owned(),
        "/api/codes/alarms?campaign=nobody".to_owned(),
    ] {
        let answer = story.world.merchant_get(&path).await.unwrap();
        assert_eq!((answer.status, answer.json["code"].as_str()), (404, Some("not_found")), "{path}: {}", answer.text);
    }
    // The same message id in both shops: each sees its own.
    let page = story.report(&format!("/api/campaigns/{campaign}/messages")).await;
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
    assert_eq!(page["messages"][0]["message_id"], drawn["messages"][0]["message_id"]);
    let list = story.report("/api/campaigns").await;
    assert!(!list.to_string().contains(&stranger.to_string()));
    let left = Campaigns::of(ShopId(77)).filter(CAMPAIGN.id.eq(stranger)).one(story.app.db.read()).await.unwrap();
    assert!(left.is_some(), "it is there, only not here");
    story.end().await;
}

#[tokio::test]
async fn the_page_knows_what_may_still_change_and_which_alarms_are_its_own() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["expected_recipients"] = json!(20)).await;
    let quiet = story.campaign(|body| body["name"] = json!("Quiet")).await;
    let path = format!("/api/campaigns/{campaign}");
    assert_eq!(story.report(&path).await["bound"], json!([]));
    let drawn = story.draw(&campaign, people(0..3)).await;
    let shown = story.report(&path).await;
    assert_eq!(
        (shown["numbers"]["drawn"].as_i64(), shown["numbers"]["issued"].as_i64()),
        (Some(3), Some(3)),
        "{shown}"
    );
    assert_eq!(shown["numbers"]["expected_recipients"], 20);
    for field in shown["bound"].as_array().unwrap() {
        let field = field.as_str().unwrap();
        let change = match field {
            "offer" => json!({"type": "free_shipping"}),
            "minimum_subtotal_minor" | "minimum_quantity" => json!(2),
            "applies_to" => json!({"products": ["1"]}),
            "purchase" => json!("both"),
            "combines_with" => json!({"order": true}),
            "code" => json!({"length": 10}),
            "expiry" => json!({"after_seconds": 900}),
            "arms" => json!({"nothing": 0.125, "message": 0.375, "message_and_code": 0.5}),
            "holdout" => json!(0.5),
            other => panic!("{other} is new: say here what changes it"),
        };
        let refused = story.world.merchant_send("PATCH", &path, &json!({ field: change })).await.unwrap();
        assert_eq!(
            (refused.status, refused.json["code"].as_str()),
            (409, Some("already_drawn")),
            "{field}: {}",
            refused.text
        );
    }
    assert!(shown["bound"].as_array().unwrap().len() >= 9);
    let kept = story.world.merchant_send("PATCH", &path, &json!({"name": "Winback II"})).await.unwrap();
    assert_eq!(kept.status, 200, "{}", kept.text);
    story.settle().await;
    // One code on two orders: an alarm of this campaign and of no other.
    let visit = story.world.shopper_comes("/");
    story.world.types_code(&visit, drawn["messages"][0]["code"].as_str().unwrap());
    let order = visit.buys(&[(2, 1)], story.world.customer(3)).unwrap();
    story.arrive().await;
    let mut again = story.world.order_body(order).unwrap();
    (again["id"], again["name"], again["checkout_token"]) = (json!(order + 1), json!("#9999"), Value::Null);
    assert_eq!(story.world.deliver("orders/create", &again).await.unwrap().status, 200);
    story.arrive().await;
    let alarms = |of: &str| format!("/api/codes/alarms?campaign={of}");
    let own = story.report(&alarms(&campaign)).await;
    assert_eq!((own["alarms"].as_array().unwrap().len(), own["alarms"][0]["kind"].as_str()), (1, Some("used_twice")));
    assert_eq!(story.report(&alarms(&quiet)).await["alarms"], json!([]));
    let list = story.report("/api/campaigns").await;
    let of = |id: &str| list["campaigns"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone();
    assert_eq!((of(&campaign)["open_alarms"].as_i64(), of(&quiet)["open_alarms"].as_i64()), (Some(1), Some(0)));
    let id = own["alarms"][0]["id"].as_str().unwrap();
    let closed = story.world.merchant_post(&format!("/api/codes/alarms/{id}/close"), &json!({})).await.unwrap();
    assert_eq!(closed.status, 200);
    assert_eq!(story.report(&path).await["numbers"]["open_alarms"], 0);
    story.end().await;
}
