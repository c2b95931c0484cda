//! Lift where people are awkward: in several campaigns at once, as guests, with refunds after the horizon, under two keys,
//! with a changed number, forgotten; and where WhatsApp or Shopify are.

use recoup::attribution;
use recoup::lift;
use recoup::shops::{self, Shops};
use recoup::simulator::{AdminTrouble, Buyer, RefundKind};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::story::Story;

const NUMBER: &str = "770000000000303";

/// Recipients, buyers, orders, net revenue.
type Sums = (i64, i64, i64, i64);

const NOBODY: Sums = (0, 0, 0, 0);

fn told(arm: &Value) -> Sums {
    let of = |field: &str| arm[field].as_i64().unwrap();
    (of("recipients"), of("buyers"), of("orders"), arm["revenue"]["minor"].as_i64().unwrap())
}

/// Of a campaign's report: (left alone, written to), each horizon of seven days closed.
async fn arms(story: &Story, campaign: &str) -> (Sums, Sums) {
    let report = story.report(&format!("/api/reports/lift?campaign={campaign}")).await;
    let first = &report["experiment"]["comparisons"][0];
    (told(&first["against"]), told(&first["treated"]))
}

/// A campaign that leaves everybody alone but for the share that is not a whole.
async fn campaign(story: &Story, name: &str, holdout: f64) -> String {
    story
        .campaign(|body| {
            body["name"] = json!(name);
            body["offer"] = Value::Null;
            body["holdout"] = json!(holdout);
        })
        .await
}

fn recipient(key: &str, buyer: &Buyer) -> Value {
    json!({"key": key, "phone": buyer.phone, "email": buyer.email})
}

async fn is_held_out(story: &Story, campaign: &str, recipient: Value) -> bool {
    let drawn = story.draw(campaign, json!([recipient])).await;
    assert_eq!(drawn["errors"], json!([]));
    drawn["messages"][0]["held_out"].as_bool().unwrap()
}

const DAY: i64 = 86_400;

/// Time passes day by day, and everything arrives.
async fn days(story: &Story, days: i64) {
    for _ in 0..days {
        story.pass(DAY).await;
        story.arrive().await;
    }
}

async fn rebuilt(story: &Story) {
    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert_eq!(attribution::rebuild(&story.app, &shop).await.unwrap().changed, 0);
    assert_eq!(lift::rebuild(&story.app, &shop).await.unwrap(), 0, "a rebuild is the identity");
}

fn placed(one: Sums, held_out: bool) -> (Sums, Sums) {
    if held_out { (one, NOBODY) } else { (NOBODY, one) }
}

#[tokio::test]
async fn one_person_in_two_campaigns_counts_in_each_by_its_own_arm() {
    let story = Story::begin().await;
    let (first, second) = (campaign(&story, "One", 0.5).await, campaign(&story, "Two", 0.5).await);
    let named = |one: &Buyer| one.email.is_some() && one.phone.is_some();
    let ana = (2..20).map(|number| story.world.customer(number)).find(named).unwrap();
    let in_first = is_held_out(&story, &first, recipient("ana", &ana)).await;
    story.pass(3 * DAY).await;
    let in_second = is_held_out(&story, &second, recipient("ana", &ana)).await;
    story.pass(DAY).await;
    // Four days after the first, one after the second: within both horizons.
    let order = story.world.shopper_comes("/").buys(&[(1, 1)], ana.clone()).unwrap();
    // Eight days after the first, five after the second: within the second alone. As a guest, who types an address only.
    days(&story, 4).await;
    let guest =
        Buyer { customer_id: None, phone: None, email: ana.email.as_ref().map(|mail| mail.to_uppercase()), ..ana };
    let other = story.world.shopper_comes("/").buys(&[(2, 2)], guest).unwrap();
    days(&story, 9).await;
    let worth = |order| story.world.book().orders.iter().find(|one| one.shopify_order_id == order).unwrap().net;
    let (one, two) = (worth(order), worth(other));
    assert!(one > 0 && two > 0);
    let receipt = story.report(&format!("/api/orders/{other}/receipt")).await;
    assert_eq!(arms(&story, &first).await, placed((1, 1, 1, one), in_first));
    assert_eq!(arms(&story, &second).await, placed((1, 1, 2, one + two), in_second), "{receipt}");

    // Everything goes back when both horizons are long over: the outcome is restated, the purchase was one.
    story.world.refunds(order, RefundKind::Full).unwrap();
    days(&story, 1).await;
    assert_eq!(arms(&story, &first).await, placed((1, 1, 1, 0), in_first));
    assert_eq!(arms(&story, &second).await, placed((1, 1, 2, two), in_second));
    rebuilt(&story).await;
    story.end().await;
}

