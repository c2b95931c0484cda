//! Ours beside Shopify's own net sales, day by day: they agree to the cent, or the day is red, says by how much, and names
//! the orders it can come from.

use recoup::catchup::{ShopDays, last_ended};
use recoup::kernel::{Day, Timestamp};
use recoup::orders::Orders;
use recoup::reports::{Word, agreement_word};
use recoup::shops::{Shop, Shops};
use recoup::simulator::{Fault, Faults, RefundKind, Settings, ShopProfile, Traffic};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::spy;
use crate::story::{BEGINNING, Engine, Story};

const REPORT: &str = "/api/reports/agreement";
const DAY: i64 = 86_400;

/// The merchant allows Shopify's reports from the beginning.
fn allowed(settings: &mut Settings) {
    settings.shop.scopes.push("read_reports".to_owned());
}

async fn begin() -> Story {
    let story = Story::before_install(Engine::Asked, allowed).await;
    story.clock.advance_to(story.clock.now().plus_seconds(600));
    story.world.install().await.unwrap();
    story.settle().await;
    // The past has been read: what happens from here on is told by webhooks.
    for _ in 0..5 {
        story.pass(60).await;
    }
    story
}

/// A day and some hours pass, an hour at a time: the day before ends, and Shopify's figure of it is read.
async fn next_day(story: &Story) {
    for _ in 0..27 {
        story.pass(3_600).await;
    }
}

async fn shop(story: &Story) -> Shop {
    let shops = Shops::find().all(story.app.db.read()).await.unwrap();
    shops.into_iter().find(|shop| shop.domain == story.world.shop_domain()).unwrap()
}

async fn of_days(story: &Story, from: &str, to: &str) -> Value {
    story.report(&format!("{REPORT}?from={from}&to={to}")).await
}

async fn of_day(story: &Story, day: &str) -> Value {
    of_days(story, day, day).await["days"][0].clone()
}

async fn word(story: &Story) -> Word {
    let (shop, now) = (shop(story).await, story.clock.now());
    agreement_word(story.app.db.read(), &story.app, &shop, now).await.unwrap_or_else(|_| panic!("no word"))
}

fn minor(view: &Value) -> i64 {
    view["minor"].as_i64().unwrap_or_else(|| panic!("no amount: {view}"))
}

fn line<'v>(view: &'v Value, name: &str) -> Option<&'v Value> {
    view["lines"].as_array().unwrap().iter().find(|line| line["line"] == name)
}

/// Ours = Shopify's + the named lines + what is unexplained.
fn adds_up(view: &Value) {
    let lines: i64 = view["lines"].as_array().unwrap().iter().map(|line| minor(&line["amount"])).sum();
    assert_eq!(minor(&view["ours"]), minor(&view["shopify"]) + lines + minor(&view["unexplained"]), "{view}");
}

/// Somebody who sees the shop in another currency buys.
async fn bought_in_francs(story: &Story) {
    story.world.set_faults(Faults { drops: 1.0, ..Faults::none() });
    let order = story.world.shopper_comes("/").buys(&[(3, 2)], story.world.customer(1)).unwrap();
    story.arrive().await;
    story.world.set_faults(Faults::none());
    let mut body = story.world.order_body(order).unwrap();
    body["presentment_currency"] = json!("CHF");
    let told = story.world.deliver("orders/create", &body).await.unwrap();
    story.settle().await;
    let kept = Orders::find().all(story.app.db.read()).await.unwrap();
    let kept = kept.iter().find(|one| one.shopify_order_id.0 == order).unwrap();
    assert_eq!(kept.presentment_currency, "CHF", "{told:?} {kept:?}");
}

