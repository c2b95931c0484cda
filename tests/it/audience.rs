//! Audiences at once: every recipient has one live code, whatever Shopify does meanwhile and however often the program
//! is killed; nobody else waits for it.
//!
//! The normal run draws a few thousand. The long form:
//!
//! ```text
//! RECOUP_TEST_CODES=100000 cargo test --release --test it audience:: -- --nocapture --test-threads=1
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use recoup::codes::{Discounts, RedeemCodes, State};
use recoup::db::Db;
use recoup::simulator::{AdminTrouble, Fault, ImportPace, ShopProfile, World};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::node::{Ground, number};
use crate::story::Story;

/// Recipients of one call, at most.
const A_CALL: usize = 10_000;

fn audience(normally: usize) -> usize {
    std::env::var("RECOUP_TEST_CODES").ok().and_then(|codes| codes.parse().ok()).unwrap_or(normally)
}

pub fn people(range: std::ops::Range<usize>) -> Value {
    range.map(|n| json!({"key": format!("crm-{n}"), "phone": format!("+43660{n:07}")})).collect()
}

async fn campaign(world: &World, expected: usize) -> String {
    let body = json!({"name": "Everybody", "kind": "broadcast", "offer": {"type": "percentage", "percentage": "15"},
        "expiry": {"after_seconds": 172_800, "slot_seconds": 86_400}, "expected_recipients": expected});
    let made = world.platform_post("/api/campaigns", &body).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.text);
    made.json["id"].as_str().unwrap().to_owned()
}

/// Draws people in calls as large as they may be.
async fn draw(world: &World, campaign: &str, range: std::ops::Range<usize>) {
    let path = format!("/api/campaigns/{campaign}/messages");
    for from in range.clone().step_by(A_CALL) {
        let body = json!({"recipients": people(from..range.end.min(from + A_CALL))});
        let drawn = world.platform_post(&path, &body).await.unwrap();
        assert_eq!(drawn.status, 200, "{}", drawn.text);
        assert_eq!(drawn.json["errors"], json!([]));
    }
}

async fn progress(world: &World, campaign: &str) -> Value {
    let told = world.platform_get(&format!("/api/campaigns/{campaign}/codes")).await.unwrap();
    assert_eq!(told.status, 200, "{}", told.text);
    told.json
}

fn under_way(progress: &Value) -> u64 {
    ["reserved", "pushed"].iter().map(|state| progress[state].as_u64().unwrap()).sum()
}

/// Holds what stands at Shopify against what is known here: one live code for each recipient, and nothing that nobody
/// knows. Answers how many codes there are.
pub async fn accounted(db: &Db, world: &World, recipients: usize) -> usize {
    let codes = RedeemCodes::find().all(db.read()).await.unwrap();
    let discounts = Discounts::find().all(db.read()).await.unwrap();
    let ours: BTreeMap<i64, _> = discounts
        .iter()
        .filter_map(|one| Some((one.shopify_discount_id.as_ref()?.rsplit('/').next()?.parse().ok()?, one.id)))
        .collect();
    let strays: Vec<_> = world
        .discounts()
        .into_iter()
        .filter(|one| one.tags.iter().any(|tag| tag == "recoup") && !ours.contains_key(&one.id))
        .collect();
    assert!(strays.is_empty(), "discounts at Shopify that nobody knows: {strays:?}");
    let here: BTreeMap<&str, _> = codes.iter().map(|code| (code.code.as_str(), code)).collect();
    let mut there = BTreeSet::new();
    for code in world.redeem_codes() {
        let Some(discount) = ours.get(&code.discount) else { continue };
        let known = here.get(code.code.as_str());
        assert!(known.is_some_and(|known| known.discount_id == *discount), "an orphan at Shopify: {code:?}");
        assert!(there.insert(code.code));
    }
    let given: Vec<_> = codes.iter().filter(|code| code.state == State::Issued).collect();
    assert_eq!(given.len(), recipients);
    let living = [State::Issued, State::Imported, State::Canary];
    for code in codes.iter().filter(|code| living.contains(&code.state)) {
        assert!(there.remove(&code.code), "not at Shopify, or twice here: {} {:?}", code.code, code.state);
    }
    assert!(there.is_empty(), "at Shopify and not live here: {there:?}");
    let sql = "SELECT COUNT(*) FROM messages WHERE redeem_code_id IS NOT NULL";
    assert_eq!(number(db, sql).await, i64::try_from(recipients).unwrap());
    assert_eq!(number(db, &sql.replace("*", "DISTINCT redeem_code_id")).await, i64::try_from(recipients).unwrap());
    codes.len()
}

