//! What messages caused, counted once more from what the world knows; arms, the programme, and what becomes of people in them.

use std::collections::BTreeMap;

use recoup::lift;
use recoup::shops::Shops;
use recoup::simulator::{OrderBook, OrderRecord, Recipient, Traffic};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use crate::story::Story;

const DAYS: i64 = 20;
const HORIZON: i64 = 3;

async fn lived() -> Story {
    Story::lived(DAYS, |settings| {
        settings.traffic = Traffic {
            customers: 400,
            customer_buys_daily: 0.03,
            strangers_daily: 3.0,
            broadcast_every_days: 4,
            broadcast_share: 0.6,
            message_effect: 0.08,
            code_effect: 0.08,
            holdout: 0.3,
            ..Traffic::default()
        };
    })
    .await
}

fn digits(phone: &Option<String>) -> Option<String> {
    phone.as_ref().map(|phone| phone.chars().filter(char::is_ascii_digit).collect())
}

fn folded(email: &Option<String>) -> Option<String> {
    email.as_ref().map(|email| email.trim().to_lowercase())
}

/// What the app knows of a person: their e-mail as it was told with the address they were drawn by first; their phone, also
/// where they were drawn by WhatsApp's own id and a status of another message named both.
fn contacts(book: &OrderBook, one: &Recipient) -> (Vec<Option<String>>, Option<String>) {
    let same_person = |other: &&Recipient| one.person.is_some() && other.person == one.person;
    let same_address = |other: &&Recipient| match (digits(&one.phone), digits(&other.phone)) {
        (Some(phone), other) => other == Some(phone),
        (None, other_phone) => other_phone.is_none() && same_person(other),
    };
    let first = book.recipients.iter().filter(same_address).min_by_key(|other| other.drawn_at).unwrap_or(one);
    let paired = book.recipients.iter().filter(same_person).filter(|other| !other.told.is_empty());
    let paired = paired.filter(|_| one.phone.is_none()).map(|other| digits(&other.phone));
    let phones = [digits(&one.phone)].into_iter().chain(paired).filter(Option::is_some).collect();
    (phones, folded(&first.email))
}

/// Recipients, buyers, orders, net revenue.
type Sums = (i64, i64, i64, i64);

/// The arms of a campaign by plain loops: (left alone, written to).
fn counted(book: &OrderBook, campaign: &str, through: i64) -> (Sums, Sums) {
    let (mut left, mut written) = (Sums::default(), Sums::default());
    let second = HORIZON * 86_400;
    let named = book.orders.iter().map(|order| (order, digits(&order.clues.phone), folded(&order.clues.email)));
    let named: Vec<(&OrderRecord, Option<String>, Option<String>)> = named.collect();
    for one in book.recipients.iter().filter(|one| one.campaign_id == campaign) {
        if one.drawn_at.seconds() + second > through {
            continue;
        }
        let near = |order: &&OrderRecord| {
            order.created_at >= one.drawn_at && order.created_at.seconds_since(one.drawn_at) < second
        };
        let (phones, email) = contacts(book, one);
        let is_theirs =
            |phone: &Option<String>, mail: &Option<String>| phones.contains(phone) || email.is_some() && *mail == email;
        let theirs = named.iter().filter(|(_, phone, email)| is_theirs(phone, email)).map(|(order, ..)| *order);
        let orders: Vec<&OrderRecord> = theirs.filter(near).collect();
        let counts = orders.iter().filter(|order| !order.test && !order.cancelled && !order.renewal).count() as i64;
        let net: i64 = orders.iter().map(|order| order.net).sum();
        let arm = if one.held_out { &mut left } else { &mut written };
        *arm = (arm.0 + 1, arm.1 + i64::from(counts > 0), arm.2 + counts, arm.3 + net);
    }
    (left, written)
}

fn told(arm: &Value) -> Sums {
    let of = |field: &str| arm[field].as_i64().unwrap();
    (of("recipients"), of("buyers"), of("orders"), arm["revenue"]["minor"].as_i64().unwrap())
}

async fn rows(story: &Story) -> Vec<lift::Outcome> {
    let of = lift::Outcomes::find();
    let of = of.order_by_asc(lift::OutcomeColumn::ExperimentId).order_by_asc(lift::OutcomeColumn::UnitId);
    of.order_by_asc(lift::OutcomeColumn::ShopifyOrderId).all(story.app.db.read()).await.unwrap()
}

