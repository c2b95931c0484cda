//! A code's life: it ends to the second, is taken back, replaced, used twice; and what the leak radar makes of it.

use recoup::campaigns::{Campaigns, DRAW, Draws};
use recoup::codes::{CODE, RedeemCode, RedeemCodes, State};
use recoup::simulator::{Answer, Fault, Payment};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::Story;

fn people(range: std::ops::Range<usize>) -> Value {
    range.map(|i| json!({"key": format!("crm-{i}"), "phone": format!("+43660{:07}", 1_000_000 + i)})).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

impl Story {
    async fn code(&self, code: &str) -> Value {
        let answer = self.world.platform_get(&format!("/api/codes/{code}")).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json
    }

    async fn post(&self, path: &str) -> Answer {
        self.world.platform_post(path, &json!({})).await.unwrap()
    }

    async fn alarms(&self, state: &str) -> Vec<Value> {
        self.report(&format!("/api/codes/alarms?state={state}")).await["alarms"].as_array().unwrap().clone()
    }

    async fn codes_in(&self, state: State) -> Vec<RedeemCode> {
        RedeemCodes::find().filter(CODE.state.eq(state)).all(self.app.db.read()).await.unwrap()
    }

    /// Where a tap on a link leads.
    async fn leads(&self, link: &Value) -> String {
        let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1";
        let answer = reqwest_client().get(text(link)).header("user-agent", agent).send().await.unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn holds(&self, code: &Value) -> bool {
        self.world.redeem_codes().iter().any(|held| held.code == text(code))
    }

    /// Shopify's own time.
    async fn a_minute(&self) {
        for _ in 0..15 {
            self.pass(5).await;
        }
    }

    async fn status(&self, message: &Value, status: &str) {
        let body =
            json!({"statuses": [{"message_id": message["message_id"], "status": status, "at": self.clock.now()}]});
        let told = self.world.platform_post("/api/messages/statuses", &body).await.unwrap();
        assert_eq!((told.status, told.json["accepted"].as_i64()), (200, Some(1)), "{}", told.text);
    }
}

fn kinds(alarms: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<&str> = alarms.iter().map(|alarm| text(&alarm["kind"])).collect();
    kinds.sort_unstable();
    kinds
}

#[tokio::test]
async fn a_code_ends_when_it_says_and_a_late_order_redeems_it_all_the_same() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, people(0..2)).await;
    let (first, second) = (&drawn["messages"][0], &drawn["messages"][1]);
    let known = story.code(&text(&first["code"]).to_lowercase()).await;
    assert_eq!((known["state"].as_str(), known["good"].as_bool()), (Some("issued"), Some(true)), "{known}");
    assert_eq!(known["expires_at"], first["expires_at"]);
    assert_eq!(known["recipient"]["message_id"], first["message_id"]);
    let draw = Draws::find().filter(DRAW.recipient_key_hash.eq(text(&known["recipient"]["key_hash"])));
    assert_eq!(draw.one(story.app.db.read()).await.unwrap().unwrap().id.to_string(), text(&first["message_id"]));
    assert!(!known.to_string().contains("crm-0") && !known.to_string().contains("+43"), "nobody is named: {known}");
    let steps: Vec<&str> = known["life"].as_array().unwrap().iter().map(|step| text(&step["state"])).collect();
    assert_eq!(&steps[..1], ["reserved"]);
    assert_eq!(steps.last(), Some(&"issued"));

    // Bought in time, heard of after the end.
    let visit = story.world.shopper_comes("/");
    story.world.types_code(&visit, text(&first["code"]));
    let order = visit.buys(&[(2, 1)], story.world.customer(3)).unwrap();
    let end = recoup::kernel::Timestamp::parse(text(&first["expires_at"])).unwrap();
    story.clock.advance_to(end);
    let known = story.code(text(&second["code"])).await;
    assert_eq!((known["state"].as_str(), known["good"].as_bool()), (Some("expired"), Some(false)), "to the second");
    assert!(text(&known["verdict"]).contains("still works at Shopify until 2026-08-26T01:00:00Z"), "{known}");
    story.pass(7_200).await;
    for code in story.codes_in(State::Expired).await {
        let slot_end = end.plus_seconds(3_600 - 620);
        assert!(code.expired_at == code.expires_at || code.expired_at.is_some_and(|at| at <= slot_end), "{code:?}");
    }
    let again = story.draw(&campaign, people(1..2)).await;
    assert_eq!(again["messages"][0]["code_state"], "expired");
    assert_eq!(again["messages"][0]["code"], second["code"]);
    story.arrive().await;
    let known = story.code(text(&first["code"])).await;
    assert_eq!(
        (known["state"].as_str(), known["warnings"].as_array().unwrap().len()),
        (Some("redeemed"), 0),
        "{known}"
    );
    assert_eq!(known["orders"][0]["order_id"], json!(order.to_string()));
    assert_eq!(story.report(&format!("/api/orders/{order}/receipt")).await["winner"]["code"], first["code"]);
    let live = story.codes_in(State::Imported).await;
    let dead = live.iter().filter(|code| code.imported_at.is_some_and(|at| at < end.plus_seconds(-172_800)));
    assert_eq!(dead.count(), 0, "leftovers of a dead slot are put away");
    assert_eq!(story.world.platform_get("/api/codes/NOBODYS2345").await.unwrap().status, 404);
    story.end().await;
}