#[tokio::test]
async fn a_second_key_for_one_person_draws_no_second_lot() {
    let story = Story::begin().await;
    let put = json!({"share": 0.5});
    assert_eq!(story.world.merchant_send("PUT", "/api/lift/program", &put).await.unwrap().status, 200);
    let (first, second) = (campaign(&story, "One", 0.5).await, campaign(&story, "Two", 0.5).await);
    // With four keys each, five people would all have chosen the arm their platform likes with 15 chances in 16.
    let mut seen = std::collections::BTreeSet::new();
    for person in 0..12 {
        let by = |n: i32| json!({"key": format!("{person}-{n}"), "phone": format!("+43660777{person:04}")});
        let arm = is_held_out(&story, &first, by(0)).await;
        let both = story.draw(&first, json!([by(1), by(2)])).await;
        assert!(both["messages"].as_array().unwrap().iter().all(|one| one["held_out"] == arm), "{person} {both}");
        assert_eq!(is_held_out(&story, &first, by(3)).await, arm);
        let there = story.draw(&second, json!([by(4), by(5), by(0)])).await["messages"].clone();
        let arms: Vec<bool> = there.as_array().unwrap().iter().map(|one| one["held_out"].as_bool().unwrap()).collect();
        assert!(arms.iter().all(|one| *one == arms[0]), "{person} {there}");
        seen.insert(arm);
    }
    assert_eq!(seen.len(), 2, "some are left alone and some are not");
    // One member a person, whatever they are called.
    let program = story.report("/api/reports/lift?program=").await["experiment"]["comparisons"][0].clone();
    let assigned = |side: &str| program[side]["assigned"].as_i64().unwrap();
    assert_eq!(assigned("against") + assigned("treated"), 12, "{program}");
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn whoever_is_forgotten_stays_in_their_arm_with_what_they_bought() {
    let story = Story::begin().await;
    let left = campaign(&story, "Left", 0.5).await;
    let people: Vec<Buyer> = (2..12).map(|number| story.world.customer(number)).collect();
    let mut held = None;
    for (n, one) in people.iter().enumerate() {
        if is_held_out(&story, &left, recipient(&n.to_string(), one)).await {
            held.get_or_insert(n);
        }
    }
    let held = held.expect("one in two is held out");
    story.pass(DAY).await;
    let order = story.world.shopper_comes("/").buys(&[(1, 2)], people[held].clone()).unwrap();
    days(&story, 8).await;
    let worth = story.world.book().orders.iter().find(|one| one.shopify_order_id == order).unwrap().net;
    let before = arms(&story, &left).await;
    assert_eq!((before.0.1, before.0.2, before.0.3), (1, 1, worth), "{before:?}");

    let body = story.world.compliance_body("customers/redact", held + 2);
    assert_eq!(story.world.deliver("customers/redact", &body).await.unwrap().status, 200);
    days(&story, 12).await;
    assert_eq!(arms(&story, &left).await, before, "their arm and their outcome stay");
    // Their platform draws them again: a new row, and the same arm.
    assert!(is_held_out(&story, &left, recipient(&held.to_string(), &people[held])).await);
    story.settle().await;
    story.end().await;
}

fn change(what: &str, items: Value) -> Value {
    let mut value =
        json!({"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER, "display_phone_number": "1"}});
    value[what] = items;
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
}

async fn meta_tells(story: &Story, what: &str, items: Value) {
    assert_eq!(story.world.whatsapp(&change(what, items)).await.unwrap().status, 200);
    story.settle().await;
}

async fn with_number() -> Story {
    let story = Story::begin().await;
    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    shops::give_number(story.app.db.write(), shop.shop_id, NUMBER).await.unwrap();
    story
}

#[tokio::test]
async fn a_changed_number_is_the_same_person() {
    let story = with_number().await;
    let all = campaign(&story, "All", 0.5).await;
    let (old, new) = ("436601234801", "436601234802");
    let held = is_held_out(&story, &all, json!({"key": "eve", "phone": format!("+{old}")})).await;
    story.pass(DAY).await;
    let eve = Buyer { customer_id: None, phone: Some(format!("+{new}")), email: None, ..story.world.customer(5) };
    let order = story.world.shopper_comes("/").buys(&[(1, 1)], eve).unwrap();
    days(&story, 8).await;
    assert_eq!(arms(&story, &all).await, placed((1, 0, 0, 0), held), "nobody knows that they are one");
    let news = json!([{"from": old, "from_user_id": "AT.9", "id": "wamid.s", "timestamp": story.clock.now().seconds().to_string(),
        "type": "system", "system": {"wa_id": new, "type": "user_changed_number"}}]);
    meta_tells(&story, "messages", news).await;
    days(&story, 1).await;
    let worth = story.world.book().orders.iter().find(|one| one.shopify_order_id == order).unwrap().net;
    assert_eq!(arms(&story, &all).await, placed((1, 1, 1, worth), held));
    rebuilt(&story).await;
    story.end().await;
}

#[tokio::test]
async fn while_something_is_missing_no_horizon_closes() {
    let story = Story::begin().await;
    let all = campaign(&story, "All", 0.5).await;
    let drawn: Vec<Value> = (2..12).map(|n| recipient(&n.to_string(), &story.world.customer(n))).collect();
    story.draw(&all, json!(drawn)).await;
    days(&story, 3).await;
    // Shopify answers nobody any more: what is not heard by webhook cannot be read again.
    story.world.set_admin_trouble(AdminTrouble { broken: 1.0, ..AdminTrouble::none() });
    days(&story, 9).await;
    let report = story.report(&format!("/api/reports/lift?campaign={all}")).await;
    let comparison = &report["experiment"]["comparisons"][0];
    assert_eq!((&comparison["stage"], &comparison["figures"]), (&json!("nothing_closed"), &Value::Null), "{report}");
    assert_eq!(told(&comparison["against"]).0 + told(&comparison["treated"]).0, 0);
    story.world.set_admin_trouble(AdminTrouble::none());
    days(&story, 1).await;
    let (left, written) = arms(&story, &all).await;
    assert_eq!(left.0 + written.0, 10, "what was missing is here, and the horizons close");
    story.end().await;
}

#[tokio::test]
async fn those_whom_metas_experiment_left_out_are_a_second_control() {
    let story = with_number().await;
    let all = campaign(&story, "All", 0.0).await;
    let people: Vec<Buyer> = (2..10).map(|number| story.world.customer(number)).collect();
    let drawn: Vec<Value> = people.iter().enumerate().map(|(n, one)| recipient(&n.to_string(), one)).collect();
    let messages = story.draw(&all, json!(drawn)).await["messages"].clone();
    story.pass(60).await;
    let at = story.clock.now().seconds().to_string();
    // 0 and 1 are in Meta's experiment, 2 has no WhatsApp, 3 was in an open conversation, 4 to 7 got theirs.
    let status = |n: usize, word: &str, more: Value| {
        let mut status = json!({"id": format!("wamid.{n}"), "status": word, "timestamp": at,
            "biz_opaque_callback_data": messages[n]["callback_data"]});
        status.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        status
    };
    let failed = |n, code: i64| status(n, "failed", json!({"errors": [{"code": code}]}));
    let free = json!({"pricing": {"category": "marketing", "type": "free_customer_service", "billable": false}});
    let sent = (4..8).map(|n| status(n, "sent", json!({})));
    let told: Vec<Value> = [failed(0, 130_472), failed(1, 130_472), failed(2, 131_026), status(3, "sent", free)]
        .into_iter()
        .chain(sent)
        .collect();
    meta_tells(&story, "statuses", json!(told)).await;
    story.pass(DAY).await;
    let buys = |n: usize| story.world.shopper_comes("/").buys(&[(1, 1)], people[n].clone()).unwrap();
    let orders = [0, 2, 3, 4, 5].map(buys);
    days(&story, 1).await;
    // Whoever is written to again counts by their first message.
    let again = campaign(&story, "Again", 0.0).await;
    story.draw(&again, json!([recipient("0", &people[0])])).await;
    days(&story, 8).await;
    let report = story.report("/api/reports/lift/meta").await;
    let comparison = &report["comparison"];
    let worth = |n: usize| story.world.book().orders.iter().find(|one| one.shopify_order_id == orders[n]).unwrap().net;
    let sides = |side: &str| {
        let of = |field: &str| comparison[side][field].as_i64().unwrap();
        (of("recipients"), of("buyers"), of("orders"), comparison[side]["revenue"]["minor"].as_i64().unwrap())
    };
    assert_eq!(sides("against"), (2, 1, 1, worth(0)), "{report}");
    assert_eq!(sides("treated"), (4, 2, 2, worth(3) + worth(4)), "{report}");
    assert_eq!((&comparison["stage"], &comparison["sample_ratio"]), (&json!("too_early"), &Value::Null));
    assert!((report["share"].as_f64().unwrap() - 2.0 / 6.0).abs() < 1e-12);
    assert!(report["caveats"].as_array().unwrap().len() >= 3);
    story.end().await;
}

/// What is claimed by the default policy in a report's main comparison, minor units.
async fn claimed(story: &Story, which: &str) -> i64 {
    let report = story.report(&format!("/api/reports/lift?{which}")).await;
    let claims = &report["experiment"]["comparisons"][0]["claims"];
    let ours = claims.as_array().unwrap().iter().find(|claim| claim["policy"] == "default").unwrap();
    ours["claimed"]["minor"].as_i64().unwrap()
}

#[tokio::test]
async fn only_orders_in_which_an_effect_is_measured_are_claimed_beside_it() {
    let story = Story::begin().await;
    let all = story
        .campaign(|body| {
            body["holdout"] = json!(0.5);
            body["expiry"] = json!({"after_seconds": 20 * DAY});
        })
        .await;
    // The first two whom neither the campaign nor, from then on, the programme leaves alone.
    let written_to = async |numbers: std::ops::Range<usize>| {
        for number in numbers {
            let buyer = story.world.customer(number);
            let drawn = story.draw(&all, json!([recipient(&number.to_string(), &buyer)])).await["messages"][0].clone();
            if drawn["held_out"] == json!(false) {
                return (buyer, drawn["code"].as_str().unwrap().to_owned());
            }
        }
        panic!("everybody is held out");
    };
    let buys = |n: usize, (buyer, code): &(Buyer, String)| {
        let visit = story.world.shopper_comes("/");
        story.world.types_code(&visit, code);
        visit.buys(&[(n, 1)], buyer.clone()).unwrap()
    };
    let ana = written_to(2..12).await;
    let late = written_to(12..22).await;
    story.pass(3_600).await;
    let put = json!({"share": 0.5});
    assert_eq!(story.world.merchant_send("PUT", "/api/lift/program", &put).await.unwrap().status, 200);
    let began = story.clock.now();
    let bea = written_to(22..40).await;
    story.pass(DAY).await;
    let (of_ana, of_bea) = (buys(1, &ana), buys(2, &bea));
    days(&story, 11).await;
    // Her code is good for twenty days, the horizon has seven.
    let of_late = buys(3, &late);
    days(&story, 9).await;
    let worth = |order| story.world.book().orders.iter().find(|one| one.shopify_order_id == order).unwrap().net;
    let overview = story.report("/api/reports/summary").await;
    let attributed = overview["attributed"]["minor"].as_i64().unwrap();
    assert_eq!(attributed, worth(of_ana) + worth(of_bea) + worth(of_late), "all three are attributed");
    assert_eq!(claimed(&story, &format!("campaign={all}")).await, worth(of_ana) + worth(of_bea));
    let longer = format!("campaign={all}&horizon_days=14");
    assert_eq!(claimed(&story, &longer).await, attributed);
    // The programme knows only whom it drew: those written to before it began are claimed by others.
    assert_eq!(claimed(&story, "program=").await, worth(of_bea));
    // And so what messages caused is of those made since it began.
    let zone = overview["time_zone"].as_str().unwrap().parse::<chrono_tz::Tz>().unwrap();
    assert_eq!(overview["incremental"]["measured_from"], json!(began.day(zone).to_string()));
    story.end().await;
}