/// Refunds, edits, cancellations, payments that come late or never, renewals, buyers of other currencies, sales at the
/// counter, webhooks that get lost: every day is Shopify's, to the cent.
#[tokio::test]
async fn every_day_of_a_life_agrees_to_the_cent() {
    let story = Story::lived(6, |settings| {
        allowed(settings);
        settings.traffic = Traffic { customers: 150, ..Traffic::default() };
    })
    .await;
    for order in story.world.book().orders.iter().rev().take(20).step_by(7) {
        story.world.edits(order.shopify_order_id);
    }
    // What goes back goes back on other days than it was ordered on.
    for (n, kind) in [(3, RefundKind::OnePiece), (11, RefundKind::Goodwill(100)), (19, RefundKind::Full)] {
        for order in story.world.book().orders.iter().skip(n).step_by(20) {
            // Some were never paid, or have nothing left.
            let _ = story.world.refunds(order.shopify_order_id, kind);
        }
    }
    story.arrive().await;
    next_day(&story).await;
    assert!(
        story.world.book().orders.iter().skip(6).step_by(30).any(|order| story.world.cancels(order.shopify_order_id))
    );
    story.arrive().await;
    bought_in_francs(&story).await;
    next_day(&story).await;
    let book = story.world.book();
    let (first, last) = (book.orders.first().unwrap().day, last_ended(&shop(&story).await, story.clock.now()));
    let report = of_days(&story, &first.to_string(), &last.to_string()).await;
    assert_eq!(report["standing"], "read", "{report}");
    let days = report["days"].as_array().unwrap();
    assert!(days.len() >= 6, "{}", days.len());
    for day in days {
        assert_eq!((&day["verdict"], &day["agrees"]), (&json!("agrees"), &json!(true)), "{day}");
        assert_eq!(minor(&day["unexplained"]), 0);
        adds_up(day);
    }
    adds_up(&report["sums"]);
    // All that ever happened is in these days: Shopify's figures sum to the shop's own book.
    let totals = book.everything();
    assert!(totals.renewals > 0 && totals.cancelled_orders > 0 && totals.returns > 0, "{totals:?}");
    assert_eq!(minor(&report["sums"]["shopify"]), totals.net + totals.pending + totals.renewals);
    assert_eq!(minor(&report["sums"]["ours"]), totals.net + totals.pending);
    let renewals = line(&report["sums"], "subscription_renewals").unwrap();
    assert_eq!(minor(&renewals["amount"]), -totals.renewals);
    // Whoever paid in another currency is counted in the shop's own by both.
    let foreign = Orders::find().all(story.app.db.read()).await.unwrap();
    let foreign = foreign.iter().filter(|order| order.presentment_currency != order.currency).count();
    let buyers = line(&report["sums"], "buyers_currency").unwrap_or_else(|| panic!("{foreign}: {}", report["sums"]));
    assert_eq!((&buyers["orders"], minor(&buyers["amount"])), (&json!(foreign), 0), "{buyers}");
    assert!(matches!(word(&story).await, Word::Agrees(text) if text.contains("agree with Shopify's own to the cent")));

    // A shop that counts total sales is compared by net sales all the same.
    let policy = json!({"name": "default", "basis": "total_sales", "kinds": {"redeem_code": {"clock": "code_life", "window_seconds": 0}}});
    let made = story.world.merchant_post("/api/policies", &policy).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.text);
    let activated = story.world.merchant_post("/api/policies/default/activate", &json!({})).await.unwrap();
    assert_eq!(activated.status, 200, "{}", activated.text);
    story.settle().await;
    let by_total = of_days(&story, &first.to_string(), &last.to_string()).await;
    assert_eq!(by_total["sums"]["differ"], 0, "{by_total}");
    for part in ["shopify", "ours", "unexplained"] {
        assert_eq!(minor(&by_total["sums"][part]), minor(&report["sums"][part]), "{part}");
    }
    story.end().await;
}