#[tokio::test]
async fn a_code_used_twice_is_flagged_and_never_a_crash() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, people(0..1)).await;
    let code = text(&drawn["messages"][0]["code"]);
    let visit = story.world.shopper_comes("/");
    story.world.types_code(&visit, code);
    let order = visit.buys(&[(2, 1)], story.world.customer(3)).unwrap();
    story.arrive().await;
    assert_eq!(story.alarms("open").await.len(), 0);
    // The same code on another order: a draft of the staff, or two checkouts in one moment.
    let mut other = story.world.order_body(order).unwrap();
    other["id"] = json!(order + 1);
    other["name"] = json!("#9999");
    other["checkout_token"] = Value::Null;
    for _ in 0..2 {
        assert_eq!(story.world.deliver("orders/create", &other).await.unwrap().status, 200);
        story.arrive().await;
    }
    let known = story.code(code).await;
    assert_eq!(known["orders"].as_array().unwrap().len(), 2, "{known}");
    assert!(known["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "used_twice"), "{known}");
    let alarms = story.alarms("open").await;
    assert_eq!(kinds(&alarms), ["used_twice"]);
    assert_eq!((alarms[0]["sightings"].as_i64(), alarms[0]["campaign"].as_str()), (Some(1), Some("Winback")));
    for order in [order, order + 1] {
        assert_eq!(story.report(&format!("/api/orders/{order}/receipt")).await["winner"]["code"], json!(code));
    }
    story.end().await;
}

#[tokio::test]
async fn a_code_taken_back_is_gone_at_once_here_and_soon_at_shopify() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, people(0..8)).await;
    let messages = drawn["messages"].as_array().unwrap();
    // The first code of a discount came with it: its id was never told.
    for (message, by_code) in [(&messages[0], true), (&messages[1], false)] {
        let code = text(&message["code"]);
        assert!(story.leads(&message["link"]).await.contains(code));
        let path = match by_code {
            true => format!("/api/codes/{code}/revoke"),
            false => format!("/api/messages/{}/revoke", text(&message["message_id"])),
        };
        let taken = story.post(&path).await;
        assert_eq!((taken.status, taken.json["state"].as_str()), (200, Some("revoking")), "{}", taken.text);
        assert!(!story.leads(&message["link"]).await.contains("discount"), "the redirect stops at once");
        assert_eq!(story.code(code).await["state"], "revoking");
        assert!(story.holds(&message["code"]).await, "Shopify has not been asked yet");
        if by_code {
            // It fails, and fails again: `revoking` it stays.
            story.world.fault(Fault::AdminAnswers(503, 2));
            story.settle().await;
            assert_eq!(story.code(code).await["state"], "revoking");
        }
        story.settle().await;
        story.a_minute().await;
        assert!(!story.holds(&message["code"]).await, "gone at Shopify");
        let again = story.post(&path).await;
        assert_eq!((again.status, again.json["state"].as_str()), (200, Some("revoked")), "{}", again.text);
        let shown = story.world.platform_get(&format!("/api/messages/{}", text(&message["message_id"]))).await.unwrap();
        assert_eq!((&shown.json["code_state"], &shown.json["code"]), (&json!("revoked"), &Value::Null));
    }
    // What an order used cannot be taken back.
    let visit = story.world.shopper_comes("/");
    story.world.types_code(&visit, text(&messages[2]["code"]));
    visit.buys(&[(2, 1)], story.world.customer(3)).unwrap();
    story.arrive().await;
    let used = story.post(&format!("/api/codes/{}/revoke", text(&messages[2]["code"]))).await;
    assert_eq!((used.status, used.json["code"].as_str()), (409, Some("code_used")), "{}", used.text);

    let all = story.post(&format!("/api/campaigns/{campaign}/codes/revoke")).await;
    assert!(all.status == 200 && all.json["revoking"].as_i64().unwrap() > 5, "{}", all.text);
    let fresh = story.draw(&campaign, people(8..9)).await;
    assert_eq!(fresh["messages"][0]["code_state"], "pending", "the old pool is not handed out");
    story.settle().await;
    story.a_minute().await;
    for message in &messages[3..] {
        assert!(!story.holds(&message["code"]).await && !story.leads(&message["link"]).await.contains("discount"));
    }
    assert_eq!((story.codes_in(State::Revoking).await.len(), story.codes_in(State::Canary).await.len()), (0, 1));
    let fresh = story.draw(&campaign, people(8..9)).await;
    assert_eq!(fresh["messages"][0]["code_state"], "live");
    assert!(story.holds(&fresh["messages"][0]["code"]).await);
    story.end().await;
}

