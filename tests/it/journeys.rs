//! Shopify's customer journey: visits of other channels that no landing page told, asked for after the order, and what
//! they outweigh, whenever they come.

use recoup::catchup::Journeys;
use recoup::cli::start;
use recoup::kernel::Chance;
use recoup::orders::{JourneyState, Journeys as Asked, Visits};
use recoup::simulator::{Fault, Traffic, Visit};
use recoup::{attribution, jobs, shops, worker};
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::story::{Engine, Story};

const PAID: &str = "/?utm_source=google&utm_medium=cpc&gclid=secret%40example.com";
const GOOGLE: &str = "https://www.google.com/search?q=loden";

/// How long Shopify takes in these stories, and how long until we ask.
const READY: i64 = 600;
const ASKED: i64 = 3_600 + 301;

/// A morning's look around, a tap on our link in another browser, and a paid click an hour later in the first one.
async fn came_by_an_advertisement(story: &Story, offer: bool) -> (Visit, Value) {
    story.world.journeys_take(Some(READY));
    let ana = story.world.customer(3);
    let campaign = story.campaign(|body| body["offer"] = if offer { body["offer"].take() } else { Value::Null }).await;
    let hers = json!([{"key": "a", "phone": ana.phone.clone().unwrap(), "email": ana.email}]);
    let message = story.draw(&campaign, hers).await["messages"][0].clone();
    let browser = story.world.shopper_comes("/products/wool-socks");
    story.pass(3_600).await;
    story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    story.pass(3_600).await;
    browser.comes_again(PAID, GOOGLE).await.unwrap();
    story.pass(600).await;
    (browser, message)
}

async fn receipt(story: &Story, order: i64) -> Value {
    story.report(&format!("/api/orders/{order}/receipt")).await
}

fn channels(receipt: &Value) -> Vec<&str> {
    receipt["journey"].as_array().unwrap().iter().map(|touch| touch["channel"].as_str().unwrap()).collect()
}

async fn rebuild_changes_nothing(story: &Story) {
    let shop = shops::Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert_eq!(attribution::rebuild(&story.app, &shop).await.unwrap().changed, 0);
}

async fn state(story: &Story) -> (JourneyState, i32) {
    let row = Asked::find().one(story.app.db.read()).await.unwrap().unwrap();
    (row.state, row.tries)
}

#[tokio::test]
async fn a_later_paid_click_that_only_shopify_saw_outweighs_a_tap() {
    let story = Story::begin().await;
    let (browser, _) = came_by_an_advertisement(&story, false).await;
    let order = browser.buys(&[(2, 1)], story.world.customer(3)).unwrap();
    let ordered_at = story.clock.now();
    story.arrive().await;

    let before = receipt(&story, order).await;
    assert_eq!((&before["verdict"]["line"], &before["winner"]["kind"]), (&json!("attributed"), &json!("person_click")));
    assert_eq!(before["shopify_journey"]["state"], "waiting");
    assert!(before["shopify_journey"]["sentence"].as_str().unwrap().contains("an hour after it"), "{before}");
    story.pass(3_000).await;
    assert_eq!(state(&story).await, (JourneyState::Waiting, 0), "nobody asks before the hour is over");

    story.pass(ASKED - 3_000).await;
    let after = receipt(&story, order).await;
    let tap = &after["candidates"][0];
    assert_eq!((&after["verdict"]["line"], &tap["outcome"]), (&json!("unattributed"), &json!("yielded")), "{after}");
    assert!(tap["why"].as_str().unwrap().contains("a later click by paid advertising outweighs it"), "{tap}");
    // The landing page and the first visit are one; Shopify's instants stand in the place of the checkout's.
    assert_eq!(channels(&after), ["direct", "whatsapp", "paid"]);
    assert_eq!(after["journey"][2]["at"], json!(ordered_at.plus_seconds(-600).to_string()));
    assert_eq!(after["journey"][0]["at"], json!(ordered_at.plus_seconds(-7_800).to_string()));
    assert!(after["journey"][2]["why"].as_str().unwrap().contains("`gclid`"), "{after}");
    assert_eq!(after["shopify_journey"]["sentence"], "Shopify told 2 visits before this order.");
    let kept = Visits::find().all(story.app.db.read()).await.unwrap();
    assert!(kept.iter().all(|visit| !format!("{visit:?}").contains("secret")), "{kept:?}");
    assert_eq!(kept.iter().filter(|visit| visit.referrer.as_deref() == Some("google.com")).count(), 1);
    let journeys = story.report("/api/reports/summary").await["journeys"].clone();
    assert_eq!((&journeys["orders"], &journeys["told"], &journeys["waiting"]), (&json!(1), &json!(1), &json!(0)));
    rebuild_changes_nothing(&story).await;
    story.end().await;
}

