//! Time: codes that end to the second at Shopify, clocks that start at delivery, slots ahead of their time, and clocks
//! that are wrong.

use recoup::cli::start;
use recoup::codes::{CODE, DISCOUNT, Discounts, RedeemCode, RedeemCodes, State};
use recoup::jobs::{self, Worker};
use recoup::kernel::{Chance, Clock, Timestamp};
use recoup::links::Links;
use recoup::messages::Messages;
use recoup::simulator::{Answer, Discount, Fault};
use recoup::{server, worker};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::{Engine, Story};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

fn people(range: std::ops::Range<usize>) -> Value {
    range.map(|i| json!({"key": format!("crm-{i}"), "phone": format!("+43660{:07}", 1_000_000 + i)})).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn instant(value: &Value) -> Timestamp {
    Timestamp::parse(text(value)).unwrap()
}

/// Everything of a campaign's terms that is about time.
fn expiring(expiry: Value) -> impl FnOnce(&mut Value) {
    move |body| body["expiry"] = expiry
}

impl Story {
    async fn get(&self, path: &str) -> Value {
        let answer = self.world.platform_get(path).await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json
    }

    async fn tell(&self, path: &str) -> Answer {
        self.world.platform_post(path, &json!({})).await.unwrap()
    }

    async fn message(&self, message: &Value) -> Value {
        self.get(&format!("/api/messages/{}", text(&message["message_id"]))).await
    }

    async fn about(&self, code: &Value) -> Value {
        self.get(&format!("/api/codes/{}", text(code))).await
    }

    async fn reported(&self, message: &Value, status: &str, at: Timestamp) {
        let body = json!({"statuses": [{"message_id": message["message_id"], "status": status, "at": at}]});
        let told = self.world.platform_post("/api/messages/statuses", &body).await.unwrap();
        assert_eq!((told.status, told.json["accepted"].as_i64()), (200, Some(1)), "{}", told.text);
        self.settle().await;
    }

    /// Moves time and runs nothing.
    fn at(&self, at: Timestamp) {
        self.clock.advance_to(at);
        assert_eq!(self.clock.now(), at, "a story only goes forward");
    }

    /// The discount a code belongs to at Shopify.
    fn discount_of(&self, code: &Value) -> Discount {
        let held = self.world.redeem_codes().into_iter().find(|held| held.code == text(code));
        let held = held.unwrap_or_else(|| panic!("Shopify does not hold {code}"));
        self.world.discounts().into_iter().find(|discount| discount.id == held.discount).unwrap()
    }

    fn ours(&self) -> Vec<Discount> {
        let tagged = |discount: &Discount| discount.tags.iter().any(|tag| tag == "recoup");
        self.world.discounts().into_iter().filter(tagged).collect()
    }

    /// What a shopper's session holds after a tap.
    async fn taps(&self, message: &Value) -> Vec<String> {
        self.world.shopper_taps(text(&message["link"])).await.unwrap().codes()
    }

    /// Whether Shopify would take a code now.
    fn takes(&self, code: &Value) -> bool {
        let held = self.world.redeem_codes().into_iter().find(|held| held.code == text(code));
        let discount = held.and_then(|held| self.world.discounts().into_iter().find(|one| one.id == held.discount));
        discount.is_some_and(|discount| discount.status(self.clock.now()) == "ACTIVE")
    }

    async fn codes(&self) -> Vec<RedeemCode> {
        RedeemCodes::find().all(self.app.db.read()).await.unwrap()
    }
}

fn drawn(answer: &Value) -> Vec<Value> {
    assert_eq!(answer["errors"], json!([]), "{answer}");
    answer["messages"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_exact_code_has_a_discount_of_its_own_that_ends_with_it() {
    let story = Story::begin().await;
    let campaign = story.campaign(expiring(json!({"after_seconds": 5_000, "exact": true}))).await;
    assert_eq!((story.ours().len(), story.codes().await.len()), (0, 0), "no pool and no canary");
    let first = drawn(&story.draw(&campaign, people(0..25)).await);
    for message in &first {
        assert_eq!((&message["code_state"], &message["code"]), (&json!("pending"), &Value::Null));
        let wait = instant(&message["expected_at"]).seconds_since(story.clock.now());
        assert!((1..=5).contains(&wait), "25 calls, 10 a second: {wait} s");
    }
    // The same instant, the same end: no second draw is in the way of the first.
    let more = drawn(&story.draw(&campaign, people(25..30)).await);
    story.settle().await;
    let now = drawn(&story.draw(&campaign, people(0..30)).await);
    assert_eq!(
        first.iter().chain(&more).map(|m| &m["link"]).collect::<Vec<_>>(),
        now.iter().map(|m| &m["link"]).collect::<Vec<_>>()
    );
    for message in &now {
        assert_eq!(message["code_state"], "live", "live without a moment of the world's time: {message}");
        let discount = story.discount_of(&message["code"]);
        assert_eq!(discount.ends_at, Some(instant(&message["expires_at"])));
        assert_eq!((discount.usage_limit, discount.title.as_str()), (Some(1), "Winback"));
        assert_eq!(story.about(&message["code"]).await["shopify_ends_at"], message["expires_at"]);
    }
    assert_eq!((story.ours().len(), story.codes().await.len()), (30, 30), "one for each, and nothing besides");
    let end = instant(&now[0]["expires_at"]);
    story.at(end.plus_seconds(-1));
    assert_eq!(story.taps(&now[0]).await, [text(&now[0]["code"])]);
    assert!(story.takes(&now[0]["code"]) && story.about(&now[0]["code"]).await["good"] == true);
    story.at(end);
    assert!(story.taps(&now[0]).await.is_empty() && !story.takes(&now[0]["code"]));
    assert_eq!(story.message(&now[0]).await["code_state"], "expired");
    let verdict = story.about(&now[0]["code"]).await["verdict"].clone();
    assert!(!text(&verdict).contains("still works"), "Shopify ends it as well: {verdict}");
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn an_exact_code_survives_lost_answers_and_codes_of_others() {
    let story = Story::begin().await;
    let campaign = story.campaign(expiring(json!({"after_seconds": 90_000, "exact": true}))).await;
    story.draw(&campaign, people(0..20)).await;
    let reserved = story.codes().await;
    let taken: Vec<String> = reserved.iter().step_by(6).map(|code| code.code.clone()).collect();
    taken.iter().for_each(|code| story.world.somebody_has_code(&code.to_lowercase()));
    // Some calls are not heard, of some the answer is not; then Shopify is away for a while.
    story.world.fault(Fault::AdminAnswersLost(502, 5));
    story.settle().await;
    story.world.fault(Fault::AdminAnswers(503, 6));
    story.world.fault(Fault::Throttle(2));
    let waits = drawn(&story.draw(&campaign, people(0..20)).await);
    let later = waits.iter().find(|message| message["code_state"] == "pending").unwrap();
    assert!(instant(&later["expected_at"]) > story.clock.now());
    for _ in 0..40 {
        story.pass(10).await;
    }
    let now = drawn(&story.draw(&campaign, people(0..20)).await);
    for message in &now {
        assert_eq!(message["code_state"], "live", "{message}");
        assert!(!taken.iter().any(|code| code == text(&message["code"])));
        assert_eq!(story.discount_of(&message["code"]).ends_at, Some(instant(&message["expires_at"])));
    }
    assert_eq!(story.ours().len(), 20, "none was made twice and none is an orphan");
    story.end().await;
}

#[tokio::test]
async fn what_is_done_to_an_exact_discount_is_noticed_and_what_we_do_reaches_it() {
    let story = Story::begin().await;
    let campaign = story.campaign(expiring(json!({"after_seconds": 90_000, "exact": true}))).await;
    story.draw(&campaign, people(0..6)).await;
    story.settle().await;
    let messages = drawn(&story.draw(&campaign, people(0..6)).await);
    let id = |n: usize| story.discount_of(&messages[n]["code"]).id;
    // The merchant deletes one, ends one, and changes one.
    let (deleted, ended, changed) = (id(0), id(1), id(2));
    story.world.merchant_deletes_discount(deleted);
    let now = story.clock.now();
    story.world.merchant_edits_discount(ended, |discount| discount.ends_at = Some(now));
    story.world.merchant_edits_discount(changed, |discount| discount.title = "Mine".into());
    story.arrive().await;
    let shown = story.report(&format!("/api/campaigns/{campaign}")).await;
    let mut kinds: Vec<&str> = shown["notices"].as_array().unwrap().iter().map(|one| text(&one["kind"])).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["changed", "deleted", "ended"], "{shown}");
    // Who was drawn keeps what they were given; one more gets one.
    story.draw(&campaign, people(6..7)).await;
    story.settle().await;
    assert_eq!(drawn(&story.draw(&campaign, people(6..7)).await)[0]["code_state"], "live");

    // One is taken back, the others get another title.
    let code = text(&messages[3]["code"]);
    assert_eq!(story.tell(&format!("/api/codes/{code}/revoke")).await.status, 200);
    for _ in 0..20 {
        story.pass(5).await;
    }
    assert!(!story.world.redeem_codes().iter().any(|held| held.code == code), "gone at Shopify");
    assert_eq!(story.about(&messages[3]["code"]).await["state"], "revoked");
    let path = format!("/api/campaigns/{campaign}");
    assert_eq!(story.world.merchant_send("PATCH", &path, &json!({"title": "Yours"})).await.unwrap().status, 200);
    story.settle().await;
    assert_eq!(story.discount_of(&messages[4]["code"]).title, "Yours");

    // Archived while somebody waits: the promise is kept, and what people hold is good.
    story.draw(&campaign, people(7..8)).await;
    assert_eq!(story.tell(&format!("{path}/archive")).await.status, 200);
    story.settle().await;
    story.arrive().await;
    let promised = RedeemCodes::find().filter(CODE.state.is_in([State::Reserved, State::Pushed]));
    assert_eq!(promised.all(story.app.db.read()).await.unwrap().len(), 0);
    assert!(story.takes(&messages[4]["code"]) && story.taps(&messages[4]).await.len() == 1);
    let all = story.tell(&format!("{path}/codes/revoke")).await;
    assert_eq!(all.status, 200, "{}", all.text);
    for _ in 0..30 {
        story.pass(5).await;
    }
    assert!(!story.takes(&messages[4]["code"]));
    story.end().await;
}

#[tokio::test]
async fn an_offer_that_shopify_refused_is_put_right_for_those_who_wait_for_their_own() {
    let story = Story::before_install(Engine::Asked, |settings| settings.shop.sells_subscriptions = false).await;
    story.world.install().await.unwrap();
    story.settle().await;
    let campaign = story
        .campaign(|body| {
            body["purchase"] = json!("both");
            body["expiry"] = json!({"after_seconds": 90_000, "exact": true});
        })
        .await;
    story.draw(&campaign, people(0..3)).await;
    story.settle().await;
    let path = format!("/api/campaigns/{campaign}");
    assert_eq!(story.report(&path).await["trouble"]["field"], "purchase");
    let better = json!({"purchase": "one_time"});
    assert_eq!(story.world.merchant_send("PATCH", &path, &better).await.unwrap().status, 200);
    story.settle().await;
    let messages = drawn(&story.draw(&campaign, people(0..3)).await);
    assert!(messages.iter().all(|message| message["code_state"] == "live" && story.takes(&message["code"])));
    assert_eq!(story.ours().len(), 3);
    story.end().await;
}

/// Everything that knows when a message's code ends.
async fn ends(story: &Story, message: &Value) -> Vec<Option<Timestamp>> {
    let id = text(&message["message_id"]);
    let rows = Messages::find().all(story.app.db.read()).await.unwrap();
    let row = rows.into_iter().find(|row| row.id.to_string() == id).unwrap();
    let links = Links::find().all(story.app.db.read()).await.unwrap();
    let link = links.into_iter().find(|link| link.slug == row.link_slug).unwrap();
    let code = story.codes().await.into_iter().find(|code| Some(code.id) == row.redeem_code_id).unwrap();
    vec![row.expires_at, link.expires_at, code.expires_at]
}

#[tokio::test]
async fn a_clock_that_starts_at_delivery_starts_at_the_earliest_whatever_comes_first() {
    let story = Story::begin().await;
    for exact in [false, true] {
        let terms = json!({"after_seconds": 10 * HOUR, "starts": "delivery", "deliver_within_seconds": 20 * HOUR, "exact": exact});
        let campaign = story.campaign(expiring(terms)).await;
        story.draw(&campaign, people(0..4)).await;
        story.settle().await;
        let issued = story.clock.now();
        let messages = drawn(&story.draw(&campaign, people(0..4)).await);
        let latest = issued.plus_seconds(30 * HOUR);
        for message in &messages {
            assert_eq!((&message["code_state"], &message["expires_at"]), (&json!("live"), &Value::Null));
            assert_eq!(instant(&message["expires_latest_at"]), latest);
            let ends_at = story.discount_of(&message["code"]).ends_at.unwrap();
            assert!(ends_at >= latest && (!exact || ends_at == latest), "Shopify takes it long enough");
            let known = story.about(&message["code"]).await;
            assert_eq!((&known["good"], &known["expires_at"]), (&json!(true), &Value::Null));
            assert!(text(&known["verdict"]).contains("10 hours begin when WhatsApp delivers"), "{known}");
        }
        let delivered = issued.plus_seconds(2 * HOUR);
        story.pass(4 * HOUR).await;
        // In order, and the other way round; with a repeat of something later, and from a clock that is off.
        story.reported(&messages[0], "delivered", delivered).await;
        story.reported(&messages[0], "read", delivered.plus_seconds(1_000)).await;
        story.reported(&messages[1], "read", delivered.plus_seconds(1_000)).await;
        assert_eq!(
            instant(&story.message(&messages[1]).await["expires_at"]),
            delivered.plus_seconds(10 * HOUR + 1_000)
        );
        story.reported(&messages[1], "delivered", delivered).await;
        story.reported(&messages[1], "read", delivered.plus_seconds(1_000)).await;
        story.reported(&messages[2], "delivered", issued.plus_seconds(-50)).await;
        let end = delivered.plus_seconds(10 * HOUR);
        for (message, end) in [(0, end), (1, end), (2, issued.plus_seconds(10 * HOUR))] {
            let message = &messages[message];
            let shown = story.message(message).await;
            assert_eq!((instant(&shown["expires_at"]), &shown["expires_latest_at"]), (end, &Value::Null));
            assert_eq!(instant(&story.about(&message["code"]).await["expires_at"]), end);
            assert_eq!(ends(&story, message).await, [Some(end); 3], "message, link and code agree");
            let at_shopify = story.discount_of(&message["code"]).ends_at.unwrap();
            assert!(if exact { at_shopify == end } else { at_shopify >= latest });
        }
        story.arrive().await;
        let shown = story.report(&format!("/api/campaigns/{campaign}")).await;
        assert_eq!(shown["notices"], json!([]), "what we change ourselves is no news");
        story.at(end.plus_seconds(-1));
        assert_eq!(story.taps(&messages[1]).await, [text(&messages[1]["code"])]);
        story.at(end);
        assert!(story.taps(&messages[0]).await.is_empty() && story.taps(&messages[1]).await.is_empty());
        assert_eq!(story.message(&messages[1]).await["code_state"], "expired");
        assert_eq!(story.about(&messages[1]["code"]).await["state"], "expired");
        assert_eq!(story.taps(&messages[3]).await, [text(&messages[3]["code"])], "not delivered: its clock stands");
        story.settle().await;
    }
    story.end().await;
}

#[tokio::test]
async fn what_was_delivered_too_late_is_replaced_by_a_code_of_its_own() {
    let story = Story::begin().await;
    let terms = json!({"after_seconds": 10 * HOUR, "starts": "delivery", "deliver_within_seconds": 5 * HOUR});
    let campaign = story.campaign(expiring(terms)).await;
    let messages = drawn(&story.draw(&campaign, people(0..4)).await);
    let bound = instant(&messages[0]["expires_latest_at"]);
    let replace =
        async |n: usize| story.tell(&format!("/api/messages/{}/replacement", text(&messages[n]["message_id"]))).await;
    story.pass(HOUR).await;
    story.reported(&messages[0], "delivered", story.clock.now()).await;
    // Within its life, but so late that Shopify takes it for an hour only.
    story.pass(bound.plus_seconds(-HOUR).seconds_since(story.clock.now())).await;
    story.reported(&messages[1], "delivered", story.clock.now()).await;
    assert_eq!(instant(&story.message(&messages[1]).await["expires_at"]), bound, "as long as Shopify takes it");
    assert_eq!(replace(1).await.json["code"], "code_still_good");
    story.pass(2 * HOUR).await;
    story.reported(&messages[2], "read", story.clock.now()).await;
    assert_eq!(replace(0).await.json["code"], "code_had_its_time");
    for n in [1, 2, 3] {
        let second = replace(n).await;
        assert_eq!(
            (second.status, &second.json["reason"]),
            (200, &json!("expired_before_delivery")),
            "{}",
            second.text
        );
        let end = story.clock.now().plus_seconds(10 * HOUR);
        assert_eq!(instant(&second.json["expires_at"]), end, "its clock starts now, delivered or not");
        story.settle().await;
        let shown = story.message(&messages[n]).await;
        assert_eq!((&shown["code_state"], instant(&shown["expires_at"])), (&json!("live"), end));
        assert_eq!(story.discount_of(&shown["code"]).ends_at, Some(end), "exact, whatever the campaign's terms");
        assert_eq!(story.taps(&messages[n]).await, [text(&shown["code"])]);
        assert_eq!(replace(n).await.json["code"], shown["code"], "once per message");
        // News of the delivery moves nothing of it.
        story.reported(&messages[n], "delivered", story.clock.now()).await;
        assert_eq!(ends(&story, &messages[n]).await, [Some(end); 3]);
    }
    for _ in 0..20 {
        story.pass(5).await;
    }
    story.end().await;
}

#[tokio::test]
async fn an_order_is_judged_by_the_end_of_its_code_whatever_came_first() {
    let story = Story::begin().await;
    let terms = json!({"after_seconds": HOUR, "starts": "delivery", "deliver_within_seconds": 10 * DAY});
    let campaign = story.campaign(expiring(terms)).await;
    let messages = drawn(&story.draw(&campaign, people(0..2)).await);
    let delivered = story.clock.now().plus_seconds(600);
    story.pass(HOUR).await;
    // Of one message we hear in time; of the other long after its order. Both codes are typed in by hand after a day.
    story.reported(&messages[0], "delivered", delivered).await;
    story.pass(27 * HOUR).await;
    let mut orders = Vec::new();
    for message in &messages {
        let visit = story.world.shopper_comes("/");
        story.world.types_code(&visit, text(&message["code"]));
        orders.push(visit.buys(&[(2, 1)], story.world.customer(3)).unwrap());
    }
    story.arrive().await;
    story.pass(HOUR).await;
    let winner = async |order: i64| story.report(&format!("/api/orders/{order}/receipt")).await["winner"].clone();
    assert_eq!(winner(orders[0]).await, Value::Null, "past its own life and a day of grace");
    assert_eq!(winner(orders[1]).await["message_id"], messages[1]["message_id"], "no end is known yet");
    story.reported(&messages[1], "delivered", delivered).await;
    assert_eq!(winner(orders[1]).await, Value::Null, "the same facts, the same verdict");
    story.end().await;
}

#[tokio::test]
async fn a_code_ends_at_its_slots_end_to_the_second() {
    let story = Story::begin().await;
    let campaign = story.campaign(expiring(json!({"after_seconds": 2_400, "slot_seconds": 900}))).await;
    let slot = Timestamp::parse("2026-08-24T01:00:00Z").unwrap();
    for (n, at) in [-1, 0, 1].into_iter().enumerate() {
        story.clock.advance_to(slot.plus_seconds(at - 2_400));
        let message = drawn(&story.draw(&campaign, people(n..n + 1)).await)[0].clone();
        story.settle().await;
        assert_eq!(instant(&message["expires_at"]), slot.plus_seconds(at));
    }
    for _ in 0..5 {
        story.pass(5).await;
    }
    let messages = drawn(&story.draw(&campaign, people(0..3)).await);
    let ends: Vec<i64> =
        messages.iter().map(|m| story.discount_of(&m["code"]).ends_at.unwrap().seconds_since(slot)).collect();
    assert_eq!(ends, [0, 0, 900], "the slot is the next boundary, never before the code");
    for (second, good) in
        [(-2, [true, true, true]), (-1, [false, true, true]), (0, [false, false, true]), (1, [false; 3])]
    {
        story.at(slot.plus_seconds(second));
        for (message, good) in messages.iter().zip(good) {
            assert_eq!(story.taps(message).await.len(), usize::from(good), "{second} s from the slot's end");
            assert_eq!(story.about(&message["code"]).await["good"], good);
            assert!(!good || story.takes(&message["code"]), "what is good here Shopify takes");
            let state = if good { "live" } else { "expired" };
            assert_eq!(story.message(message).await["code_state"], state);
        }
    }
    assert!(!story.takes(&messages[1]["code"]) && story.takes(&messages[2]["code"]));
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn a_change_of_the_shops_clocks_inside_a_slot_shifts_nothing() {
    // 25 hours and 23 hours in Vienna; the clocks change at 01:00 UTC.
    for day in ["2026-10-25", "2027-03-28"] {
        let change = Timestamp::parse(&format!("{day}T01:00:00Z")).unwrap();
        let story = Story::before_install(Engine::Asked, |settings| {
            assert_eq!(settings.shop.zone, chrono_tz::Europe::Vienna);
        })
        .await;
        story.clock.advance_to(change.plus_seconds(-3 * HOUR));
        story.world.install().await.unwrap();
        story.settle().await;
        let campaign = story.campaign(expiring(json!({"after_seconds": 20 * HOUR, "slot_seconds": DAY}))).await;
        let before = drawn(&story.draw(&campaign, people(0..1)).await)[0].clone();
        let (issued, slot) = (story.clock.now(), change.plus_seconds(23 * HOUR));
        let end = issued.plus_seconds(20 * HOUR);
        assert!(issued < change && end > change && end < slot);
        assert_eq!(instant(&before["expires_at"]), end);
        assert_eq!(story.discount_of(&before["code"]).ends_at, Some(slot), "24 hours wide, and not 23 or 25");
        story.pass(3 * HOUR + 600).await;
        let after = drawn(&story.draw(&campaign, people(1..2)).await)[0].clone();
        assert_eq!(after["code_state"], "live", "the same slot's pool");
        assert_eq!(story.discount_of(&after["code"]).ends_at, Some(slot));
        assert_eq!(instant(&after["expires_at"]).seconds_since(story.clock.now()), 20 * HOUR);
        story.at(end.plus_seconds(-1));
        assert!(story.taps(&before).await.len() == 1 && story.takes(&before["code"]));
        story.at(end);
        assert!(story.taps(&before).await.is_empty() && story.about(&before["code"]).await["good"] == false);
        story.at(slot.plus_seconds(-1));
        assert!(story.takes(&after["code"]));
        story.at(slot);
        assert!(!story.takes(&after["code"]));
        story.settle().await;
        story.end().await;
    }
}

#[tokio::test]
async fn slots_are_there_before_they_are_needed_and_little_is_left_of_them() {
    for (slot_seconds, after_seconds) in [(900, HOUR), (HOUR, 2 * DAY)] {
        let story = Story::begin().await;
        let terms = json!({"after_seconds": after_seconds, "slot_seconds": slot_seconds});
        let campaign = story.campaign(expiring(terms)).await;
        // One a minute for seven hours, three a minute in the fifth.
        let (mut n, mut pending, mut shown) = (0, 0, std::collections::HashSet::new());
        for minute in 0..420 {
            let people = people(n..n + if (240..300).contains(&minute) { 3 } else { 1 });
            n += people.as_array().unwrap().len();
            for message in drawn(&story.draw(&campaign, people).await) {
                if message["code_state"] == "pending" {
                    pending += usize::from(minute >= 10);
                    continue;
                }
                assert!(shown.insert(text(&message["code"]).to_owned()));
                let ends_at = story.discount_of(&message["code"]).ends_at.unwrap();
                let own = ends_at.seconds_since(instant(&message["expires_at"]));
                assert!((0..slot_seconds).contains(&own), "from its own slot, not from a dead one's leftovers");
            }
            story.pass(60).await;
        }
        assert_eq!(pending, 0, "nobody waited after the first ten minutes, at none of the boundaries");
        let discounts = Discounts::find().all(story.app.db.read()).await.unwrap().len();
        let codes = story.codes().await;
        let canaries = codes.iter().filter(|code| code.imported_at.is_some() && code.was_given_to_nobody());
        let left = canaries.count();
        let slots = usize::try_from(420 * 60 / slot_seconds).unwrap() + 2;
        assert!(discounts <= slots, "{discounts} discounts for {slots} slots");
        println!("slots of {slot_seconds} s: {n} drawn, {left} left over in {discounts} slots");
        assert!(left <= slots * 60, "{left} left over in {slots} slots");
        story.end().await;
    }
}

#[tokio::test]
async fn an_announced_audience_is_ready_in_the_next_slot_too() {
    let story = Story::begin().await;
    let campaign = story
        .campaign(|body| {
            body["kind"] = json!("broadcast");
            body["expected_recipients"] = json!(300);
        })
        .await;
    let in_slot = async |slot: &str| {
        let slot = Timestamp::parse(slot).unwrap();
        let discount =
            Discounts::find().filter(DISCOUNT.slot_ends_at.eq(slot)).one(story.app.db.read()).await.unwrap()?;
        let codes = RedeemCodes::find().filter(CODE.discount_id.eq(discount.id));
        Some(codes.filter(CODE.state.eq(State::Imported)).all(story.app.db.read()).await.unwrap().len())
    };
    assert_eq!(in_slot("2026-08-26T01:00:00Z").await, Some(300));
    assert_eq!(in_slot("2026-08-26T02:00:00Z").await, None, "not before its time");
    story.clock.advance_to(Timestamp::parse("2026-08-24T00:55:00Z").unwrap());
    story.settle().await;
    for _ in 0..5 {
        story.pass(5).await;
    }
    assert_eq!(in_slot("2026-08-26T02:00:00Z").await, Some(300), "before its time");
    story.clock.advance_to(Timestamp::parse("2026-08-24T01:00:01Z").unwrap());
    let messages = drawn(&story.draw(&campaign, people(0..300)).await);
    assert!(messages.iter().all(|message| message["code_state"] == "live"));
    story.settle().await;
    story.end().await;
}

/// The same program once more on the same database, with a clock of its own that goes wrong by so much.
struct Node {
    clock: Clock,
    off: i64,
    url: String,
    worker: Worker,
}

impl Node {
    async fn beside(story: &Story, off: i64) -> Self {
        let clock = Clock::manual(story.clock.now().plus_seconds(off));
        let seed = 1_000 + off.unsigned_abs() + u64::from(off > 0);
        let app = start::open(story.app.config.clone(), clock.clone(), Chance::seeded(seed)).await.unwrap();
        let listener = server::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(server::serve(app.clone(), listener, 1).unwrap());
        Self { clock, off, url, worker: worker::worker(app) }
    }

    async fn turn(&self, story: &Story) {
        self.clock.advance_to(story.clock.now().plus_seconds(self.off));
        story.world.connect(&self.url);
        jobs::settle(&self.worker).await.unwrap();
    }
}

#[tokio::test]
async fn a_node_whose_clock_is_ten_minutes_off_shows_nothing_that_shopify_refuses() {
    let story = Story::begin().await;
    let slots = story.campaign(expiring(json!({"after_seconds": 900, "slot_seconds": 900}))).await;
    let exact = story.campaign(expiring(json!({"after_seconds": 900, "exact": true}))).await;
    let nodes = [Node::beside(&story, 600).await, Node::beside(&story, -600).await];
    let mut codes = std::collections::BTreeMap::new();
    for round in 0..40 {
        for (n, node) in nodes.iter().enumerate() {
            node.turn(&story).await;
            let first = round * 6 + n * 3;
            for campaign in [&slots, &exact] {
                drawn(&story.draw(campaign, people(first..first + 3)).await);
                // The other node is asked for the same recipients, and works on the same jobs.
                for node in [&nodes[1 - n], node] {
                    node.turn(&story).await;
                    for message in drawn(&story.draw(campaign, people(first..first + 3)).await) {
                        if message["code_state"] != "live" {
                            continue;
                        }
                        let code = text(&message["code"]).to_owned();
                        assert!(story.takes(&message["code"]), "{message} is shown {} s off", node.off);
                        let owner = codes.insert(code, (campaign.clone(), message["key"].clone()));
                        assert!(owner.is_none_or(|owner| owner == (campaign.clone(), message["key"].clone())));
                    }
                }
            }
        }
        story.clock.advance_to(story.clock.now().plus_seconds(45));
    }
    assert!(codes.len() > 400, "{} of 480 were live at once", codes.len());
    // One live code each, and as many discounts of single codes as there are such codes.
    let held: std::collections::HashSet<String> =
        story.world.redeem_codes().into_iter().map(|code| code.code).collect();
    let all = story.codes().await;
    assert!(all.iter().filter(|code| code.state == State::Issued).all(|code| held.contains(&code.code)));
    let own = Discounts::find().all(story.app.db.read()).await.unwrap();
    assert_eq!(own.iter().filter(|discount| discount.for_code_id.is_some()).count(), 240);
    println!("{} of 480 were live when they were asked for again at once", codes.len());
    drop((story, nodes));
}

/// Both at the same moment, not in turn: the same recipients asked of both, and both at the same jobs.
#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_twenty_minutes_apart_work_at_the_same_time() {
    let story = Story::begin().await;
    let slots = story.campaign(expiring(json!({"after_seconds": 900, "slot_seconds": 900}))).await;
    let exact = story.campaign(expiring(json!({"after_seconds": 900, "exact": true}))).await;
    let nodes = [Node::beside(&story, 600).await, Node::beside(&story, -600).await];
    let (client, key) = (reqwest_client(), story.world.api_key().unwrap());
    let asks = async |node: &Node, campaign: &str, people: Value| {
        let url = format!("{}/api/campaigns/{campaign}/messages", node.url);
        let body = json!({ "recipients": people });
        let answer = client.post(url).bearer_auth(&key).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        drawn(&answer.json().await.unwrap())
    };
    let mut owners = std::collections::BTreeMap::new();
    for round in 0..30 {
        for node in &nodes {
            node.clock.advance_to(story.clock.now().plus_seconds(node.off));
        }
        story.world.connect(&nodes[round % 2].url);
        for campaign in [&slots, &exact] {
            let these = || people(round * 4..round * 4 + 4);
            let [one, other] = &nodes;
            // The second asking meets the work that the first one promised; the third finds it done.
            for _ in 0..3 {
                let (a, b, worked, helped) = tokio::join!(
                    asks(one, campaign, these()),
                    asks(other, campaign, these()),
                    jobs::settle(&one.worker),
                    jobs::settle(&other.worker),
                );
                worked.unwrap();
                helped.unwrap();
                for (one, other) in a.iter().zip(&b) {
                    assert_eq!(one["message_id"], other["message_id"], "the same recipient, the same message");
                }
                for message in a.into_iter().chain(b).filter(|message| message["code_state"] == "live") {
                    assert!(story.takes(&message["code"]), "{message} is shown and Shopify refuses it");
                    let owner = (campaign.clone(), message["key"].clone());
                    let known = owners.insert(text(&message["code"]).to_owned(), owner.clone());
                    assert!(known.is_none_or(|known| known == owner), "{message} is somebody else's");
                }
            }
        }
        story.clock.advance_to(story.clock.now().plus_seconds(45));
    }
    let messages = Messages::find().all(story.app.db.read()).await.unwrap();
    assert_eq!(messages.len(), 240);
    let codes: std::collections::BTreeSet<_> = messages.iter().filter_map(|message| message.redeem_code_id).collect();
    assert_eq!(codes.len(), 240, "one code each");
    assert!(owners.len() > 200, "{} of 240 were live when they were asked for", owners.len());
    let held: std::collections::HashSet<String> =
        story.world.redeem_codes().into_iter().map(|code| code.code).collect();
    let all = story.codes().await;
    assert!(all.iter().filter(|code| code.state == State::Issued).all(|code| held.contains(&code.code)));
    println!("{} of 240 were live when they were asked for", owners.len());
    drop((story, nodes));
}