/// Shopify's book changes, and neither a webhook nor the order itself says so.
#[tokio::test]
async fn a_day_that_does_not_agree_is_red_and_its_orders_are_read_again() {
    let story = begin().await;
    let database = story.app.db.number();
    spy::listen(database);
    let sell =
        |n: usize, wants: &[(usize, i64)]| story.world.shopper_comes("/").buys(wants, story.world.customer(n)).unwrap();
    let (lost, kept) = (sell(1, &[(2, 1), (3, 1)]), sell(2, &[(4, 1)]));
    story.arrive().await;
    story.pass(3_600 + 301).await;
    assert!(story.world.refunds_unheard(lost));
    next_day(&story).await;
    let (day, net) = ("2026-08-24", 7_900 + 5_490);
    let red = of_day(&story, day).await;
    assert_eq!((&red["verdict"], &red["agrees"]), (&json!("differs"), &json!(false)), "{red}");
    // Prices contain 20 % tax.
    let by = minor(&red["unexplained"]);
    assert!((by - net * 5 / 6).abs() <= 2 && by == minor(&red["ours"]) - minor(&red["shopify"]), "{red}");
    assert!(red["sentence"].as_str().unwrap().contains("more than Shopify says"), "{red}");
    adds_up(&red);
    let orders = red["orders"].as_array().unwrap();
    assert_eq!(orders.len(), 2, "{red}");
    assert_eq!(
        (&orders[0]["shopify_order_id"], &orders[0]["suspicion"]),
        (&json!(lost.to_string()), &json!("same_amount"))
    );
    assert_eq!(orders[1]["shopify_order_id"], json!(kept.to_string()));
    assert!(matches!(word(&story).await, Word::Look(text) if text.contains("2026-08-24 by")));
    // A key may look and not ask.
    let path = format!("{REPORT}/{day}/read-again");
    assert_eq!(story.world.platform_get(REPORT).await.unwrap().status, 200);
    assert_eq!(story.world.platform_post(&path, &json!({})).await.unwrap().status, 403);

    let asked = story.world.merchant_post(&path, &json!({})).await.unwrap();
    assert_eq!((asked.status, &asked.json["orders"]), (202, &json!(2)), "{}", asked.text);
    story.settle().await;
    story.pass(60).await;
    let green = of_day(&story, day).await;
    assert_eq!((&green["verdict"], &green["unexplained"]["minor"]), (&json!("agrees"), &json!(0)), "{green}");
    assert_eq!(minor(&green["ours"]), minor(&red["shopify"]), "ours moved, Shopify's did not");
    let again = story.world.merchant_post(&path, &json!({})).await.unwrap();
    assert_eq!((again.status, &again.json["code"]), (409, &json!("nothing_differs")));
    let never = story.world.merchant_post(&format!("{REPORT}/yesterday/read-again"), &json!({})).await.unwrap();
    assert_eq!(never.status, 404);

    let about = |sql: &&String| sql.contains("shop_day") || sql.contains("\"stage\"");
    let heard = spy::heard(database);
    let heard: Vec<&String> = heard.iter().filter(about).collect();
    assert!(heard.len() > 6, "{}", heard.len());
    for sql in heard {
        assert_eq!(spy::wrong(sql, story.app.db.is_sqlite()), [] as [String; 0], "{sql}");
    }
    story.end().await;
}

/// A webhook is lost and Shopify does not answer for its order: the day is not red, what is missing of it has a name, and
/// it agrees once the order is here.
#[tokio::test]
async fn what_was_not_heard_yet_has_a_name() {
    let story = begin().await;
    let heard = story.world.shopper_comes("/").buys(&[(4, 1)], story.world.customer(1)).unwrap();
    story.arrive().await;
    story.world.set_faults(Faults { drops: 1.0, ..Faults::none() });
    let lost = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(2)).unwrap();
    story.arrive().await;
    story.world.set_faults(Faults::none());
    story.world.fault(Fault::Chokes(lost));
    next_day(&story).await;
    let worth = |order: i64| story.world.book().order(order).unwrap().net;
    let open = of_day(&story, "2026-08-24").await;
    assert_eq!((&open["verdict"], &open["agrees"]), (&json!("open"), &json!(false)), "{open}");
    assert_eq!([minor(&open["shopify"]), minor(&open["ours"])], [worth(heard) + worth(lost), worth(heard)]);
    assert_eq!(minor(&line(&open, "not_heard_yet").unwrap()["amount"]), -worth(lost));
    adds_up(&open);
    story.world.no_faults();
    for _ in 0..4 {
        story.pass(1_800).await;
    }
    let here = of_day(&story, "2026-08-24").await;
    assert_eq!((&here["verdict"], minor(&here["ours"])), (&json!("agrees"), worth(heard) + worth(lost)), "{here}");
    story.end().await;
}