#[tokio::test]
async fn a_code_stays_with_its_message_and_is_contested() {
    let story = Story::begin().await;
    let (browser, message) = came_by_an_advertisement(&story, true).await;
    story.world.types_code(&browser, message["code"].as_str().unwrap());
    let order = browser.buys(&[(2, 1)], story.world.customer(3)).unwrap();
    story.arrive().await;
    assert_eq!(receipt(&story, order).await["contested"], Value::Null);
    story.pass(ASKED).await;
    let after = receipt(&story, order).await;
    assert_eq!((&after["verdict"]["line"], &after["winner"]["kind"]), (&json!("attributed"), &json!("redeem_code")));
    assert!(after["contested"].as_str().unwrap().contains("paid advertising was clicked after"), "{after}");
    rebuild_changes_nothing(&story).await;
    story.end().await;
}

#[tokio::test]
async fn a_visit_our_own_link_opened_is_no_other_channels() {
    let story = Story::begin().await;
    story.world.journeys_take(Some(READY));
    let ana = story.world.customer(3);
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let hers = json!([{"key": "a", "phone": ana.phone.clone().unwrap(), "email": ana.email}]);
    let message = story.draw(&campaign, hers).await["messages"][0].clone();
    let visit = story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    story.pass(7_200).await;
    // The same browser, by itself: she knows the shop now.
    visit.comes_again("/", "").await.unwrap();
    story.pass(60).await;
    let order = visit.buys(&[(2, 1)], ana).unwrap();
    story.arrive().await;
    let before = receipt(&story, order).await;
    story.pass(ASKED).await;
    let after = receipt(&story, order).await;
    assert_eq!(story.count::<Visits>().await, 2);
    assert!(Visits::find().all(story.app.db.read()).await.unwrap().iter().any(|visit| visit.click_id.is_some()));
    assert_eq!((&before["verdict"], &before["winner"]), (&after["verdict"], &after["winner"]));
    assert_eq!((channels(&before), channels(&after)), (vec!["whatsapp"], vec!["whatsapp", "direct"]));
    rebuild_changes_nothing(&story).await;
    story.end().await;
}

#[tokio::test]
async fn unfinished_it_is_asked_again_ever_later_and_left_after_a_day() {
    for (takes, ends) in [(3 * 3_600, JourneyState::Told), (90 * 86_400, JourneyState::NotReady)] {
        let story = Story::begin().await;
        let (browser, _) = came_by_an_advertisement(&story, false).await;
        story.world.journeys_take(Some(takes));
        let order = browser.buys(&[(2, 1)], story.world.customer(3)).unwrap();
        story.arrive().await;
        story.pass(ASKED).await;
        assert_eq!(state(&story).await, (JourneyState::Waiting, 1));
        let waits = receipt(&story, order).await;
        assert!(waits["shopify_journey"]["sentence"].as_str().unwrap().contains("cannot tell"), "{waits}");
        assert_eq!(waits["verdict"]["line"], "attributed");
        for _ in 0..30 {
            story.pass(3_600).await;
        }
        let (state, tries) = state(&story).await;
        assert_eq!((state, (2..=6).contains(&tries)), (ends, true), "{tries}");
        let after = receipt(&story, order).await;
        let told = ends == JourneyState::Told;
        assert_eq!(after["verdict"]["line"], if told { "unattributed" } else { "attributed" });
        assert_eq!(after["shopify_journey"]["sentence"].as_str().unwrap().contains("not asked any more"), !told);
        rebuild_changes_nothing(&story).await;
        story.end().await;
    }
}

