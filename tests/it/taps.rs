//! Every hit on a link with its verdict: people counted once, machines never, whatever is heard first.

use std::collections::BTreeMap;
use std::io::Write;

use recoup::attribution::rebuild;
use recoup::cli::start;
use recoup::kernel::Chance;
use recoup::kernel::id::MessageId;
use recoup::links::classify::{Queue, classify_again};
use recoup::links::{Click, ClickColumn, Clicks};
use recoup::messages::{MetaClicks, callback_data};
use recoup::server;
use recoup::shops::Shops;
use recoup::simulator::World;
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, IntoActiveModel, QueryOrder};
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::{Story, config_of, pairs};

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1";
const PREVIEW: &str = "WhatsApp/2.24.20.89 A";

async fn hit(method: &str, link: &str, agent: Option<&str>, headers: &[(&str, &str)]) -> u16 {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = reqwest_client().request(method, link);
    if let Some(agent) = agent {
        request = request.header("user-agent", agent);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status().as_u16()
}

async fn taps(link: &str) {
    assert_eq!(hit("GET", link, Some(PHONE), &[]).await, 302);
}

async fn rows(story: &Story) -> Vec<Click> {
    Clicks::find().order_by_asc(ClickColumn::At).order_by_asc(ClickColumn::Id).all(story.app.db.read()).await.unwrap()
}

async fn reasons(story: &Story) -> Vec<String> {
    rows(story).await.into_iter().map(|row| row.reason).collect()
}

async fn one(story: &Story) -> (String, String) {
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "ana", "phone": "+436601234567"}])).await;
    let text = |name: &str| drawn["messages"][0][name].as_str().unwrap().to_owned();
    (text("message_id"), text("link"))
}

async fn tells(world: &World, message: &str, status: &str, at: recoup::kernel::Timestamp) {
    let body = json!({"statuses": [{"message_id": message, "status": status, "at": at.to_string()}]});
    let answer = world.platform_post("/api/messages/statuses", &body).await.unwrap();
    assert_eq!((answer.status, &answer.json["accepted"]), (200, &json!(1)), "{}", answer.text);
}

/// Meta tells that a message was sent through the shop's number: from then on what comes from it is the shop's.
async fn sent_through_the_number(story: &Story, message: &str) {
    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap().shop_id;
    let callback = callback_data(&story.app.vault, shop, MessageId(message.parse().unwrap()));
    let at = story.clock.now().seconds();
    let told = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "493023125012", "phone_number_id": "770000000000202"},
        "statuses": [{"id": "wamid.1", "status": "sent", "timestamp": at.to_string(), "recipient_id": "436601234567",
            "biz_opaque_callback_data": callback}]}}]}]});
    assert_eq!(story.world.whatsapp(&told).await.unwrap().status, 200);
    story.settle().await;
}