#[tokio::test]
async fn outcomes_are_what_the_world_counts_and_a_rebuild_comes_to_the_same() {
    let story = lived().await;
    let book = story.world.book();
    let campaigns: BTreeMap<&str, usize> = book.recipients.iter().fold(BTreeMap::new(), |mut all, one| {
        *all.entry(one.campaign_id.as_str()).or_default() += 1;
        all
    });
    let mut bought = 0;
    for campaign in campaigns.keys() {
        let path = format!("/api/reports/lift?campaign={campaign}&horizon_days={HORIZON}");
        let report = story.report(&path).await;
        let through = report["complete_through"].as_str().unwrap();
        let through = recoup::kernel::Timestamp::parse(through).unwrap().seconds();
        let comparison = &report["experiment"]["comparisons"][0];
        let (left, written) = counted(&book, campaign, through);
        assert_eq!(told(&comparison["against"]), left, "{campaign} {comparison}");
        assert_eq!(told(&comparison["treated"]), written, "{campaign} {comparison}");
        assert_eq!(comparison["against"]["name"], "nothing");
        assert!(comparison["sentence"].as_str().unwrap().len() > 20, "{comparison}");
        bought += left.1 + written.1;
    }
    assert!(bought > 50, "the world buys: {bought}");
    let pooled = story.report(&format!("/api/reports/lift?horizon_days={HORIZON}")).await["pooled"].clone();
    assert!(pooled["campaigns"].as_u64().unwrap() >= 3, "{pooled}");
    assert_ne!(pooled["these"], Value::Null, "{pooled}");

    divided(&story, &pooled).await;

    let before = rows(&story).await;
    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert_eq!(lift::rebuild(&story.app, &shop).await.unwrap(), 0, "a rebuild is the identity");
    lift::Outcomes::delete_many().exec(story.app.db.write()).await.unwrap();
    assert!(lift::rebuild(&story.app, &shop).await.unwrap() > 0);
    assert_eq!(rows(&story).await, before);
    story.end().await;
}

/// Parts put together are the whole.
async fn divided(story: &Story, pooled: &Value) {
    let whole = |field: &str| pooled[field].as_i64().unwrap();
    for by in ["kind", "template", "step", "month"] {
        let report = story.report(&format!("/api/reports/lift?horizon_days={HORIZON}&by={by}")).await;
        let parts = report["parts"]["parts"].as_array().unwrap();
        let sum = |field: &str| parts.iter().map(|part| part[field].as_i64().unwrap()).sum::<i64>();
        for field in ["holdout", "treated", "holdout_buyers", "treated_buyers"] {
            assert_eq!(sum(field), whole(field), "{by} {field} {report}");
        }
        assert!(parts.iter().all(|part| part["p"].is_null() == part["p_adjusted"].is_null()), "{parts:?}");
        assert!(report["parts"]["definition"].as_str().unwrap().len() > 30);
    }
    let kinds = story.report(&format!("/api/reports/lift?horizon_days={HORIZON}&by=kind")).await;
    let broadcast =
        &kinds["parts"]["parts"].as_array().unwrap().iter().find(|part| part["key"] == "broadcast").unwrap();
    assert!(broadcast["treated"].as_i64().unwrap() > 0, "{kinds}");
    // The same people at every horizon: whoever had bought by the seventh day has by any later one.
    let report = story.report(&format!("/api/reports/lift?horizon_days={HORIZON}&by=horizon")).await;
    let rows = report["parts"]["parts"].as_array().unwrap();
    let of = |n: usize, field: &str| rows[n][field].as_i64().unwrap();
    for n in 1..rows.len() {
        assert_eq!((of(n, "holdout"), of(n, "treated")), (of(0, "holdout"), of(0, "treated")));
        assert!(of(n, "treated_buyers") >= of(n - 1, "treated_buyers"));
    }
    assert!(report["parts"]["sentence"].as_str().unwrap().len() > 30, "{report}");
    let wrong = story.world.merchant_get("/api/reports/lift?program=&by=kind").await.unwrap();
    assert!(wrong.status == 422 || wrong.json["experiment"].is_null(), "{}", wrong.text);
}

fn people(n: std::ops::Range<u32>) -> Value {
    n.map(|i| json!({"key": format!("p{i}"), "phone": format!("+4366012{i:05}")})).collect()
}