#[tokio::test]
async fn a_recipient_whose_code_was_no_use_gets_another_once() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, people(0..6)).await;
    let messages = drawn["messages"].as_array().unwrap();
    let path = |n: usize| format!("/api/messages/{}/replacement", text(&messages[n]["message_id"]));
    let refused = async |n: usize, why: &str| {
        let answer = story.post(&path(n)).await;
        assert_eq!((answer.status, answer.json["code"].as_str()), (409, Some(why)), "{}", answer.text);
    };
    refused(0, "code_still_good").await;

    // Taken back.
    story.post(&format!("/api/messages/{}/revoke", text(&messages[0]["message_id"]))).await;
    let second = story.post(&path(0)).await;
    assert_eq!((second.status, second.json["reason"].as_str()), (200, Some("revoked")), "{}", second.text);
    assert_eq!(second.json["code_state"], "pending", "it has a discount of its own, made at once");
    story.settle().await;
    let second = story.post(&path(0)).await;
    assert_eq!(second.json["code_state"], "live");
    assert_ne!(second.json["code"], messages[0]["code"]);
    assert_eq!(second.json["link"], messages[0]["link"], "the link in the message applies the new code");
    assert!(story.leads(&messages[0]["link"]).await.contains(text(&second.json["code"])));
    assert_eq!(story.post(&path(0)).await.json, second.json, "once per message");
    story.post(&format!("/api/messages/{}/revoke", text(&messages[5]["message_id"]))).await;
    let issued = story.codes_in(State::Issued).await.len();
    let path_of_five = path(5);
    let at_once = futures::future::join_all((0..6).map(|_| story.post(&path_of_five))).await;
    for answer in &at_once {
        assert_eq!((answer.status, &answer.json), (200, &at_once[0].json), "six at once, one code");
    }
    story.settle().await;
    assert_eq!(story.codes_in(State::Issued).await.len(), issued + 1);
    let known = story.code(text(&messages[0]["code"])).await;
    assert_eq!(known["replacement"]["second"], second.json["code"]);
    assert_eq!(known["recipient"]["message_id"], messages[0]["message_id"], "the old code is still hers");

    // Used on an order that was cancelled: the order stays hers, and the code is used up at Shopify.
    let visit = story.world.shopper_comes("/");
    story.world.types_code(&visit, text(&messages[1]["code"]));
    let order = visit.buys(&[(2, 1)], story.world.customer(3)).unwrap();
    story.arrive().await;
    refused(1, "code_used").await;
    let before = story.report(&format!("/api/orders/{order}/receipt")).await;
    assert!(story.world.cancels(order));
    story.arrive().await;
    let second = story.post(&path(1)).await;
    assert_eq!((second.status, second.json["reason"].as_str()), (200, Some("order_cancelled")), "{}", second.text);
    let rebuilt = recoup::attribution::rebuild(&story.app, &story.shop().await).await.unwrap();
    assert_eq!(rebuilt.changed, 0, "an order by the first code stays its message's");
    let after = story.report(&format!("/api/orders/{order}/receipt")).await;
    assert_eq!(
        (&after["winner"]["message_id"], &after["winner"]["code"]),
        (&before["winner"]["message_id"], &messages[1]["code"])
    );

    // Two arrive, one in time and one too late; the last never does.
    story.pass(3_600).await;
    story.status(&messages[2], "delivered").await;
    story.pass(172_800).await;
    story.status(&messages[3], "delivered").await;
    refused(2, "code_had_its_time").await;
    for n in [3, 4] {
        let second = story.post(&path(n)).await;
        assert_eq!(second.json["reason"], json!("expired_before_delivery"), "{}", second.text);
        assert!(text(&second.json["expires_at"]) > text(&messages[n]["expires_at"]));
    }
    story.settle().await;
    story.a_minute().await;
    let shown = story.world.platform_get(&path(3).replace("/replacement", "")).await.unwrap();
    assert_eq!(shown.json["code_state"], "live", "{}", shown.text);
    assert!(!story.holds(&messages[3]["code"]).await, "the old one is gone at Shopify");
    assert_eq!(story.post("/api/messages/01890000-0000-7000-8000-000000000000/replacement").await.status, 404);
    story.end().await;
}

