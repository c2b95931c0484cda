//! The web pixel: what browsers tell becomes evidence, whenever it comes, and nothing else becomes anything.

use recoup::pixel::{PixelEvents, SwitchOn, WebPixelState, WebPixels};
use recoup::simulator::{Fault, Payment, ShopProfile, Traffic};
use recoup::{attribution, jobs, shops};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::Story;

async fn shop_id(story: &Story) -> String {
    shops::Shops::find().one(story.app.db.read()).await.unwrap().unwrap().shop_id.to_string()
}

async fn post(story: &Story, body: String) -> u16 {
    let request = reqwest_client().post(format!("{}/pixel", story.url)).header("content-type", "text/plain").body(body);
    request.send().await.unwrap().status().as_u16()
}

async fn event(story: &Story, id: &str, name: &str, token: &str, click: Option<&str>) -> Value {
    json!({"shop": shop_id(story).await, "event": name, "id": id, "at": story.clock.now().to_string(), "client": "b1",
           "checkout_token": token, "order_id": null, "click": click, "clicked_at": null})
}

/// A tap on a fresh message's link; its click id.
async fn tapped(story: &Story, recipients: Value) -> (Value, String) {
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let message = story.draw(&campaign, recipients).await["messages"][0].clone();
    let visit = story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    let location = visit.location.unwrap();
    let click = location.rsplit("rcp=").next().unwrap().split('&').next().unwrap().to_owned();
    (message, click)
}

fn stranger() -> Value {
    json!([{"key": "ana", "phone": "+436601234567", "email": "ana@example.com"}])
}

async fn rebuild_changes_nothing(story: &Story) {
    let shop = shops::Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert_eq!(attribution::rebuild(&story.app, &shop).await.unwrap().changed, 0);
}

#[tokio::test]
async fn early_or_late_or_twice_the_pixel_says_the_same() {
    // s: the pixel saw the checkout start; c: complete; o: the order's webhooks arrive.
    let mut verdicts = Vec::new();
    for arrivals in ["sco", "soc", "osc", "cso", "cos", "ocs", "soscc"] {
        let story = Story::begin().await;
        let (message, click) = tapped(&story, stranger()).await;
        story.pass(3_600).await;
        let token = story.world.shopper_comes("/").checks_out(&[(2, 1)], story.world.customer(9)).unwrap();
        let started = event(&story, "e-1", "checkout_started", &token, Some(&click)).await.to_string();
        let order = story.world.completes(&token, Payment::default()).unwrap();
        let completed = event(&story, "e-2", "checkout_completed", &token, None).await.to_string();
        for step in arrivals.chars() {
            match step {
                's' => assert_eq!(post(&story, started.clone()).await, 204),
                'c' => assert_eq!(post(&story, completed.clone()).await, 204),
                _ => story.arrive().await,
            }
            story.settle().await;
        }
        assert_eq!(story.count::<PixelEvents>().await, 2, "{arrivals}");
        let mut receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
        assert_eq!(receipt["winner"]["kind"], "click_session", "{arrivals}: {receipt}");
        assert_eq!(receipt["winner"]["message_id"], message["message_id"]);
        assert_eq!(
            (&receipt["winner"]["class"], &receipt["verdict"]["line"]),
            (&json!("strong"), &json!("attributed"))
        );
        assert!(receipt["winner"]["why"].as_str().unwrap().contains("the pixel saw"), "{receipt}");
        let channels: Vec<&Value> = receipt["journey"].as_array().unwrap().iter().map(|t| &t["channel"]).collect();
        assert_eq!(channels, ["whatsapp", "direct"]);
        let summary = story.report("/api/reports/summary").await;
        assert_eq!((&summary["pixel"]["online_orders"], &summary["pixel"]["seen"]), (&json!(1), &json!(1)));
        rebuild_changes_nothing(&story).await;
        receipt["winner"]["message_id"].take();
        verdicts.push((receipt["verdict"].clone(), receipt["winner"]["why"].clone(), receipt["versions"].clone()));
        story.end().await;
    }
    assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "{verdicts:#?}");
}

/// What an order's receipt says: its line, and by which kind.
async fn verdict(story: &Story, order: i64) -> (Value, Value) {
    let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
    (receipt["verdict"]["line"].clone(), receipt["winner"]["kind"].clone())
}