fn held(drawn: &Value) -> Vec<&str> {
    let all = drawn["messages"].as_array().unwrap().iter();
    all.filter(|one| one["held_out"] == true).map(|one| one["key"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn three_arms_give_some_a_message_without_a_code() {
    let story = Story::begin().await;
    let arms = json!({"nothing": 0.2, "message": 0.4, "message_and_code": 0.4});
    let campaign = story.campaign(|body| body["arms"] = arms.clone()).await;
    let shown = story.report(&format!("/api/campaigns/{campaign}")).await;
    assert_eq!(shown["arms"], arms);
    let drawn = story.draw(&campaign, people(0..300)).await;
    story.settle().await;
    let all = drawn["messages"].as_array().unwrap();
    let bare = all.iter().filter(|one| one["held_out"] == false && one["code_state"] == Value::Null);
    let (bare, coded) = (bare.count() as i64, all.iter().filter(|one| one["code_state"] != Value::Null).count() as i64);
    let left = held(&drawn).len() as i64;
    // Five standard deviations of a binomial with n = 300.
    assert!((left - 60).abs() < 35 && (bare - 120).abs() < 43 && (coded - 120).abs() < 43, "{left} {bare} {coded}");
    assert!(all.iter().all(|one| one["held_out"] == true || one["link"].is_string()));
    let again = story.draw(&campaign, people(0..300)).await;
    let same =
        |one: &Value| (one["key"].clone(), one["held_out"].clone(), one["message_id"].clone(), one["code"].clone());
    let both = all.iter().zip(again["messages"].as_array().unwrap());
    assert!(both.into_iter().all(|(one, other)| same(one).0 == same(other).0 && same(one).1 == same(other).1));
    let report = story.report(&format!("/api/reports/lift?campaign={campaign}")).await;
    let comparisons = report["experiment"]["comparisons"].as_array().unwrap();
    let names: Vec<(&str, &str)> = comparisons
        .iter()
        .map(|one| (one["against"]["name"].as_str().unwrap(), one["treated"]["name"].as_str().unwrap()))
        .collect();
    assert_eq!(
        names,
        [
            ("nothing", "messages"),
            ("nothing", "message"),
            ("nothing", "message_and_code"),
            ("message", "message_and_code")
        ]
    );
    assert_eq!(comparisons[3]["against"]["assigned"].as_i64(), Some(bare));
    assert_eq!(comparisons[3]["treated"]["assigned"].as_i64(), Some(coded));
    assert!(comparisons.iter().all(|one| one["stage"] == "nothing_closed"), "{comparisons:?}");
    story.end().await;
}

#[tokio::test]
async fn the_programme_leaves_the_same_people_alone_in_every_campaign() {
    let story = Story::begin().await;
    let put = |share: f64| {
        let body = json!({ "share": share });
        let world = &story.world;
        async move { world.merchant_send("PUT", "/api/lift/program", &body).await.unwrap() }
    };
    assert_eq!(put(0.7).await.status, 422);
    assert_eq!(put(0.25).await.status, 200);
    let first = story.campaign(|body| body["name"] = json!("One")).await;
    let second = story.campaign(|body| body["name"] = json!("Two")).await;
    let (one, two) = (story.draw(&first, people(0..200)).await, story.draw(&second, people(0..200)).await);
    let left = held(&one);
    assert_eq!(left, held(&two));
    assert!((left.len() as i64 - 50).abs() < 31, "{}", left.len());
    // They are nobody's in the campaigns themselves, which left nobody alone.
    let report = story.report(&format!("/api/reports/lift?campaign={first}")).await;
    assert_eq!(report["experiment"]["comparisons"], json!([]));
    let program = story.report("/api/reports/lift?program=").await["experiment"].clone();
    assert_eq!(program["comparisons"][0]["against"]["assigned"].as_u64(), Some(left.len() as u64));
    assert_eq!(program["comparisons"][0]["treated"]["assigned"].as_u64(), Some(200 - left.len() as u64));
    // The same share again is the same programme; none leaves nobody alone, and whoever was left alone stays so there.
    let running = put(0.25).await.json["running"]["id"].clone();
    assert_eq!(running, put(0.25).await.json["running"]["id"]);
    let ended = put(0.0).await.json;
    assert_eq!((&ended["running"], &ended["ended"][0]["id"]), (&Value::Null, &running));
    let third = story.campaign(|body| body["name"] = json!("Three")).await;
    assert_eq!(held(&story.draw(&third, people(0..200)).await), Vec::<&str>::new());
    assert_eq!(held(&story.draw(&first, people(0..200)).await), left);
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn new_campaigns_take_the_shops_own_holdout_and_a_plan_says_what_it_costs() {
    let story = Story::begin().await;
    let set = |body: Value| {
        let world = &story.world;
        async move { world.merchant_send("PATCH", "/api/settings", &body).await.unwrap() }
    };
    assert_eq!(set(json!({"default_holdout": 0.95})).await.status, 422);
    assert_eq!(set(json!({"margin": 2})).await.status, 422);
    let settings = set(json!({"default_holdout": 0.2, "margin": 0.6})).await.json;
    assert_eq!((&settings["default_holdout"], &settings["margin"]), (&json!(0.2), &json!(0.6)));
    let usual = story.campaign(|_| {}).await;
    assert_eq!(story.report(&format!("/api/campaigns/{usual}")).await["holdout"], json!(0.2));
    let own = story.campaign(|body| body["holdout"] = json!(0)).await;
    assert_eq!(story.report(&format!("/api/campaigns/{own}")).await["holdout"], json!(0.0));
    assert_eq!(set(json!({"margin": null})).await.json["margin"], Value::Null);
    let plan = json!({"recipients": 100_000, "base_rate": 0.68, "value_minor": 100, "prior": 0.03});
    let plan = story.world.merchant_send("POST", "/api/lift/plan", &plan).await.unwrap();
    assert_eq!((plan.status, plan.json["cheapest"]["per_arm"].as_u64()), (200, Some(2_284)), "{}", plan.text);
    story.end().await;
}