impl Story {
    async fn shop(&self) -> recoup::shops::Shop {
        recoup::shops::Shops::find().one(self.app.db.read()).await.unwrap().unwrap()
    }
}

/// A broadcast nobody announced: no pool, every code is somebody's from the beginning.
#[tokio::test]
async fn a_slot_whose_codes_are_all_promised_has_a_canary_too() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["kind"] = json!("broadcast")).await;
    assert_eq!(story.codes_in(State::Canary).await.len(), 0, "no codes yet");
    let drawn = story.draw(&campaign, people(0..3)).await;
    for _ in 0..5 {
        story.pass(4).await;
    }
    let canaries = story.codes_in(State::Canary).await;
    assert_eq!((canaries.len(), story.codes_in(State::Issued).await.len()), (1, 3));
    assert!(!drawn.to_string().contains(&canaries[0].code));
    assert!(story.holds(&json!(canaries[0].code)).await);
    story.draw(&campaign, people(0..6)).await;
    for _ in 0..5 {
        story.pass(4).await;
    }
    assert_eq!((story.codes_in(State::Canary).await.len(), story.codes_in(State::Issued).await.len()), (1, 6));
    story.end().await;
}

#[tokio::test]
async fn a_canary_is_never_given_to_anybody_and_raises_an_alarm_when_it_is_seen() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let canaries = story.codes_in(State::Canary).await;
    assert_eq!((canaries.len(), story.codes_in(State::Imported).await.len()), (1, 25), "besides the stock");
    let canary = canaries[0].code.clone();
    assert!(story.holds(&json!(canary)).await, "nothing at Shopify tells it from the others");
    let drawn = story.draw(&campaign, people(0..40)).await;
    assert!(!drawn.to_string().contains(&canary), "never handed out");
    story.a_minute().await;
    let drawn = story.draw(&campaign, people(0..60)).await;
    story.a_minute().await;
    assert!(
        !drawn.to_string().contains(&canary)
            && !story.draw(&campaign, people(0..60)).await.to_string().contains(&canary)
    );
    assert_eq!(story.code(&canary).await["recipient"], Value::Null);
    assert_eq!(story.alarms("open").await.len(), 0);

    let visit = story.world.shopper_comes("/");
    story.world.types_code(&visit, &canary);
    let checkout = visit.checks_out(&[(2, 1)], story.world.customer(4)).unwrap();
    story.arrive().await;
    let alarms = story.alarms("open").await;
    assert_eq!(kinds(&alarms), ["canary"], "on a checkout already");
    assert_eq!(alarms[0]["seen"][0]["on"], json!(format!("checkout:{checkout}")));
    assert_eq!(alarms[0]["slot_ends_at"], "2026-08-26T01:00:00Z");
    assert!(
        text(&alarms[0]["slot"]).contains("Winback") && text(&alarms[0]["advice"]).contains("Revoke"),
        "{alarms:?}"
    );
    let id = text(&alarms[0]["id"]).to_owned();
    let closed = story.post(&format!("/api/codes/alarms/{id}/close")).await;
    assert!(closed.status == 200 && closed.json["closed_at"].is_string(), "{}", closed.text);
    assert_eq!((story.alarms("open").await.len(), story.alarms("closed").await.len()), (0, 1));

    let order = story.world.completes(&checkout, Payment::default()).unwrap();
    story.arrive().await;
    let alarms = story.alarms("open").await;
    assert_eq!(
        (kinds(&alarms), alarms[0]["sightings"].as_i64()),
        (vec!["canary"], Some(2)),
        "something new opens it again"
    );
    assert_eq!(text(&alarms[0]["id"]), id);
    let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
    assert_eq!(receipt["verdict"]["line"], "unattributed", "nobody's code is nobody's order");
    let known = story.code(&canary).await;
    assert!(known["warnings"].as_array().unwrap().iter().any(|w| w["code"] == "nobody_was_given_it"), "{known}");
    story.end().await;
}