#[tokio::test]
async fn a_forged_event_makes_no_revenue_without_a_persons_tap() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let message = story.draw(&campaign, stranger()).await["messages"][0].clone();
    // Whoever holds the link opens it by a program, and takes the click id it was answered with.
    let visit = story.world.tap(message["link"].as_str().unwrap(), "curl/8.5.0", false).await.unwrap();
    let location = visit.location.unwrap();
    let click = location.rsplit("rcp=").next().unwrap().split('&').next().unwrap().to_owned();
    story.pass(3_600).await;
    // Somebody else, who came by themselves, buys.
    let token = story.world.shopper_comes("/").checks_out(&[(2, 1)], story.world.customer(9)).unwrap();
    let forged = event(&story, "f-1", "checkout_started", &token, Some(&click)).await;
    assert_eq!(post(&story, forged.to_string()).await, 204);
    let order = story.world.completes(&token, Payment::default()).unwrap();
    story.arrive().await;
    assert_eq!(verdict(&story, order).await, (json!("unattributed"), Value::Null));
    let summary = story.report("/api/reports/summary").await;
    assert_eq!((&summary["attributed"]["minor"], &summary["pixel"]["attributed"]["minor"]), (&json!(0), &json!(0)));
    rebuild_changes_nothing(&story).await;
    story.end().await;
}

#[tokio::test]
async fn a_click_ties_the_first_checkout_it_was_told_with_whatever_is_heard_first() {
    for arrivals in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let story = Story::begin().await;
        let (_, click) = tapped(&story, stranger()).await;
        story.pass(3_600).await;
        let mut events = Vec::new();
        let mut orders = Vec::new();
        for (n, customer) in [(0, 9), (1, 8), (2, 7)] {
            let token = story.world.shopper_comes("/").checks_out(&[(2, 1)], story.world.customer(customer)).unwrap();
            events.push(event(&story, &format!("e-{n}"), "checkout_started", &token, Some(&click)).await.to_string());
            orders.push(story.world.completes(&token, Payment::default()).unwrap());
            story.pass(60).await;
        }
        story.arrive().await;
        for n in arrivals {
            assert_eq!(post(&story, events[n].clone()).await, 204);
            story.settle().await;
        }
        assert_eq!(verdict(&story, orders[0]).await, (json!("attributed"), json!("click_session")), "{arrivals:?}");
        for order in &orders[1..] {
            assert_eq!(verdict(&story, *order).await, (json!("unattributed"), Value::Null), "{arrivals:?}");
        }
        let net = story.world.book().order(orders[0]).unwrap().net;
        let summary = story.report("/api/reports/summary").await;
        assert_eq!(
            (&summary["attributed"]["minor"], &summary["pixel"]["attributed"]["minor"]),
            (&json!(net), &json!(net))
        );
        assert_eq!(summary["pixel"]["attributed_orders"], 1);
        rebuild_changes_nothing(&story).await;
        story.end().await;
    }
}

/// The click id stands in the address of the page it opened, for every script there to read.
#[tokio::test]
async fn nobody_takes_an_orders_evidence_away_by_an_event_from_before_the_click() {
    let story = Story::begin().await;
    let (_, click) = tapped(&story, stranger()).await;
    story.pass(3_600).await;
    let token = story.world.shopper_comes("/").checks_out(&[(2, 1)], story.world.customer(9)).unwrap();
    let honest = event(&story, "e-0", "checkout_started", &token, Some(&click)).await;
    assert_eq!(post(&story, honest.to_string()).await, 204);
    let order = story.world.completes(&token, Payment::default()).unwrap();
    story.arrive().await;
    let kept = (json!("attributed"), json!("click_session"));
    assert_eq!(verdict(&story, order).await, kept);
    for (n, seconds) in [(1, 7_200), (2, 6 * 86_400)] {
        let mut forged = event(&story, &format!("f-{n}"), "checkout_started", "c0ffeec0ffee", Some(&click)).await;
        forged["at"] = json!(story.clock.now().plus_seconds(-seconds).to_string());
        assert_eq!(post(&story, forged.to_string()).await, 204);
        story.settle().await;
        assert_eq!(verdict(&story, order).await, kept, "{seconds}");
    }
    rebuild_changes_nothing(&story).await;
    story.end().await;
}