#[tokio::test]
async fn lost_answers_a_restart_and_a_second_telling_change_nothing() {
    let mut ends = Vec::new();
    for trouble in [None, Some(Fault::AdminAnswersLost(502, 99)), Some(Fault::Throttle(9)), Some(Fault::Denies(9))] {
        let story = Story::begin().await;
        let (browser, _) = came_by_an_advertisement(&story, false).await;
        let order = browser.buys(&[(2, 1)], story.world.customer(3)).unwrap();
        story.arrive().await;
        if let Some(fault) = trouble {
            story.world.fault(fault);
        }
        story.pass(ASKED).await;
        story.world.no_faults();
        if trouble.is_some() {
            assert_eq!((state(&story).await, story.count::<Visits>().await), ((JourneyState::Waiting, 0), 0));
        }
        // Another process takes over where this one stood.
        let other = start::open(story.app.config.clone(), story.clock.clone(), Chance::seeded(99)).await.unwrap();
        story.clock.advance_to(story.clock.now().plus_seconds(7_200));
        jobs::settle(&worker::worker(other)).await.unwrap();
        assert_eq!(state(&story).await.0, JourneyState::Told);
        let first = receipt(&story, order).await;
        // As if the answer had come twice: what is there stays as it is.
        Asked::update_many()
            .col_expr(recoup::orders::JourneyColumn::State, Expr::value(JourneyState::Waiting))
            .exec(story.app.db.write())
            .await
            .unwrap();
        story.pass(3_601).await;
        assert_eq!((state(&story).await.0, story.count::<Visits>().await), (JourneyState::Told, 2));
        assert_eq!(receipt(&story, order).await, first);
        rebuild_changes_nothing(&story).await;
        let text = |field: &str| first[field].to_string();
        ends.push((text("verdict"), text("journey").len(), first["candidates"][0]["outcome"].clone()));
        story.end().await;
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
    assert_eq!(ends[0].2, "yielded");
}

#[tokio::test]
async fn only_orders_of_the_online_store_are_asked_about_and_none_that_is_old() {
    let story = Story::begin().await;
    story.world.journeys_take(Some(READY));
    let order = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(1)).unwrap();
    let body = story.world.order_body(order).unwrap();
    story.arrive().await;
    for (n, source) in ["pos", "shopify_draft_order", "subscription_contract", "1234567"].iter().enumerate() {
        let mut other = body.clone();
        (other["id"], other["source_name"]) = (json!(order + 10 + n as i64), json!(source));
        story.world.deliver("orders/create", &other).await.unwrap();
    }
    let mut old = body.clone();
    let long_ago = story.clock.now().plus_seconds(-40 * 86_400).to_string();
    (old["id"], old["processed_at"], old["created_at"]) = (json!(order + 50), json!(long_ago), json!(long_ago));
    story.world.deliver("orders/create", &old).await.unwrap();
    story.arrive().await;
    assert_eq!(story.count::<Asked>().await, 2, "the order itself and the old one");
    story.pass(ASKED).await;
    story.pass(3_600).await;
    let rows = Asked::find().all(story.app.db.read()).await.unwrap();
    let of = |id: i64| rows.iter().find(|row| row.shopify_order_id.0 == id).unwrap().state;
    assert_eq!((of(order), of(order + 50)), (JourneyState::Told, JourneyState::Unasked));
    let draft = receipt(&story, order + 11).await;
    assert_eq!(draft["shopify_journey"]["state"], Value::Null);
    assert!(draft["shopify_journey"]["sentence"].as_str().unwrap().contains("online store"), "{draft}");
    story.end().await;
}

#[tokio::test]
async fn an_order_whose_shopper_was_forgotten_is_not_asked_about() {
    let story = Story::begin().await;
    story.world.journeys_take(Some(READY));
    story.world.shopper_comes(PAID).buys(&[(2, 1)], story.world.customer(1)).unwrap();
    story.arrive().await;
    let redact = story.world.compliance_body("customers/redact", 1);
    story.world.deliver("customers/redact", &redact).await.unwrap();
    story.settle().await;
    story.pass(120).await;
    story.pass(ASKED).await;
    assert_eq!((state(&story).await.0, story.count::<Visits>().await), (JourneyState::Unasked, 0));
    story.end().await;
}