#[tokio::test]
async fn the_radar_sees_strangers_early_orders_and_bursts() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let ana = story.world.customer(3);
    let hers =
        json!([{"key": "ana", "phone": ana.phone.clone().unwrap_or("+436601234567".into()), "email": ana.email}]);
    let own = story.draw(&campaign, hers).await["messages"][0].clone();
    let drawn = story.draw(&campaign, people(0..3)).await;
    let messages = drawn["messages"].as_array().unwrap();
    let buys = async |message: &Value, customer: usize| {
        let visit = story.world.shopper_comes("/");
        story.world.types_code(&visit, text(&message["code"]));
        let order = visit.buys(&[(2, 1)], story.world.customer(customer)).unwrap();
        story.arrive().await;
        order
    };
    story.status(&own, "delivered").await;
    buys(&own, 3).await;
    story.pass(3_700).await;
    assert_eq!(story.alarms("open").await.len(), 0, "the recipient herself, after delivery");

    let stranger = (0..20).find(|n| story.world.customer(*n).phone.is_some()).unwrap();
    let order = buys(&messages[0], stranger).await;
    story.pass(3_700).await;
    let alarms = story.alarms("open").await;
    assert_eq!(kinds(&alarms), ["somebody_else"]);
    assert_eq!(alarms[0]["seen"][0]["on"], json!(format!("order:{order}")));
    let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
    assert_eq!(receipt["verdict"]["line"], "attributed_shared", "attribution says the same");

    // Its message arrives hours after the order: told late, seen all the same.
    story.pass(7_200).await;
    story.status(&messages[0], "delivered").await;
    story.pass(7 * 3_600).await;
    assert_eq!(kinds(&story.alarms("open").await), ["before_delivery", "somebody_else"]);
    let known = story.code(text(&messages[0]["code"])).await;
    assert!(known["warnings"].as_array().unwrap().iter().any(|w| w["code"] == "used_before_delivery"), "{known}");

    for n in 0..5 {
        assert!(!kinds(&story.alarms("open").await).contains(&"burst"), "after {n} checkouts");
        let visit = story.world.shopper_comes("/");
        story.world.types_code(&visit, text(&messages[1]["code"]));
        visit.checks_out(&[(2, 1)], story.world.customer(5 + n)).unwrap();
        story.pass(300).await;
        story.arrive().await;
    }
    assert!(kinds(&story.alarms("open").await).contains(&"burst"));

    // What is mostly a gift is a notice: no campaign is marked for it, and it closes when its slot is over.
    let loud = async |severity: &str| {
        let path = format!("/api/codes/alarms?severity={severity}");
        kinds(story.report(&path).await["alarms"].as_array().unwrap()).join(" ")
    };
    assert_eq!(loud("notice").await, "somebody_else");
    assert_eq!((loud("warning").await, loud("critical").await), ("before_delivery burst".into(), String::new()));
    let marked = async || story.report("/api/campaigns").await["campaigns"][0]["open_alarms"].as_i64();
    assert_eq!(marked().await, Some(2));
    story.pass(3 * 86_400).await;
    assert_eq!(kinds(&story.alarms("open").await), ["before_delivery", "burst"]);
    assert_eq!(kinds(&story.alarms("closed").await), ["somebody_else"]);
    assert_eq!(marked().await, Some(2), "what somebody should look at stays");
    story.end().await;
}