/// Says how it went. Fewer than one call in a hundred may be throttled, besides one for each start of the program: it does
/// not know what was left of the shop's points.
fn told(name: &str, db: &Db, world: &World, (codes, starts): (usize, u64), took: Duration) {
    let engine = if db.is_sqlite() { "SQLite" } else { "PostgreSQL" };
    let (calls, throttled) = (world.admin_calls(), world.admin_throttled());
    println!(
        "{name}, {engine}: {codes} codes in {:.1} s; {calls} calls, {} struck by trouble, {throttled} throttled",
        took.as_secs_f64(),
        world.admin_strikes(),
    );
    assert!(throttled.saturating_sub(starts) * 100 < calls, "{throttled} of {calls} calls were throttled");
}

#[tokio::test]
async fn a_large_audience_has_one_live_code_each_through_every_trouble() {
    let (story, all, began) = (Story::begin().await, audience(3_000), Instant::now());
    let world = &story.world;
    world.set_admin_trouble(AdminTrouble::of(0.2));
    let campaign = campaign(world, all).await;
    let first = progress(world, &campaign).await;
    assert_eq!((&first["wanted"], &first["pending"], &first["seconds_left"]), (&json!(all), &json!(0), &json!(0)));
    // Half of them while the pool is empty, the others when it is not.
    draw(world, &campaign, 0..all / 2).await;
    let asked = progress(world, &campaign).await;
    assert_eq!(asked["pending"], json!(all / 2), "{asked}");
    let (mut paced, mut passes) = (false, 0);
    loop {
        story.pass(3).await;
        let now = progress(world, &campaign).await;
        paced |= now["per_minute"].as_f64().is_some_and(|pace| pace > 0.0) && now["seconds_left"].as_u64() > Some(0);
        if now["pending"] == json!(0) {
            break;
        }
        passes += 1;
        assert!(passes < 2_000 + all, "it does not come to an end: {now}");
    }
    assert!(paced, "its pace was never known");
    draw(world, &campaign, all / 2..all).await;
    loop {
        story.pass(3).await;
        let now = progress(world, &campaign).await;
        if under_way(&now) == 0 {
            assert_eq!(now["issued"], json!(all), "{now}");
            assert_eq!((&now["failed"], &now["slots"][0]["state"]), (&json!(0), &json!("live")), "{now}");
            assert_eq!(now["slots"][0]["issued"], json!(all), "{now}");
            break;
        }
        passes += 1;
        assert!(passes < 4_000 + all, "it does not come to an end: {now}");
    }
    let codes = accounted(&story.app.db, world, all).await;
    told("20 % trouble", &story.app.db, world, (codes, 1), began.elapsed());
    world.set_admin_trouble(AdminTrouble::none());
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_killed_on_the_way_leaves_no_orphan_and_doubles_nothing() {
    let (ground, all) = (Ground::prepare().await, audience(3_000));
    let world = &ground.world;
    world.set_import_pace(ImportPace { lead_seconds: 0, codes_per_second: 1_000_000 });
    let mut node = ground.node(&["serve"]).await;
    world.connect(&node.url);
    world.install().await.unwrap();
    // A stuck import is given up after a quarter of an hour: that is the other story's, which moves its own clock.
    world.set_admin_trouble(AdminTrouble { stuck: 0.0, ..AdminTrouble::of(0.2) });
    let began = Instant::now();
    let campaign = campaign(world, all).await;
    draw(world, &campaign, 0..all).await;
    let drawn = began.elapsed();
    let (mut kills, mut peak) = (0, 0);
    loop {
        tokio::time::sleep(Duration::from_millis(if kills < 3 { 20 } else { 200 })).await;
        assert!(began.elapsed() < Duration::from_secs(120 + all as u64 / 50), "it does not come to an end");
        peak = peak.max(node.peak_mb());
        let live =
            ground.number("SELECT COUNT(*) FROM redeem_codes WHERE state IN ('issued', 'imported', 'canary')").await;
        if kills < 3 && live as usize > all * (kills + 1) / 4 {
            node.kill();
            kills += 1;
            ground.leases_run_out().await;
            node = ground.node(&["serve"]).await;
            world.connect(&node.url);
        }
        if kills == 3 && under_way(&progress(world, &campaign).await) == 0 {
            break;
        }
    }
    let took = began.elapsed();
    node.kill();
    let codes = accounted(&ground.db, world, all).await;
    told("killed 3 times, 20 % trouble", &ground.db, world, (codes, 4), took);
    println!("  drawn in {:.1} s; {peak} MB at the peak", drawn.as_secs_f64());
    assert!(peak < 300, "{peak} MB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_shop_does_not_wait_for_a_large_one() {
    let ground = Ground::prepare().await;
    let (world, all) = (&ground.world, audience(3_000));
    let node = ground.node(&["serve"]).await;
    world.connect(&node.url);
    world.install().await.unwrap();
    let small = "small-shop.myshopify.com";
    world.add_shop(ShopProfile { id: 77_001, domain: small.into(), ..ShopProfile::default() });
    assert_eq!(world.opens_app(small).await.unwrap().status, 200);
    // Several campaigns of the large shop, all at work.
    for n in 0..6 {
        let campaign = campaign(world, all).await;
        draw(world, &campaign, n * 1_000..(n + 1) * 1_000).await;
    }
    let client = reqwest_client();
    let post = async |path: &str, body: &Value| {
        let sent = client.post(format!("{}{path}", node.url)).bearer_auth(world.id_token(small)).json(body);
        let answer = sent.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.json::<Value>().await.unwrap()
    };
    let body = json!({"name": "Few", "kind": "broadcast", "offer": {"type": "percentage", "percentage": "10"}});
    let campaign = post("/api/campaigns", &body).await["id"].as_str().unwrap().to_owned();
    let (path, began) = (format!("/api/campaigns/{campaign}/messages"), Instant::now());
    let took = loop {
        let drawn = post(&path, &json!({"recipients": people(0..10)})).await;
        let messages = drawn["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 10);
        if messages.iter().all(|message| message["code_state"] == "live") {
            break began.elapsed();
        }
        assert!(began.elapsed() < Duration::from_secs(60), "still pending: {drawn}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let large = ground
        .number("SELECT COUNT(*) FROM redeem_codes WHERE shop_id <> 77001 AND state IN ('reserved', 'pushed')")
        .await;
    println!("10 codes of a small shop are live after {:.1} s, beside {large} of a large one", took.as_secs_f64());
    assert!(large > 1_000, "the large shop was done before");
    // Importing takes two seconds of Shopify's own.
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[tokio::test]
async fn while_shopify_is_away_codes_are_pending_and_then_they_are_live() {
    let story = Story::begin().await;
    let world = &story.world;
    world.fault(Fault::AdminAnswers(503, 100_000));
    let campaign = campaign(world, 50).await;
    story.settle().await;
    let began = Instant::now();
    let drawn = story.draw(&campaign, people(0..50)).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    for message in drawn["messages"].as_array().unwrap() {
        assert_eq!((&message["code_state"], &message["held_out"]), (&json!("pending"), &json!(false)), "{message}");
        assert!(message["link"].is_string());
    }
    // Hours later it is still tried, and said why.
    for _ in 0..60 {
        story.pass(120).await;
    }
    let away = progress(world, &campaign).await;
    assert_eq!((&away["pending"], &away["issued"]), (&json!(50), &json!(0)), "{away}");
    assert_eq!(away["trouble"], json!("Shopify could not be reached"), "{away}");
    world.no_faults();
    for _ in 0..16 {
        story.pass(4).await;
    }
    let back = progress(world, &campaign).await;
    assert_eq!((&back["pending"], &back["issued"], &back["trouble"]), (&json!(0), &json!(50), &Value::Null), "{back}");
    let again = story.draw(&campaign, people(0..50)).await;
    assert!(again["messages"].as_array().unwrap().iter().all(|message| message["code_state"] == "live"));
    accounted(&story.app.db, world, 50).await;
    story.end().await;
}