#[tokio::test]
async fn many_orders_are_asked_about_together_and_within_the_shops_points() {
    let story = Story::before_install(Engine::Asked, |settings| {
        settings.traffic = Traffic { customers: 200, ..Traffic::default() };
    })
    .await;
    story.world.install().await.unwrap();
    story.world.journeys_take(Some(READY));
    for n in 0..120 {
        story.world.shopper_comes(PAID).buys(&[(2, 1)], story.world.customer(n)).unwrap();
    }
    story.arrive().await;
    let calls = story.world.admin_calls();
    story.clock.advance_to(story.clock.now().plus_seconds(ASKED));
    story.settle().await;
    let first = Asked::find().all(story.app.db.read()).await.unwrap();
    let told = |rows: &[recoup::orders::Journey]| rows.iter().filter(|row| row.state == JourneyState::Told).count();
    assert!((25..120).contains(&told(&first)), "a run is bounded: {}", told(&first));
    for _ in 0..4 {
        story.pass(301).await;
    }
    let rows = Asked::find().all(story.app.db.read()).await.unwrap();
    assert_eq!((told(&rows), story.count::<Visits>().await), (120, 120));
    assert!(story.world.admin_calls() - calls < 40, "{}", story.world.admin_calls() - calls);
    assert_eq!(story.world.admin_throttled(), 0);
    let standing = jobs::Entity::find().all(story.app.db.read()).await.unwrap();
    assert!(standing.iter().any(|job| job.kind == <Journeys as jobs::Job>::NAME));
    story.end().await;
}

#[tokio::test]
async fn an_order_that_shopify_cannot_answer_for_holds_nobody_up() {
    let story = Story::begin().await;
    story.world.journeys_take(Some(READY));
    let mut orders = Vec::new();
    for n in 0..9 {
        orders.push(story.world.shopper_comes(PAID).buys(&[(2, 1)], story.world.customer(n)).unwrap());
    }
    story.arrive().await;
    story.world.fault(Fault::Chokes(orders[3]));
    story.pass(ASKED).await;
    let asked = async || {
        let rows = Asked::find().all(story.app.db.read()).await.unwrap();
        let told = rows.iter().filter(|row| row.state == JourneyState::Told).count();
        (told, rows.into_iter().find(|row| row.shopify_order_id.0 == orders[3]).unwrap())
    };
    let (told, spoilt) = asked().await;
    assert_eq!((told, spoilt.state, spoilt.tries), (8, JourneyState::Waiting, 1));
    // Alone it is put off as well.
    story.pass(3_600).await;
    assert_eq!((asked().await.0, asked().await.1.tries), (8, 2));
    let receipt = receipt(&story, orders[3]).await;
    assert!(receipt["shopify_journey"]["sentence"].as_str().unwrap().contains("It is asked again"), "{receipt}");
    // When Shopify can again, it is told as the others were.
    story.world.no_faults();
    story.pass(2 * 3_600).await;
    assert_eq!((asked().await.0, story.count::<Visits>().await), (9, 9));
    story.end().await;
}

#[tokio::test]
async fn while_shopify_answers_for_nobody_no_order_is_put_off() {
    let story = Story::begin().await;
    story.world.journeys_take(Some(READY));
    for n in 0..25 {
        story.world.shopper_comes(PAID).buys(&[(2, 1)], story.world.customer(n)).unwrap();
    }
    story.arrive().await;
    story.world.fault(Fault::AdminAnswers(502, 9_999));
    story.pass(ASKED).await;
    let rows = Asked::find().all(story.app.db.read()).await.unwrap();
    assert!(rows.iter().all(|row| (row.state, row.tries) == (JourneyState::Waiting, 0)), "{rows:?}");
    story.world.no_faults();
    story.pass(3_600).await;
    assert_eq!(story.count::<Visits>().await, 25);
    story.end().await;
}

#[tokio::test]
async fn living_shoppers_have_journeys_of_several_channels() {
    let story = Story::lived(6, |settings| {
        settings.traffic = Traffic { customers: 200, broadcast_every_days: 3, ..Traffic::default() };
    })
    .await;
    story.pass(2 * 86_400).await;
    let journeys = story.report("/api/reports/summary?from=2026-08-24&to=2026-08-30").await["journeys"].clone();
    let count = |name: &str| journeys[name].as_i64().unwrap();
    let (all, told, none) = (count("orders"), count("told"), count("none"));
    assert!(told * 100 > all * 30 && none > 0 && told + none + count("waiting") == all, "{journeys}");
    let visits = Visits::find().all(story.app.db.read()).await.unwrap();
    assert!(visits.len() > told as usize, "some came more than once");
    assert!(visits.iter().any(|visit| visit.click_id.is_some()), "some came by our links");
    assert!(visits.iter().any(|visit| visit.landing.contains("gclid")), "some came by advertisements");
    rebuild_changes_nothing(&story).await;
    let tries = Asked::find().count(story.app.db.read()).await.unwrap();
    assert_eq!(tries as i64, all);
    story.end().await;
}