#[tokio::test]
async fn real_agents_are_judged_through_the_real_door() {
    let story = Story::begin().await;
    let (_, link) = one(&story).await;
    let cases: Vec<Value> = serde_json::from_str(include_str!("fixtures/agents.json")).unwrap();
    let mut expected = Vec::new();
    // Three quarters of an hour apart: none is another's neighbour.
    for case in &cases {
        story.clock.advance_to(story.clock.now().plus_seconds(45 * 60));
        let headers: Vec<(&str, &str)> = case["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let method = case["method"].as_str().unwrap();
        assert_eq!(hit(method, &link, case["agent"].as_str(), &headers).await, 302, "{case}");
        let words: Vec<&str> = case["reasons"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        expected.push((case["human"].as_bool().unwrap(), words.join(",")));
    }
    let judged = |rows: Vec<Click>| rows.into_iter().map(|row| (row.human, row.reason)).collect::<Vec<_>>();
    assert_eq!(judged(rows(&story).await), expected, "at the door");
    story.pass(3_600).await;
    assert_eq!(judged(rows(&story).await), expected, "beside each other");
    let report = story.report("/api/reports/links").await;
    let heads = cases.iter().filter(|case| case["method"] == "HEAD").count();
    let human = expected.iter().filter(|(human, _)| *human).count();
    let total = &report["total"];
    assert_eq!((&total["raw"], &total["heads"]), (&json!(cases.len() - heads), &json!(heads)));
    assert_eq!((&total["taps"], &total["visits"]), (&json!(human), &json!(human)));
    let machines: u64 = total["machines"].as_array().unwrap().iter().map(|line| line["hits"].as_u64().unwrap()).sum();
    assert_eq!(machines as usize, cases.len() - heads - human, "raw = taps + machines");
    story.end().await;
}

const SILK: &str = "Mozilla/5.0 (Linux; Android 11; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/120.4.1 like Chrome/120.0.6099.230 Safari/537.36";

#[tokio::test]
async fn a_hundred_taps_at_once_are_kept_as_they_were_said_and_each_carries_its_own_click() {
    let story = Story::begin().await;
    let (_, link) = one(&story).await;
    // What means something to a database, an array or a statement; every fourth says nothing of itself.
    let odd = ["{\"a\",NULL}", "NULL", "\\\"); DROP TABLE clicks;--", "a,b{c}\\N", "$1::text ?1 'x'"];
    let agents: Vec<Option<String>> =
        (0..100).map(|n| (n % 4 > 0).then(|| format!("{} {n}", odd[n % odd.len()]))).collect();
    let taps = agents.iter().map(async |agent| {
        let mut request = reqwest_client().get(&link);
        if let Some(agent) = agent {
            request = request.header("user-agent", agent);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 302);
        let to = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let (_, click) = to.query_pairs().find(|(name, _)| name == "rcp").unwrap();
        (click.into_owned(), agent.clone())
    });
    let answered: BTreeMap<String, Option<String>> = futures::future::join_all(taps).await.into_iter().collect();
    let kept: BTreeMap<String, Option<String>> =
        rows(&story).await.into_iter().map(|row| (row.id.public(), row.agent)).collect();
    assert_eq!((kept.len(), kept), (100, answered));
    story.end().await;
}

#[tokio::test]
async fn a_phone_brand_is_a_person_and_a_bare_name_of_a_messenger_is_not() {
    let story = Story::begin().await;
    let (_, link) = one(&story).await;
    let cases: Vec<Value> = serde_json::from_str(include_str!("fixtures/cases/12-agents.json")).unwrap();
    for case in &cases {
        story.clock.advance_to(story.clock.now().plus_seconds(45 * 60));
        assert_eq!(hit("GET", &link, case["agent"].as_str(), &[]).await, 302);
    }
    let right: Vec<(&Value, bool)> =
        cases.iter().map(|case| (&case["who"], case["human"].as_bool().unwrap())).collect();
    let found = async || {
        let kept = rows(&story).await;
        cases.iter().zip(kept).map(|(case, row)| (&case["who"], row.human)).collect::<Vec<_>>()
    };
    assert_eq!(found().await, right, "at the door");
    story.pass(3_600).await;
    assert_eq!(found().await, right, "judged again");
    story.end().await;
}

#[tokio::test]
async fn a_tap_in_the_second_after_only_a_read_was_told_is_a_persons() {
    let case: Value = serde_json::from_str(include_str!("fixtures/cases/22-read-only-statuses.json")).unwrap();
    let tap_at = recoup::kernel::Timestamp::from_seconds(case["tap_at"].as_i64().unwrap());
    let told = |message: &str| -> Vec<(String, recoup::kernel::Timestamp)> {
        let of = case["statuses"].as_array().unwrap().iter().filter(|status| status["message_id"] == message);
        let at = |status: &Value| recoup::kernel::Timestamp::parse(status["at"].as_str().unwrap()).unwrap();
        of.map(|status| (status["status"].as_str().unwrap().to_owned(), at(status))).collect()
    };
    let mut names: Vec<&str> =
        case["statuses"].as_array().unwrap().iter().filter_map(|s| s["message_id"].as_str()).collect();
    names.dedup();
    assert_eq!(names.len(), 2);
    let read = told(names[0]);
    let late_delivery = [read.clone(), vec![("delivered".to_owned(), read[0].1)]].concat();
    // Of the third one it is heard afterwards that it arrived in that very second: then the tap is too fast.
    for (statuses, reason) in [(read, "browser"), (told(names[1]), "browser"), (late_delivery, "too_soon")] {
        let story = Story::begin().await;
        story.clock.advance_to(tap_at.plus_seconds(-3_600));
        story.settle().await;
        let (message, link) = one(&story).await;
        story.clock.advance_to(tap_at);
        taps(&link).await;
        for (status, at) in &statuses {
            tells(&story.world, &message, status, *at).await;
            story.pass(1_800).await;
        }
        assert_eq!(reasons(&story).await, [reason], "{statuses:?}");
        story.end().await;
    }
}

/// Another door of the story's app, with more settings.
async fn door(story: &Story, more: &[(&'static str, &str)]) -> String {
    let listener = server::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut settings = pairs(&story.world, &url, &story.app.config.database_url);
    settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let app = start::open(config_of(&settings), story.clock.clone(), Chance::seeded(7)).await.unwrap();
    tokio::spawn(server::serve(app, listener, 1).unwrap());
    url
}

#[tokio::test]
async fn a_hit_from_a_data_centre_is_a_programs_unless_a_cloud_browser_says_who_taps() {
    let story = Story::begin().await;
    let (_, link) = one(&story).await;
    let mut lists = tempfile::NamedTempFile::new().unwrap();
    write!(lists, r#"{{"prefixes": [{{"ip_prefix": "203.0.113.0/24"}}, {{"ip_prefix": "127.0.0.0/8"}}]}}"#).unwrap();
    let lists = ("RECOUP_DATA_CENTRES", lists.path().to_str().unwrap());
    let behind_a_proxy = door(&story, &[lists, ("RECOUP_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let knows_no_proxy = door(&story, &[lists]).await;
    let by = |door: &str| link.replace(&story.url, door);
    let cases = [
        (by(&behind_a_proxy), PHONE, Some("203.0.113.9"), "data_centre"),
        (by(&behind_a_proxy), PHONE, Some("203.0.113.9, 198.51.100.7"), "browser"),
        (by(&behind_a_proxy), SILK, Some("203.0.113.9"), "browser"),
        (by(&behind_a_proxy), PREVIEW, Some("203.0.113.9"), "preview,data_centre"),
        // The proxy's address stands for everybody behind it.
        (by(&knows_no_proxy), PHONE, Some("203.0.113.9"), "browser"),
        (by(&knows_no_proxy), PHONE, None, "data_centre"),
        (link.clone(), PHONE, Some("203.0.113.9"), "browser"),
    ];
    for (link, agent, address, _) in &cases {
        story.clock.advance_to(story.clock.now().plus_seconds(45 * 60));
        let headers: Vec<(&str, &str)> = address.iter().map(|address| ("x-forwarded-for", *address)).collect();
        assert_eq!(hit("GET", link, Some(agent), &headers).await, 302);
    }
    let expected = cases.each_ref().map(|case| case.3);
    assert_eq!(reasons(&story).await, expected, "at the door");
    // Whoever judges again needs no list: what was seen is kept with the hit.
    story.pass(3_600).await;
    assert_eq!(reasons(&story).await, expected);
    let report = story.report("/api/reports/links").await;
    assert_eq!((&report["total"]["raw"], &report["total"]["taps"]), (&json!(7), &json!(4)));
    story.end().await;
}

async fn three_hundred(story: &Story) -> Vec<String> {
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let people: Vec<Value> =
        (0..300).map(|n| json!({"key": format!("k{n}"), "phone": format!("+43660{:07}", 1_000_000 + n)})).collect();
    let drawn = story.draw(&campaign, json!(people)).await;
    let messages = drawn["messages"].as_array().unwrap();
    messages.iter().map(|message| message["link"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn one_script_that_opens_three_hundred_links_is_not_three_hundred_people() {
    let story = Story::begin().await;
    let links = three_hundred(&story).await;
    for (n, link) in links.iter().enumerate() {
        assert_eq!(hit("GET", link, Some(&format!("{PHONE} Phone/{n}")), &[]).await, 302, "nobody is stopped");
    }
    let people = async || rows(&story).await.into_iter().filter(|row| row.human).count();
    assert_eq!(people().await, 11, "eleven may be people in one house");
    story.pass(3_600).await;
    assert_eq!(people().await, 11, "judged again");
    let report = story.report("/api/reports/links").await;
    assert_eq!((&report["total"]["raw"], &report["total"]["taps"]), (&json!(300), &json!(11)));
    assert_eq!(report["total"]["machines"][0]["reason"], "many_links");
    let summary = story.report("/api/reports/summary").await;
    assert_eq!(summary["funnel"]["clicked"], 11);
    story.end().await;
}

#[tokio::test]
async fn three_hundred_people_are_three_hundred_whoever_forwards_them() {
    let story = Story::begin().await;
    let links = three_hundred(&story).await;
    let trusted = door(&story, &[("RECOUP_TRUSTED_PROXIES", "127.0.0.1")]).await;
    // By a proxy we were told of; and by one we were not, which says whom it speaks for.
    for (door, wanted) in [(&trusted, 300), (&story.url, 600)] {
        for (n, link) in links.iter().enumerate() {
            let address = format!("198.51.{}.{}", n / 250, n % 250);
            let link = link.replace(&story.url, door);
            assert_eq!(hit("GET", &link, Some(PHONE), &[("x-forwarded-for", &address)]).await, 302);
        }
        assert_eq!(rows(&story).await.into_iter().filter(|row| row.human).count(), wanted);
        story.pass(3_600).await;
    }
    // What somebody writes before the proxy does, and what is no address, tells nobody apart.
    for (from, invented) in [(100, "203.0.113.{n}, 198.51.100.200"), (200, "somebody-{n}")] {
        let before = rows(&story).await.into_iter().filter(|row| row.human).count();
        for (n, link) in links.iter().skip(from).take(100).enumerate() {
            let told = invented.replace("{n}", &n.to_string());
            assert_eq!(hit("GET", link, Some(PHONE), &[("x-forwarded-for", &told)]).await, 302);
        }
        let after = rows(&story).await.into_iter().filter(|row| row.human).count();
        assert_eq!(after - before, 11, "{invented}");
    }
    // Whoever is no proxy of ours invents addresses in vain.
    let knows_others = door(&story, &[("RECOUP_TRUSTED_PROXIES", "10.0.0.0/8")]).await;
    for (n, link) in links.iter().take(100).enumerate() {
        let link = link.replace(&story.url, &knows_others);
        assert_eq!(hit("GET", &link, Some(PHONE), &[("x-forwarded-for", &format!("203.0.113.{n}"))]).await, 302);
    }
    assert_eq!(rows(&story).await.into_iter().filter(|row| row.human).count(), 633);
    story.end().await;
}

/// Hits of ordinary phones, each another one, as the door leaves them.
async fn invented(story: &Story, link: &str, times: impl Iterator<Item = recoup::kernel::Timestamp>) {
    let shop_id = Shops::find().one(story.app.db.read()).await.unwrap().unwrap().shop_id;
    let slug = link.rsplit('/').next().unwrap();
    let click = |(n, at): (usize, recoup::kernel::Timestamp)| Click {
        shop_id,
        at,
        id: recoup::links::ClickId::new(&story.app.chance, at),
        slug: slug.to_owned(),
        human: true,
        reason: "browser".to_owned(),
        signs: 0,
        device: (n % 60_000) as i32 + 1,
        agent: Some(PHONE.to_owned()),
        meta_click: None,
    };
    let clicks: Vec<Click> = times.enumerate().map(click).collect();
    for part in clicks.chunks(500) {
        let part = part.iter().cloned().map(IntoActiveModel::into_active_model);
        Clicks::insert_many(part).exec_without_returning(story.app.db.write()).await.unwrap();
    }
}

#[tokio::test]
async fn of_a_flood_nothing_is_left_however_long_it_is() {
    let story = Story::begin().await;
    let (_, link) = one(&story).await;
    taps(&link).await;
    story.pass(4 * 3_600).await;
    let begin = story.clock.now();
    invented(&story, &link, (0..24_000).map(|n| begin.plus_seconds(n / 10))).await;
    // Slower than that, over a day: still eight within ten seconds now and then.
    story.pass(5 * 3_600).await;
    taps(&link).await;
    story.pass(3_600).await;
    let people: Vec<Click> = rows(&story).await.into_iter().filter(|row| row.human).collect();
    assert_eq!(people.len(), 2, "the two of before and after");
    let report = story.report("/api/reports/links").await;
    assert_eq!((&report["total"]["raw"], &report["total"]["taps"]), (&json!(24_002), &json!(2)));
    assert_eq!(
        classify_again(&story.app, people[0].shop_id, true).await.unwrap().changed,
        0,
        "judging again changes nothing"
    );
    story.end().await;
}

#[tokio::test]
async fn a_life_with_a_thousand_hits_is_told_a_page_at_a_time() {
    let story = Story::begin().await;
    let (message, link) = one(&story).await;
    let begin = story.clock.now();
    invented(&story, &link, (0..1_100).map(|n| begin.plus_seconds(n * 60))).await;
    assert_eq!(hit("HEAD", &link, Some(PHONE), &[]).await, 302);
    story.pass(2 * 86_400).await;
    let mut path = format!("/api/messages/{message}/timeline");
    let mut pages = Vec::new();
    let mut seen = Vec::new();
    loop {
        let page = story.report(&path).await;
        let hits = page["moments"].as_array().unwrap().iter().filter(|moment| moment["what"] == "hit").count();
        seen.push((hits, page["moments"].as_array().unwrap().len() > hits, page["hits_left_out"].as_u64().unwrap()));
        assert_eq!((&page["raw"], &page["taps"]), (&json!(1_100), &json!(1_100)), "whatever page it is");
        let next = page["next_cursor"].as_str().map(str::to_owned);
        pages.push(page);
        let Some(next) = next else { break };
        path = format!("/api/messages/{message}/timeline?cursor={next}");
    }
    assert_eq!(seen, [(500, true, 601), (500, false, 101), (101, false, 0)]);
    for wrong in ["x", "1", "1.x", "-1.7n42DGM5Tflk9n8mt7Fhc7"] {
        let answer =
            story.world.merchant_get(&format!("/api/messages/{message}/timeline?cursor={wrong}")).await.unwrap();
        assert_eq!((answer.status, answer.json["field"].as_str()), (422, Some("cursor")), "{}", answer.text);
    }
    story.end().await;
}

#[tokio::test]
async fn a_receipt_says_when_nothing_else_saw_a_tap() {
    let story = Story::begin().await;
    let ana = story.world.customer(3);
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let hers = json!([{"key": "ana", "phone": ana.phone.clone().unwrap(), "email": ana.email}]);
    let drawn = story.draw(&campaign, hers).await;
    sent_through_the_number(&story, drawn["messages"][0]["message_id"].as_str().unwrap()).await;
    story.pass(60).await;
    taps(&format!("{}?fbclid=click_1", drawn["messages"][0]["link"].as_str().unwrap())).await;
    let clicked = story.clock.now();
    story.pass(600).await;
    let order = story.world.shopper_comes("/").buys(&[(2, 1)], ana).unwrap();
    story.arrive().await;
    let winner = async || story.report(&format!("/api/orders/{order}/receipt")).await["winner"].clone();
    let alone = winner().await;
    assert_eq!(alone["kind"], "person_click");
    assert!(alone["unwitnessed"].as_str().unwrap().contains("Nothing else saw this tap"), "{alone}");
    let told = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "493023125012", "phone_number_id": "770000000000202"},
        "user_actions": [{"action_type": "marketing_messages_link_click", "timestamp": clicked.seconds().to_string(),
            "marketing_messages_link_click_data": {"click_component": "cta", "click_id": "click_1", "tracking_token": "t"}}]}}]}]});
    assert_eq!(story.world.whatsapp(&told).await.unwrap().status, 200);
    story.settle().await;
    assert_eq!(winner().await["unwitnessed"], Value::Null, "Meta saw it too");
    story.end().await;
}

/// The hits of one story, and what they must come to.
const STORY: [(&str, i64, &str); 6] = [
    ("preview", -30, "preview,before_sending"),
    ("tap", -20, "before_sending"),
    ("tap", 1, "too_soon"),
    ("tap", 60, "browser"),
    ("tap", 63, "again"),
    ("tap", 4_000, "browser"),
];

#[tokio::test]
async fn whatever_is_heard_first_the_verdicts_come_out_the_same() {
    // When the news of the sending comes: before all, between, after all; and whether the job ran between the hits.
    for (news, settles) in [(0, true), (3, true), (6, true), (6, false), (0, false), (4, false)] {
        let story = Story::begin().await;
        let (message, link) = one(&story).await;
        let sent = story.clock.now().plus_seconds(100);
        for step in 0..=STORY.len() {
            if step == news {
                // A read that is told first, and the sending told twice, later first.
                tells(&story.world, &message, "read", sent.plus_seconds(50)).await;
                if settles {
                    story.settle().await;
                }
                tells(&story.world, &message, "sent", sent.plus_seconds(40)).await;
                tells(&story.world, &message, "sent", sent).await;
            }
            let Some((kind, after, _)) = STORY.get(step) else { break };
            story.clock.advance_to(sent.plus_seconds(*after));
            let agent = if *kind == "preview" { PREVIEW } else { PHONE };
            assert_eq!(hit("GET", &link, Some(agent), &[]).await, 302);
            if settles {
                story.settle().await;
            }
        }
        story.pass(3_600).await;
        let expected: Vec<&str> = STORY.iter().map(|(_, _, reason)| *reason).collect();
        assert_eq!(reasons(&story).await, expected, "news after {news} hits, jobs between: {settles}");
        assert_eq!(story.count::<Queue>().await, 0);
        let before = rows(&story).await;
        let shop = before[0].shop_id;
        let again = classify_again(&story.app, shop, true).await.unwrap();
        assert_eq!((again.hits, again.changed), (STORY.len(), 0), "judging again changes nothing");
        assert_eq!(rows(&story).await, before);
        story.end().await;
    }
}

#[tokio::test]
async fn judging_again_mends_what_an_older_rule_said_and_a_dry_run_only_says_so() {
    let story = Story::begin().await;
    let (_, link) = one(&story).await;
    taps(&link).await;
    story.pass(10).await;
    taps(&link).await;
    story.pass(1).await;
    assert_eq!(hit("GET", &link, Some(PREVIEW), &[]).await, 302);
    story.pass(3_600).await;
    let right = rows(&story).await;
    assert_eq!(right.iter().map(|row| row.reason.as_str()).collect::<Vec<_>>(), ["browser", "again", "preview"]);
    let wrong = Clicks::update_many()
        .col_expr(ClickColumn::Human, Expr::value(true))
        .col_expr(ClickColumn::Reason, Expr::value("browser"));
    wrong.exec(story.app.db.write()).await.unwrap();
    let shop = right[0].shop_id;
    let said = classify_again(&story.app, shop, false).await.unwrap();
    assert_eq!((said.hits, said.changed), (3, 2));
    assert_ne!(rows(&story).await, right, "a dry run writes nothing");
    let done = classify_again(&story.app, shop, true).await.unwrap();
    assert_eq!(done, said);
    assert_eq!(rows(&story).await, right);
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn a_verdict_that_turns_asks_the_orders_it_touched_again() {
    let story = Story::begin().await;
    let ana = story.world.customer(3);
    let campaign = story.campaign(|_| {}).await;
    let hers = json!([{"key": "ana", "phone": ana.phone.clone().unwrap(), "email": ana.email}]);
    let drawn = story.draw(&campaign, hers).await;
    taps(drawn["messages"][0]["link"].as_str().unwrap()).await;
    story.pass(600).await;
    let order = story.world.shopper_comes("/").buys(&[(2, 1)], ana).unwrap();
    story.arrive().await;
    let path = format!("/api/orders/{order}/receipt");
    assert_eq!(story.report(&path).await["winner"]["kind"], "person_click");
    // As an older rule would have left it.
    let wrong = Clicks::update_many()
        .col_expr(ClickColumn::Human, Expr::value(false))
        .col_expr(ClickColumn::Reason, Expr::value("preview"));
    wrong.exec(story.app.db.write()).await.unwrap();
    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert_eq!(rebuild(&story.app, &shop).await.unwrap().changed, 1);
    assert_eq!(story.report(&path).await["winner"], Value::Null);
    assert_eq!(classify_again(&story.app, shop.shop_id, true).await.unwrap().changed, 1);
    story.settle().await;
    assert_eq!(story.report(&path).await["winner"]["kind"], "person_click", "nobody else asked");
    story.end().await;
}

#[tokio::test]
async fn a_burst_counts_for_nobody_and_both_counts_are_served() {
    let story = Story::begin().await;
    let (_, link) = one(&story).await;
    taps(&link).await;
    story.pass(3_600).await;
    for agent in 0..9 {
        assert_eq!(hit("GET", &link, Some(&format!("{PHONE} Phone/{agent}")), &[]).await, 302);
        story.clock.advance_to(story.clock.now().plus_seconds(1));
    }
    assert_eq!(reasons(&story).await, vec!["browser"; 10], "one by one each looks like a person");
    story.pass(3_600).await;
    assert_eq!(reasons(&story).await, [vec!["browser"], vec!["burst"; 9]].concat());
    let summary = story.report("/api/reports/summary").await;
    let funnel = &summary["funnel"];
    let counts: Vec<i64> = ["clicked", "clicked_raw", "taps", "taps_raw", "visits"]
        .iter()
        .map(|name| funnel[*name].as_i64().unwrap())
        .collect();
    assert_eq!(counts, [1, 1, 1, 10, 1]);
    let campaign = &story.report("/api/campaigns").await["campaigns"][0];
    assert_eq!((&campaign["taps"], &campaign["taps_raw"]), (&json!(1), &json!(10)));
    story.end().await;
}

#[tokio::test]
async fn a_message_tells_its_whole_life() {
    let story = Story::begin().await;
    let (message, link) = one(&story).await;
    assert_eq!(hit("GET", &link, Some(PREVIEW), &[]).await, 302);
    story.pass(5).await;
    let sent = story.clock.now();
    sent_through_the_number(&story, &message).await;
    tells(&story.world, &message, "delivered", sent.plus_seconds(2)).await;
    story.pass(600).await;
    taps(&format!("{link}?fbclid=click_1")).await;
    let visit = story.world.shopper_taps(&link).await.unwrap();
    let clicked = story.clock.now();
    let told = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "493023125012", "phone_number_id": "770000000000202"},
        "user_actions": [{"action_type": "marketing_messages_link_click", "timestamp": clicked.seconds().to_string(),
            "marketing_messages_link_click_data": {"click_component": "cta", "click_id": "click_1", "tracking_token": "t"}}]}}]}]});
    // Meta repeats itself.
    for _ in 0..2 {
        assert_eq!(story.world.whatsapp(&told).await.unwrap().status, 200);
        story.settle().await;
    }
    assert_eq!(story.count::<MetaClicks>().await, 1);
    story.pass(300).await;
    let order = visit.buys(&[(2, 2)], story.world.customer(0)).unwrap();
    story.arrive().await;
    story.pass(3_600).await;
    story.world.refunds(order, recoup::simulator::RefundKind::OnePiece).unwrap();
    story.arrive().await;

    let life = story.report(&format!("/api/messages/{message}/timeline")).await;
    let moments = life["moments"].as_array().unwrap();
    let mut what: BTreeMap<&str, usize> = BTreeMap::new();
    moments.iter().for_each(|moment| *what.entry(moment["what"].as_str().unwrap()).or_default() += 1);
    for (name, count) in [
        ("drawn", 1),
        ("issued", 1),
        ("sent", 1),
        ("delivered", 1),
        ("hit", 3),
        ("meta_click", 1),
        ("ordered", 1),
        ("restated", 1),
    ] {
        assert_eq!(what.get(name), Some(&count), "{name}: {what:?}");
    }
    assert!(moments.is_sorted_by_key(|moment| moment["at"].as_str().unwrap().to_owned()));
    assert_eq!((&life["raw"], &life["taps"], &life["visits"]), (&json!(3), &json!(2), &json!(2)));
    let hit = moments.iter().find(|moment| moment["what"] == "hit").unwrap();
    assert_eq!((&hit["hit"]["human"], &hit["hit"]["program"]), (&json!(false), &json!("WhatsApp")));
    assert!(hit["hit"]["reasons"][0]["sentence"].as_str().unwrap().contains("preview"));
    let report = story.report("/api/reports/links").await;
    let witness = &report["witness"];
    assert_eq!((&witness["meta_clicks"], &witness["seen_by_us"]), (&json!(1), &json!(1)), "{witness}");
    assert_eq!((&report["links"][0]["message_id"], &report["links"][0]["meta_clicks"]), (&json!(message), &json!(1)));
    let receipt = story.report(&format!("/api/orders/{order}/receipt")).await;
    assert_eq!(report["campaigns"][0]["orders"], json!(1), "{report} {receipt}");
    let stranger =
        story.world.merchant_get("/api/messages/0190a0a0-0000-7000-8000-000000000000/timeline").await.unwrap();
    assert_eq!(stranger.status, 404);
    story.end().await;
}