/// A browser whose clock is slow is believed as long as nothing better is told.
#[tokio::test]
async fn an_event_from_before_the_click_ties_where_there_is_no_other() {
    let story = Story::begin().await;
    let (_, click) = tapped(&story, stranger()).await;
    story.pass(3_600).await;
    let token = story.world.shopper_comes("/").checks_out(&[(2, 1)], story.world.customer(9)).unwrap();
    let mut slow = event(&story, "e-0", "checkout_started", &token, Some(&click)).await;
    slow["at"] = json!(story.clock.now().plus_seconds(-7_200).to_string());
    assert_eq!(post(&story, slow.to_string()).await, 204);
    let order = story.world.completes(&token, Payment::default()).unwrap();
    story.arrive().await;
    assert_eq!(verdict(&story, order).await, (json!("attributed"), json!("click_session")));
    story.end().await;
}

#[tokio::test]
async fn a_click_that_was_first_told_with_an_abandoned_checkout_stays_with_it_when_events_age_out() {
    let story = Story::begin().await;
    let (_, click) = tapped(&story, stranger()).await;
    let given_up = event(&story, "e-0", "checkout_started", "c0ffeec0ffee", Some(&click)).await;
    assert_eq!(post(&story, given_up.to_string()).await, 204);
    story.pass(600).await;
    let token = story.world.shopper_comes("/").checks_out(&[(2, 1)], story.world.customer(9)).unwrap();
    let told = event(&story, "e-1", "checkout_started", &token, Some(&click)).await;
    assert_eq!(post(&story, told.to_string()).await, 204);
    let nobodys = event(&story, "e-2", "checkout_started", "c0ffeec0ffff", None).await;
    assert_eq!(post(&story, nobodys.to_string()).await, 204);
    let order = story.world.completes(&token, Payment::default()).unwrap();
    story.arrive().await;
    assert_eq!(verdict(&story, order).await, (json!("unattributed"), Value::Null));
    story.pass(200 * 86_400).await;
    assert_eq!(story.count::<PixelEvents>().await, 2, "what leads to no order is gone");
    rebuild_changes_nothing(&story).await;
    story.end().await;
}

#[tokio::test]
async fn a_checkout_tells_so_much_and_no_more() {
    let story = Story::begin().await;
    let shop = shops::Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    let click = recoup::links::ClickId::new(&story.app.chance, story.clock.now()).public();
    for n in 0..120 {
        let told = event(&story, &format!("e-{n}"), "checkout_started", "c0ffeec0ffee", Some(&click)).await;
        assert_eq!(post(&story, told.to_string()).await, 204, "nothing is told of the bound");
    }
    assert_eq!(story.count::<PixelEvents>().await, 64);
    let other = event(&story, "o-1", "checkout_started", "c0ffeec0ffff", Some(&click)).await;
    assert_eq!(post(&story, other.to_string()).await, 204);
    assert_eq!(story.count::<PixelEvents>().await, 65, "another checkout is not meant");
    story.settle().await;
    assert!(shop.installed());
    story.end().await;
}

#[tokio::test]
async fn verdicts_of_older_rules_are_derived_again_by_themselves() {
    use sea_orm::ConnectionTrait;
    let story = Story::begin().await;
    let order = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(9)).unwrap();
    story.arrive().await;
    story.pass(3_600).await;
    let db = story.app.db.write();
    for sql in ["UPDATE conversions SET line = 'attributed', by_pixel = TRUE", "UPDATE judgings SET rules = 1"] {
        assert_eq!(db.execute_unprepared(sql).await.unwrap().rows_affected(), 1, "{sql}");
    }
    story.pass(3_600).await;
    assert_eq!(verdict(&story, order).await, (json!("unattributed"), Value::Null));
    story.end().await;
}

#[tokio::test]
async fn the_same_person_s_tap_counts_a_day_and_yields_to_a_later_paid_click() {
    for (wait, landing, line, outcome) in [
        (3_600, "/", "attributed", "won"),
        (3_600, "/?utm_source=instagram&utm_medium=social", "attributed", "won"),
        (3_600, "/?utm_source=google&utm_medium=cpc&gclid=1", "unattributed", "yielded"),
        (3_600, "/?utm_source=newsletter&utm_medium=email", "unattributed", "yielded"),
        (25 * 3_600, "/", "unattributed", "outside_window"),
    ] {
        let story = Story::begin().await;
        let ana = story.world.customer(3);
        let hers = json!([{"key": "a", "phone": ana.phone.clone().unwrap(), "email": ana.email}]);
        let (_, click) = tapped(&story, hers).await;
        story.pass(wait).await;
        let order = story.world.shopper_comes(landing).buys(&[(2, 1)], ana).unwrap();
        story.arrive().await;
        let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
        let candidate = &receipt["candidates"][0];
        assert_eq!((&candidate["kind"], &candidate["click_id"]), (&json!("person_click"), &json!(click)), "{receipt}");
        assert_eq!((&receipt["verdict"]["line"], &candidate["outcome"]), (&json!(line), &json!(outcome)), "{landing}");
        rebuild_changes_nothing(&story).await;
        story.end().await;
    }
}