#[tokio::test]
async fn a_code_that_somebody_else_has_is_drawn_again_unnoticed() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["kind"] = json!("broadcast")).await;
    story.draw(&campaign, people(0..30)).await;
    let reserved = story.codes_in(State::Reserved).await;
    assert_eq!(reserved.len(), 30);
    // The first becomes the discount's own first code, the others are added in bulk.
    let taken: Vec<String> = reserved.iter().map(|code| code.code.clone()).step_by(7).collect();
    taken.iter().for_each(|code| story.world.somebody_has_code(&code.to_lowercase()));
    for _ in 0..40 {
        story.pass(3).await;
    }
    let drawn = story.draw(&campaign, people(0..30)).await;
    let messages = drawn["messages"].as_array().unwrap();
    assert!(messages.iter().all(|message| message["code_state"] == "live"), "{drawn}");
    let ours: Vec<i64> =
        story.world.discounts().iter().filter(|d| d.tags.contains(&"recoup".into())).map(|d| d.id).collect();
    let held = story.world.redeem_codes();
    for message in messages {
        assert!(!taken.iter().any(|code| code == text(&message["code"])));
        assert!(held.iter().any(|code| code.code == text(&message["code"]) && ours.contains(&code.discount)));
    }
    story.end().await;
}

#[tokio::test]
async fn a_pool_of_thousands_is_written_in_steps_and_a_clash_is_drawn_again() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["kind"] = json!("broadcast")).await;
    let campaign =
        Campaigns::find().all(story.app.db.read()).await.unwrap().into_iter().find(|c| c.id.to_string() == campaign);
    let campaign = campaign.unwrap();
    recoup::codes::bulk_reserve(&story.app, &campaign, 25_000, story.clock.now()).await.unwrap();
    let reserved = story.codes_in(State::Reserved).await;
    assert_eq!(reserved.len(), 25_000);
    let cells = |code: &RedeemCode| {
        use recoup::db::Cell;
        let columns = ["shop_id", "id", "campaign_id", "discount_id", "code", "state", "reserved_at"];
        let row = vec![
            Cell::Big(code.shop_id.0),
            Cell::Id(story.app.chance.uuid(story.clock.now())),
            Cell::Id(code.campaign_id.0),
            Cell::Id(code.discount_id.0),
            Cell::Text(code.code.clone()),
            Cell::Text("reserved".into()),
            Cell::Big(0),
        ];
        (columns, row)
    };
    let (columns, row) = cells(&reserved[0]);
    let clash = story.app.db.append("redeem_codes", &columns, vec![row]).await.unwrap_err();
    assert!(matches!(clash.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))), "{clash}");
    assert_eq!(story.codes_in(State::Reserved).await.len(), 25_000);
    // Nobody pushes them: the story ends before their import.
    drop(story);
}