#[tokio::test]
async fn signs_go_after_ninety_days_and_the_counts_stay() {
    let story = Story::begin().await;
    let (_, link) = one(&story).await;
    taps(&link).await;
    assert_eq!(hit("GET", &link, Some(PREVIEW), &[]).await, 302);
    story.pass(3_600).await;
    let total = story.report("/api/reports/links?from=2026-08-01&to=2026-12-31").await["total"].clone();
    assert!(rows(&story).await.iter().all(|row| row.agent.is_some() && row.device != 0));
    story.pass(92 * 86_400).await;
    let old = rows(&story).await;
    assert!(old.iter().all(|row| row.agent.is_none() && row.device == 0 && row.meta_click.is_none()));
    assert_eq!(classify_again(&story.app, old[0].shop_id, true).await.unwrap().changed, 0, "the verdict stands");
    let after = story.report("/api/reports/links?from=2026-08-01&to=2026-12-31").await["total"].clone();
    assert_eq!(after, total);
    story.end().await;
}

#[tokio::test]
async fn a_list_of_links_is_read_in_pages() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let people: Vec<Value> =
        (0..53).map(|n| json!({"key": format!("k{n}"), "phone": format!("+43660{:07}", 1_000_000 + n)})).collect();
    let drawn = story.draw(&campaign, json!(people)).await;
    for message in drawn["messages"].as_array().unwrap() {
        taps(message["link"].as_str().unwrap()).await;
    }
    story.pass(60).await;
    let first = story.report("/api/reports/links").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = story.report(&format!("/api/reports/links?cursor={cursor}")).await;
    assert_eq!(second["next_cursor"], Value::Null);
    let ids = |page: &Value| {
        page["links"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l["message_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let mut all = [ids(&first), ids(&second)].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 53);
    let bad = story.world.merchant_get("/api/reports/links?cursor=nonsense").await.unwrap();
    assert_eq!((bad.status, bad.json["code"].as_str().is_some()), (422, true), "{}", bad.text);
    story.end().await;
}