#[tokio::test]
async fn certain_evidence_stays_and_says_that_it_is_contested() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, stranger()).await;
    story.pass(3_600).await;
    let visit = story.world.shopper_comes("/?utm_source=klaviyo&utm_medium=email&_kx=secret%40example.com");
    story.world.types_code(&visit, drawn["messages"][0]["code"].as_str().unwrap());
    let order = visit.buys(&[(2, 1)], story.world.customer(9)).unwrap();
    story.arrive().await;
    let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
    assert_eq!(receipt["winner"]["kind"], "redeem_code");
    assert!(receipt["contested"].as_str().unwrap().contains("e-mail"), "{receipt}");
    let kept = recoup::orders::Orders::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert_eq!(kept.landing.as_deref(), Some("utm_source=klaviyo&utm_medium=email&_kx"), "nobody's address is kept");
    story.end().await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_leaves_nothing() {
    let story = Story::begin().await;
    let good = event(&story, "e-1", "checkout_started", "c0ffeec0ffee", None).await;
    for (field, wrong) in [
        ("shop", json!("999999")),
        ("shop", json!("not a shop")),
        ("event", json!("page_viewed")),
        ("checkout_token", json!("x")),
        ("click", json!("<script>")),
        ("at", json!("2019-01-01T00:00:00Z")),
    ] {
        let mut body = good.clone();
        body[field] = wrong;
        assert!((400..500).contains(&post(&story, body.to_string()).await), "{body}");
    }
    assert_eq!(post(&story, "no json".to_owned()).await, 400);
    assert_eq!(post(&story, format!("{}{good}", " ".repeat(5_000))).await, 413);
    assert_eq!(story.count::<PixelEvents>().await, 0);
    // A click id that is none of this shop's ties nothing, and neither does one nobody ever made.
    let foreign = recoup::links::ClickId::new(&story.app.chance, story.clock.now()).public();
    let token = story.world.shopper_comes("/").checks_out(&[(2, 1)], story.world.customer(9)).unwrap();
    let forged = event(&story, "e-9", "checkout_started", &token, Some(&foreign)).await;
    assert_eq!(post(&story, forged.to_string()).await, 204);
    let order = story.world.completes(&token, Payment::default()).unwrap();
    story.arrive().await;
    let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
    assert_eq!((&receipt["verdict"]["line"], &receipt["candidates"]), (&json!("unattributed"), &json!([])));
    // A flood is cut off within the minute, and the next minute is another.
    let mut answers = Vec::new();
    for n in 0..300 {
        let mut body = good.clone();
        body["id"] = json!(format!("flood-{n}"));
        answers.push(post(&story, body.to_string()).await);
    }
    let taken = answers.iter().take_while(|answer| **answer == 204).count();
    assert!((200..240).contains(&taken) && answers[taken..].iter().all(|answer| *answer == 429), "{answers:?}");
    assert!(story.count::<PixelEvents>().await < 250);
    story.pass(61).await;
    assert_eq!(post(&story, good.to_string()).await, 204);
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn the_pixel_is_switched_on_told_anew_and_created_again() {
    let story = Story::begin().await;
    let wanted = json!({"shop": shop_id(&story).await, "endpoint": format!("{}/pixel", story.url)});
    assert_eq!(story.world.web_pixel(), Some(wanted.clone()));
    for changed in [None, Some(json!({"shop": "1", "endpoint": "https://elsewhere.example/pixel"}))] {
        story.world.web_pixel_becomes(changed);
        story.pass(86_400).await;
        assert_eq!(story.world.web_pixel(), Some(wanted.clone()));
    }
    let row = WebPixels::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert_eq!((row.state, row.trouble), (WebPixelState::On, None));
    let standing = jobs::Entity::find().all(story.app.db.read()).await.unwrap();
    assert!(standing.iter().any(|job| job.kind == <SwitchOn as jobs::Job>::NAME));
    story.end().await;
}

#[tokio::test]
async fn living_shoppers_tell_where_they_allow_it_early_and_late() {
    let story = Story::lived(6, |settings| {
        settings.traffic = Traffic { customers: 200, broadcast_every_days: 3, ..Traffic::default() };
    })
    .await;
    let pixel = story.report("/api/reports/summary?from=2026-08-24&to=2026-08-30").await["pixel"].clone();
    let count = |name: &str| pixel[name].as_i64().unwrap();
    let (all, seen) = (count("online_orders"), count("seen"));
    assert!(seen * 100 > all * 30 && seen * 100 < all * 75 && seen + count("unseen") == all, "{pixel}");
    let events = PixelEvents::find().all(story.app.db.read()).await.unwrap();
    assert!(events.iter().any(|event| event.click_id.is_some()), "some remember a tap");
    let late = |event: &&recoup::pixel::PixelEvent| event.received_at.seconds_since(event.at) >= 900;
    assert!((1..events.len() / 4).contains(&events.iter().filter(late).count()), "some come after their order");
    rebuild_changes_nothing(&story).await;
    story.end().await;
}

#[tokio::test]
async fn a_refused_access_is_a_missing_scope_until_it_is_granted() {
    let story = Story::begin().await;
    story.world.fault(Fault::Denies(100));
    story.pass(86_400).await;
    let pixel = story.report("/api/pixel").await;
    assert_eq!(pixel["state"], "scope_missing", "{pixel}");
    story.world.no_faults();
    story.pass(86_400).await;
    assert_eq!(story.report("/api/pixel").await["state"], "on");
    story.end().await;
}

#[tokio::test]
async fn nobody_writes_an_address_of_their_own() {
    let story = Story::begin().await;
    let good = event(&story, "e-1", "checkout_started", "c0ffeec0ffee", None).await;
    let mut answers = Vec::new();
    for n in 0..245 {
        let mut body = good.clone();
        body["id"] = json!(format!("many-{n}"));
        let request = reqwest_client().post(format!("{}/pixel", story.url)).header("content-type", "text/plain");
        let request = request.header("x-forwarded-for", format!("203.0.113.{n}")).body(body.to_string());
        answers.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(answers, [vec![204; 240], vec![429; 5]].concat(), "no proxy is trusted here, so all are one caller");
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn another_shop_sees_nothing_of_pixel_links_and_messages() {
    let story = Story::begin().await;
    let (message, click) = tapped(&story, stranger()).await;
    let told = event(&story, "e-1", "checkout_started", "c0ffeec0ffee", Some(&click)).await;
    assert_eq!(post(&story, told.to_string()).await, 204);
    let id = message["message_id"].as_str().unwrap();
    let usual = ShopProfile::default();
    let other = ShopProfile { domain: "other-shop.myshopify.com".into(), id: usual.id + 1, ..usual };
    let domain = other.domain.clone();
    story.world.add_shop(other);
    assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
    let theirs = |path: String| {
        let (token, url) = (story.world.id_token(&domain), format!("{}{path}", story.url));
        async move {
            let answer = reqwest_client().get(url).bearer_auth(token).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }
    };
    assert_eq!(story.report(&format!("/api/messages/{id}/timeline")).await["message_id"], id);
    assert_eq!(theirs(format!("/api/messages/{id}/timeline")).await.0, 404);
    let (status, links) = theirs("/api/reports/links".to_owned()).await;
    assert!(status == 200 && !links.contains(id) && !links.contains(&click), "{links}");
    let links: Value = serde_json::from_str(&links).unwrap();
    assert_eq!((&links["total"]["raw"], &links["links"]), (&json!(0), &json!([])));
    let (status, pixel) = theirs("/api/pixel".to_owned()).await;
    let pixel: Value = serde_json::from_str(&pixel).unwrap();
    assert_eq!((status, &pixel["state"]), (200, &Value::Null), "theirs was not looked at yet; ours is on");
    // Our click under their name ties nothing of ours, where under ours it would.
    for (name, kind) in [(false, Value::Null), (true, json!("click_session"))] {
        let (_, click) = tapped(&story, stranger()).await;
        story.pass(60).await;
        let token = story.world.shopper_comes("/").checks_out(&[(2, 1)], story.world.customer(9)).unwrap();
        let mut told = event(&story, &format!("e-{click}"), "checkout_started", &token, Some(&click)).await;
        if !name {
            told["shop"] = json!((ShopProfile::default().id + 1).to_string());
        }
        assert_eq!(post(&story, told.to_string()).await, 204);
        let order = story.world.completes(&token, Payment::default()).unwrap();
        story.arrive().await;
        assert_eq!(verdict(&story, order).await.1, kind);
    }
    story.end().await;
}