/// Nothing is asked that was not allowed; what is allowed is read within the hour; a refusal is told and kills no job.
#[tokio::test]
async fn without_the_scope_nothing_is_asked_and_the_page_says_how_to_allow_it() {
    let story = Story::begin().await;
    story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(1)).unwrap();
    story.arrive().await;
    next_day(&story).await;
    let without = of_days(&story, "2026-08-24", "2026-08-25").await;
    assert_eq!(without["standing"], "scope_missing", "{without}");
    let allow = without["allow_at"].as_str().unwrap();
    assert!(allow.starts_with("https://admin.shopify.com/store/alpenglow/oauth/install?client_id="), "{allow}");
    assert!(allow.ends_with("&optional_scopes=read_reports") && without["trouble"].is_null(), "{without}");
    assert_eq!(without["days"][0]["verdict"], "unread");
    assert!(without["sentence"].as_str().unwrap().contains("read_reports"));
    assert_eq!(story.count::<ShopDays>().await, 0);
    assert!(matches!(word(&story).await, Word::Look(text) if text.contains("read_reports is not allowed")));
    let wanted = json!({"from": "2026-01-01", "to": "2026-03-31"});
    let refused = story.world.merchant_post(&format!("{REPORT}/read"), &wanted).await.unwrap();
    assert_eq!((refused.status, &refused.json["code"]), (409, &json!("scope_missing")));

    let mut scopes = ShopProfile::default().scopes;
    scopes.push("read_reports".to_owned());
    story.world.fault(Fault::ReportsDenied);
    story.world.grants(&scopes.iter().map(String::as_str).collect::<Vec<_>>());
    story.arrive().await;
    assert_eq!(story.report(REPORT).await["standing"], "unread");
    story.pass(3_600).await;
    let refused = story.report(REPORT).await;
    assert_eq!(refused["standing"], "refused", "{refused}");
    assert!(refused["trouble"].as_str().unwrap().contains("level 2") && refused["read_at"].is_null(), "{refused}");
    story.world.no_faults();
    next_day(&story).await;
    let read = of_days(&story, "2026-08-24", "2026-08-25").await;
    assert_eq!(
        (&read["standing"], &read["trouble"], &read["sums"]["agree"]),
        (&json!("read"), &Value::Null, &json!(2)),
        "{read}"
    );
    assert_eq!(story.count::<ShopDays>().await, 60);
    let longer = story.world.merchant_post(&format!("{REPORT}/read"), &wanted).await.unwrap();
    assert_eq!((longer.status, &longer.json["days"]), (202, &json!(90)), "{}", longer.text);
    story.settle().await;
    assert_eq!(story.count::<ShopDays>().await, 150);
    let before = of_day(&story, "2026-03-31").await;
    assert_eq!((&before["verdict"], &before["shopify"]["minor"]), (&json!("before"), &json!(0)), "{before}");
    story.end().await;
}

#[tokio::test]
async fn two_shops_stay_apart() {
    let story = begin().await;
    let mut other =
        ShopProfile { domain: "other-shop.myshopify.com".into(), id: 548_380_999, ..ShopProfile::default() };
    other.scopes.push("read_reports".to_owned());
    story.world.add_shop(other);
    assert_eq!(story.world.opens_app("other-shop.myshopify.com").await.unwrap().status, 200);
    story.settle().await;
    let order = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(1)).unwrap();
    story.arrive().await;
    next_day(&story).await;
    let ours = of_day(&story, "2026-08-24").await;
    assert_eq!(
        (&ours["verdict"], minor(&ours["shopify"])),
        (&json!("agrees"), story.world.book().order(order).unwrap().net)
    );
    let token = story.world.id_token("other-shop.myshopify.com");
    let url = format!("{}{REPORT}?from=2026-08-24&to=2026-08-24", story.url);
    let theirs: Value = reqwest_client().get(url).bearer_auth(token).send().await.unwrap().json().await.unwrap();
    let theirs = &theirs["days"][0];
    assert_eq!([minor(&theirs["shopify"]), minor(&theirs["ours"])], [0, 0], "{theirs}");
    assert_eq!(theirs["verdict"], "agrees", "{theirs}");
    assert_eq!(story.count::<ShopDays>().await, 122);
    story.end().await;
}

/// Days are the shop's own: what is sold just before its midnight is not the next day's.
#[tokio::test]
async fn a_day_ends_at_the_shops_own_midnight() {
    let story = begin().await;
    let midnight = Day::parse("2026-08-25").unwrap().start(chrono_tz::Europe::Vienna);
    assert_eq!(midnight, Timestamp::parse(BEGINNING).unwrap().plus_seconds(DAY - 7_200));
    story.clock.advance_to(midnight.plus_seconds(-1));
    let before = story.world.shopper_comes("/").buys(&[(2, 1)], story.world.customer(1)).unwrap();
    story.arrive().await;
    story.clock.advance_to(midnight);
    let after = story.world.shopper_comes("/").buys(&[(4, 1)], story.world.customer(2)).unwrap();
    story.arrive().await;
    next_day(&story).await;
    next_day(&story).await;
    for (day, order) in [("2026-08-24", before), ("2026-08-25", after)] {
        let found = of_day(&story, day).await;
        let worth = story.world.book().order(order).unwrap().net;
        assert_eq!([minor(&found["shopify"]), minor(&found["ours"])], [worth, worth], "{found}");
        assert_eq!(found["verdict"], "agrees", "{found}");
    }
    story.end().await;
}
