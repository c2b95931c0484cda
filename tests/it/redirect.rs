//! The redirect: nobody is stopped, nobody is sent elsewhere, no tap is lost.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use recoup::campaigns::LinkTerms;
use recoup::checkouts::Checkouts;
use recoup::cli::start;
use recoup::kernel::Chance;
use recoup::kernel::id::ShopId;
use recoup::links::{ClickId, Clicks, clicks_called};
use recoup::server;
use recoup::simulator::{Buyer, Fault, Payment};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::cluster::Cluster;
use crate::install::reqwest_client;
use crate::story::{self, Story};

const PHONE: &str = "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";

/// Destinations that are, or a redirect on the shop could make, another host.
const HOSTILE: [&str; 50] = [
    "https://evil.example",
    "http://evil.example/x",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "//\\evil.example",
    "//evil.example@shop.example",
    "//user:pass@evil.example",
    "https:evil.example",
    "https:/evil.example",
    "HTTPS://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "ftp://evil.example",
    "mailto:a@evil.example",
    "",
    " ",
    "evil.example",
    "@evil.example",
    ".evil.example",
    "?redirect=//evil.example",
    "#//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "/x\0",
    "/..//evil.example",
    "/.//evil.example",
    "/a/..//evil.example",
    "/%2e%2e//evil.example",
    "/%2f/evil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/%252fevil.example",
    "/%255cevil.example",
    "/x%0d%0aLocation:%20https://evil.example",
    "/%09/evil.example",
    "/%00",
    "/discount/A?redirect=//evil.example",
    "/discount/A?redirect=https%3A%2F%2Fevil.example",
    "/account/login?return_to=//evil.example",
    "/cart/add?return_to=%2F%5Cevil.example",
    "/x?RETURN_URL=https://evil.example",
];

async fn location(link: &str, agent: &str) -> (u16, String) {
    let answer = reqwest_client().get(link).header("user-agent", agent).send().await.unwrap();
    let to = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), to.unwrap_or_default())
}

async fn rewrite(story: &Story, campaign: &str, column: &str, value: &str) {
    let id = uuid::Uuid::parse_str(campaign).unwrap();
    let backend = story.app.db.write().get_database_backend();
    let sql = match backend {
        sea_orm::DbBackend::Postgres => format!("UPDATE campaigns SET {column} = CAST($1 AS jsonb) WHERE id = $2"),
        _ => format!("UPDATE campaigns SET {column} = ? WHERE id = ?"),
    };
    let done =
        story.app.db.write().execute_raw(Statement::from_sql_and_values(backend, sql, [value.into(), id.into()]));
    assert_eq!(done.await.unwrap().rows_affected(), 1);
    story.app.db.changed();
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_hostile_destinations_are_refused_when_made_and_when_followed() {
    assert_eq!(HOSTILE.iter().collect::<BTreeSet<_>>().len(), 50);
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let link = drawn["messages"][0]["link"].as_str().unwrap().to_owned();
    let (_, home) = location(&link, PHONE).await;
    let home = url::Url::parse(&home).unwrap().origin();
    for hostile in HOSTILE {
        let body = json!({"name": "X", "kind": "flow", "link": {"destination": hostile}});
        let made = story.world.platform_post("/api/campaigns", &body).await.unwrap();
        assert_eq!(
            (made.status, made.json["field"].as_str()),
            (422, Some("link.destination")),
            "{hostile:?}: {}",
            made.text
        );
        // A NUL cannot even be written into a PostgreSQL document.
        if hostile.contains('\0') {
            continue;
        }
        let terms = LinkTerms { destination: hostile.into(), ..LinkTerms::default() };
        rewrite(&story, &campaign, "link", &serde_json::to_string(&terms).unwrap()).await;
        let (status, to) = location(&format!("{link}?redirect=//evil.example&fbclid=x"), PHONE).await;
        let to = url::Url::parse(&to).unwrap();
        assert_eq!((status, to.origin(), to.path()), (302, home.clone(), "/"), "{hostile:?}: {to}");
        assert!(!to.as_str().contains("evil") && to.as_str().contains("fbclid=x"), "{to}");
    }
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn permalinks_parameters_variables_and_ended_codes() {
    let story = Story::begin().await;
    let link = json!({"destination": "/cart/70881412:1,70881413:2?note=hi", "utm": {"source": "whatsapp", "medium": "message",
        "campaign": "{campaign}-{date}", "content": "{kind}"}});
    let campaign = story.campaign(|body| body["link"] = link.clone()).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let message = &drawn["messages"][0];
    let (link, code) = (message["link"].as_str().unwrap(), message["code"].as_str().unwrap());
    let (status, to) =
        location(&format!("{link}?fbclid=a%20b+c&x&discount=FREE&rcp=forged&utm_source=evil"), PHONE).await;
    let click = Clicks::find().one(story.app.db.read()).await.unwrap().unwrap().id.public();
    assert_eq!(status, 302);
    let (_, behind) = to.split_once("/cart/").unwrap();
    assert_eq!(
        behind,
        format!(
            "70881412:1,70881413:2?note=hi&fbclid=a%20b+c&x&discount={code}&utm_source=whatsapp&utm_medium=message\
             &utm_campaign=Winback-2026-08-24&utm_content=flow&attributes%5B__rcp%5D={click}&rcp={click}"
        )
    );
    // Its time is over: the same place without it, and a word a theme may use.
    story.pass(172_801).await;
    let (_, to) = location(link, PHONE).await;
    assert!(to.contains("/cart/70881412:1,70881413:2?note=hi&") && to.contains("&rcp_expired=1&"), "{to}");
    assert!(!to.contains("discount"), "{to}");
    // Put away and over: the front page for people, nothing for machines.
    let archived = story.world.platform_post(&format!("/api/campaigns/{campaign}/archive"), &json!({})).await.unwrap();
    assert_eq!(archived.status, 200, "{}", archived.text);
    let (status, to) = location(link, PHONE).await;
    assert_eq!((status, url::Url::parse(&to).unwrap().path()), (302, "/"));
    assert_eq!(location(link, "facebookexternalhit/1.1").await.0, 404);
    assert_eq!(reqwest_client().head(link).send().await.unwrap().status(), 404);
    let wrong = json!({"name": "X", "kind": "flow", "link": {"utm": {"content": "{phone}"}}});
    let refused = story.world.platform_post("/api/campaigns", &wrong).await.unwrap();
    assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some("link.utm")), "{}", refused.text);
    story.settle().await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn back_to_the_checkout_while_it_is_open_and_for_no_machine() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["link"] = json!({"destination": "checkout"})).await;
    let visit = story.world.shopper_comes("/");
    let token = visit.checks_out(&[(0, 1)], Buyer { phone: Some("+436601234567".into()), ..Buyer::default() }).unwrap();
    story.arrive().await;
    let people = json!([{"key": "a", "phone": "+436601234567", "checkout_token": token},
        {"key": "b", "phone": "+436601234568", "checkout_token": "unheard-of"}]);
    let drawn = story.draw(&campaign, people).await;
    let of = |n: usize, what: &str| drawn["messages"][n][what].as_str().unwrap().to_owned();
    let (link, code) = (of(0, "link"), of(0, "code"));
    let (status, to) = location(&format!("{link}?fbclid=x&discount=FREE"), PHONE).await;
    let home = story.world.storefront_origin();
    assert!(status == 302 && to.starts_with(&format!("{home}/")) && to.contains("/recover?key="), "{to}");
    let ours = to.split_once("/recover?").unwrap().1;
    assert!(ours.contains(&format!("&fbclid=x&discount={code}&utm_source=whatsapp")) && ours.contains("&rcp="), "{to}");
    // Nothing of the address is kept in the open.
    let kept = Checkouts::find().one(story.app.db.read()).await.unwrap().unwrap().recovery_url_sealed.unwrap();
    assert!(!String::from_utf8_lossy(&kept).contains("recover"));
    // A machine could hand it on; whoever's checkout nobody knows finds their cart.
    for (link, agent) in [(&link, "WhatsApp/2.24.1"), (&of(1, "link"), PHONE)] {
        let to = location(link, agent).await.1;
        assert!(to.starts_with(&format!("{home}/discount/")) && to.contains("?redirect=%2Fcart&"), "{to}");
    }
    story.world.completes(&token, Payment::default()).unwrap();
    story.arrive().await;
    let to = location(&link, PHONE).await.1;
    assert!(!to.contains("recover"), "it became an order: {to}");
    story.settle().await;
    story.end().await;
}

/// A market of the shop has a domain of its own: the address lies there, and the link leads there.
#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_of_another_market_opens_on_its_own_domain() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["link"] = json!({"destination": "checkout"})).await;
    let mut checkout: Value = serde_json::from_str(include_str!("fixtures/cases/27-checkout-market.json")).unwrap();
    let address = checkout["abandoned_checkout_url"].as_str().unwrap().to_owned();
    (checkout["created_at"], checkout["updated_at"]) = (json!(story.clock.now()), json!(story.clock.now()));
    assert_eq!(story.world.deliver("checkouts/update", &checkout).await.unwrap().status, 200);
    story.settle().await;
    let people = json!([{"key": "a", "phone": "+436605552700", "checkout_token": checkout["token"]}]);
    let drawn = story.draw(&campaign, people).await;
    let message = &drawn["messages"][0];
    let to = location(message["link"].as_str().unwrap(), PHONE).await.1;
    let code = message["code"].as_str().unwrap();
    assert!(to.starts_with(&format!("{address}&discount={code}&utm_source=whatsapp")) && to.contains("&rcp="), "{to}");
    story.settle().await;
    story.end().await;
}

/// Null, absent and refused are one case: the same items in a cart, or the cart; with code and click id.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_recovery_address_the_link_leads_to_the_same_items() {
    let story = Story::begin().await;
    story.world.fault(Fault::Closed);
    let campaign = story.campaign(|body| body["link"] = json!({"destination": "checkout"})).await;
    let ana = || Buyer { phone: Some("+436601234567".into()), email: Some("a@example.com".into()), ..Buyer::default() };
    let token = story.world.shopper_comes("/").checks_out(&[(0, 1), (2, 3)], ana()).unwrap();
    story.arrive().await;
    let body = |token: &str, more: Value| {
        let mut body = json!({"token": token, "currency": "EUR", "total_price": "10.00", "created_at": story.clock.now(),
            "updated_at": story.clock.now(), "completed_at": null});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let absent =
        body("absent", json!({"line_items": [{"variant_id": 8, "quantity": 2}, {"variant_id": "9", "quantity": 1}]}));
    let made_up = body(
        "made-up",
        json!({"abandoned_checkout_url": null,
        "line_items": [{"variant_id": 8, "quantity": 2}, {"variant_id": null, "quantity": 1}]}),
    );
    for body in [&absent, &made_up] {
        assert_eq!(story.world.deliver("checkouts/update", body).await.unwrap().status, 200);
    }
    story.settle().await;
    let people = json!([{"key": "a", "phone": "+436601234567", "checkout_token": token},
        {"key": "b", "phone": "+436601234568", "checkout_token": "absent"},
        {"key": "c", "phone": "+436601234569", "checkout_token": "made-up"}]);
    let drawn = story.draw(&campaign, people).await;
    // The Admin API is asked hourly; refused, it is asked without the address, and erases nothing.
    story.pass(2 * 3_600).await;
    story.settle().await;
    let sources = story.report("/api/shop/sources").await;
    let checkouts = sources["sources"].as_array().unwrap().iter().find(|one| one["source"] == "checkouts").unwrap();
    assert_eq!(checkouts["standing"], "whole", "{sources}");
    assert_eq!(sources["recovery_addresses"]["standing"], "withheld", "{sources}");
    assert!(sources["recovery_addresses"]["sentence"].as_str().unwrap().contains("name, email, phone and address"));
    let home = story.world.storefront_origin();
    let product = |n: usize| 7_234_590_409_000 + n;
    let items = [format!("{}:1,{}:3", product(0), product(2)), "8:2,9:1".to_owned()];
    for (n, items) in items.iter().enumerate() {
        let message = &drawn["messages"][n];
        let to = location(message["link"].as_str().unwrap(), PHONE).await.1;
        let wanted = format!("{home}/cart/{items}?discount={}&", message["code"].as_str().unwrap());
        assert!(to.starts_with(&wanted), "{to} is not {wanted}");
        assert!(to.contains("&attributes%5B__rcp%5D=") && to.contains("&rcp="), "{to}");
    }
    // Half a cart would be worse than none.
    let message = &drawn["messages"][2];
    let to = location(message["link"].as_str().unwrap(), PHONE).await.1;
    let wanted = format!("{home}/discount/{}?redirect=%2Fcart&", message["code"].as_str().unwrap());
    assert!(to.starts_with(&wanted) && to.contains("&rcp="), "{to}");
    story.settle().await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_speaks_where_its_campaigns_are_silent() {
    let story = Story::begin().await;
    let utm = json!({"source": "wa", "content": "{message}.{step}", "term": "{step}"});
    let chosen = story.world.merchant_send("PUT", "/api/settings/links", &json!({"utm": utm})).await.unwrap();
    assert_eq!((chosen.status, chosen.json["utm"]["source"].as_str()), (200, Some("wa")), "{}", chosen.text);
    for wrong in [json!({"utm": {"term": "{phone}"}}), json!({"utm": {"source": "a@b.example"}})] {
        let refused = story.world.merchant_send("PUT", "/api/settings/links", &wrong).await.unwrap();
        assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some("utm")), "{}", refused.text);
    }
    // A platform's key chooses nothing here.
    assert_eq!(story.world.platform_get("/api/settings/links").await.unwrap().status, 200);
    let link = json!({"destination": "/pages/a", "message": "reminder", "utm": {"medium": "nudge"}});
    let campaign = story.campaign(|body| body["link"] = link.clone()).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let to = location(drawn["messages"][0]["link"].as_str().unwrap(), PHONE).await.1;
    let wanted = "&utm_source=wa&utm_medium=nudge&utm_campaign=Winback&utm_content=reminder.&rcp=";
    assert!(to.contains(wanted), "the step is empty and so left out: {to}");
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_of_the_shops_own_serves_once_it_leads_here() {
    let story = Story::begin().await;
    let port = story.url.rsplit(':').next().unwrap().to_owned();
    let own = format!("localhost:{port}");
    let choose = async |domain: Value| {
        story.world.merchant_send("PUT", "/api/settings/links", &json!({"domain": domain})).await.unwrap()
    };
    let look = async || story.world.merchant_post("/api/settings/links/look", &json!({})).await.unwrap();
    for wrong in ["https://go.shop.example", "go shop", "x/y", "10.0.0.1", "", "a@b", "go.example:99999"] {
        let answer = choose(json!(wrong)).await;
        let empty = wrong.is_empty();
        assert_eq!(answer.status, if empty { 200 } else { 422 }, "{wrong:?}: {}", answer.text);
    }
    let campaign = story.campaign(|_| {}).await;
    let before = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    // Another server answers at this name: nobody's links begin with it.
    let elsewhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    choose(json!(format!("localhost:{}", elsewhere.local_addr().unwrap().port()))).await;
    drop(elsewhere);
    let seen = look().await;
    assert_eq!(seen.json["domain_serves"], false, "{}", seen.text);
    assert!(seen.json["domain_trouble"].as_str().unwrap().contains("does not answer"), "{}", seen.text);
    let chosen = choose(json!(own)).await.json;
    assert_eq!(chosen["domain_trouble"], Value::Null);
    let proof = |name: &str| chosen["proof"][name].as_str().unwrap();
    story.world.writes_text(proof("name"), proof("value"));
    let seen = look().await;
    assert_eq!((seen.status, &seen.json["domain_serves"]), (200, &json!(true)), "{}", seen.text);
    assert_eq!(seen.json["template"]["url"], format!("http://{own}/r/{{{{1}}}}"));
    // Both names lead the same way; a slug of another shop, or none, leads to this shop's front page.
    let again = story.draw(&campaign, json!([{"key": "b", "phone": "+436601234568"}])).await;
    let (old, new) = (&before["messages"][0], &again["messages"][0]);
    let suffix = new["button_suffix"].as_str().unwrap();
    assert_eq!(new["link"], format!("http://{own}/r/{suffix}"));
    for link in [new["link"].as_str().unwrap(), old["link"].as_str().unwrap(), &format!("{}/r/{suffix}", story.url)] {
        assert!(location(link, PHONE).await.1.contains("/discount/"), "{link}");
    }
    let (status, to) = location(&format!("http://{own}/r/cut-off"), PHONE).await;
    assert_eq!((status, url::Url::parse(&to).unwrap().path()), (302, "/"));
    assert_eq!(location(&format!("http://{own}/r/cut-off"), "facebookexternalhit/1.1").await.0, 404);
    assert_eq!(location(&format!("{}/r/cut-off", story.url), PHONE).await.0, 404);
    let other = recoup::links::draw_slug(&story.app.vault, &story.app.chance, ShopId(99));
    let (status, to) = location(&format!("http://{own}/r/{other}"), PHONE).await;
    assert_eq!((status, url::Url::parse(&to).unwrap().path()), (302, "/"));
    // Taken away, it speaks for nobody.
    let gone = choose(Value::Null).await;
    assert_eq!((&gone.json["domain_serves"], &gone.json["domain"]), (&json!(false), &Value::Null));
    assert!(location(old["link"].as_str().unwrap(), PHONE).await.1.contains("/discount/"));
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_took_back_is_applied_for_two_seconds_at_most() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let message = &drawn["messages"][0];
    let link = message["link"].as_str().unwrap();
    let other = start::open(story.app.config.clone(), story.clock.clone(), Chance::seeded(99)).await.unwrap();
    let listener = server::bind("127.0.0.1:0").unwrap();
    let there = link.replace(&story.url, &format!("http://{}", listener.local_addr().unwrap()));
    let running = server::serve(other, listener, 1).unwrap();
    let handle = running.handle();
    tokio::spawn(running);
    for link in [link, &there] {
        assert!(location(link, PHONE).await.1.contains("/discount/"), "{link}");
    }
    let path = format!("/api/messages/{}/revoke", message["message_id"].as_str().unwrap());
    assert_eq!(story.world.platform_post(&path, &json!({})).await.unwrap().status, 200);
    let revoked = Instant::now();
    assert!(location(link, PHONE).await.1.contains("rcp_expired=1"), "here at once");
    while location(&there, PHONE).await.1.contains("/discount/") {
        assert!(revoked.elapsed() < Duration::from_secs(4), "there within two seconds and a read");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    handle.stop(false).await;
    story.settle().await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_wrong_slugs_read_nothing() {
    const CONNECTIONS: usize = 8;
    const EACH: usize = 100_000 / CONNECTIONS;
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let slug = drawn["messages"][0]["button_suffix"].as_str().unwrap().to_owned();
    let address = story.url.trim_start_matches("http://").to_owned();
    let before = story.app.db.statements();
    let guessers = (0..CONNECTIONS).map(|guesser| {
        let (address, (shop, tail)) = (address.clone(), slug.split_once('-').unwrap());
        let (shop, tail) = (shop.to_owned(), tail.to_owned());
        tokio::spawn(async move {
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            let mut buffer = Vec::with_capacity(64 << 10);
            let mut refused = 0;
            for first in (0..EACH).step_by(50) {
                // The right shop, fresh random parts, a tag that was right for another.
                let asked: String = (first..first + 50)
                    .map(|n| {
                        format!("GET /r/{shop}-{:0>14}{} HTTP/1.1\r\nHost: x\r\n\r\n", guesser * EACH + n, &tail[14..])
                    })
                    .collect();
                stream.write_all(asked.as_bytes()).await.unwrap();
                buffer.clear();
                while buffer.windows(12).filter(|part| *part == b"HTTP/1.1 404").count() < 50 {
                    assert!(stream.read_buf(&mut buffer).await.unwrap() > 0);
                }
                refused += 50;
            }
            refused
        })
    });
    let refused: usize = futures::future::join_all(guessers).await.into_iter().map(Result::unwrap).sum();
    assert_eq!((refused, story.app.db.statements() - before), (100_000, 0), "refused, statements");
    // The counter does count.
    assert_eq!(location(&format!("{}/r/{slug}", story.url), PHONE).await.0, 302);
    assert!(story.app.db.statements() > before);
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_is_found_by_its_id_and_only_in_its_shop() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let link = drawn["messages"][0]["link"].as_str().unwrap();
    for seconds in [0, 1, 3_600] {
        story.pass(seconds).await;
        assert_eq!(location(link, PHONE).await.0, 302);
    }
    let db = story.app.db.read();
    let all = Clicks::find().all(db).await.unwrap();
    assert_eq!(all.len(), 3);
    let stranger = ClickId::new(&story.app.chance, story.app.clock.now());
    for click in &all {
        let found = clicks_called(db, click.shop_id, [stranger, click.id].into()).await.unwrap();
        assert_eq!(found, std::slice::from_ref(click));
        assert!(clicks_called(db, ShopId(1), [click.id].into()).await.unwrap().is_empty());
    }
    assert!(clicks_called(db, all[0].shop_id, BTreeSet::new()).await.unwrap().is_empty());
    story.end().await;
}

/// The real program on a database a story prepared.
struct Node {
    settings: Vec<(&'static str, String)>,
    child: Option<Child>,
    url: String,
}

impl Node {
    fn new(mut settings: Vec<(&'static str, String)>, spool: &std::path::Path) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        settings.push(("RECOUP_BIND", format!("127.0.0.1:{port}")));
        settings.push(("RECOUP_SPOOL", spool.display().to_string()));
        settings.push(("RECOUP_LOG", "off".to_owned()));
        Self { settings, child: None, url: format!("http://127.0.0.1:{port}") }
    }

    async fn spawn(&mut self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_recoup"));
        command
            .args(["serve", "--no-worker"])
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (*name, value)));
        self.child = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
        let began = Instant::now();
        while reqwest_client().get(format!("{}/healthz", self.url)).send().await.is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "not serving");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The click id a shopper was sent on with.
fn carried(to: &str) -> Option<ClickId> {
    let to = url::Url::parse(to).ok()?;
    let value = to.query_pairs().find(|(name, _)| name == "rcp")?.1.into_owned();
    ClickId::from_public(&value)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_away_stops_no_shopper_and_loses_no_tap() {
    let Some(cluster) = Cluster::start() else { return };
    let seconds = std::env::var("RECOUP_TEST_OUTAGE").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let story = Story::on(&cluster.url).await;
    let campaign = story.campaign(|_| {}).await;
    let people: Vec<Value> =
        (0..200).map(|n| json!({"key": format!("p{n}"), "phone": format!("+43660{:07}", 1_000_000 + n)})).collect();
    let drawn = story.draw(&campaign, json!(people)).await;
    let slugs: Vec<String> = drawn["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["button_suffix"].as_str().map(str::to_owned))
        .collect();
    let spool = tempfile::tempdir().unwrap();
    let mut node = Node::new(story::pairs(&story.world, &story.url, &cluster.url), &spool.path().join("spool"));
    node.spawn().await;
    // Half of the links are known from memory before it begins; the others are not.
    for slug in &slugs[..slugs.len() / 2] {
        assert_eq!(location(&format!("{}/r/{slug}", node.url), PHONE).await.0, 302);
    }
    let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::<(ClickId, Duration)>::new())));
    let shoppers: Vec<_> = (0..8)
        .map(|shopper| {
            let (stop, sent, slugs, url) = (Arc::clone(&stop), Arc::clone(&sent), slugs.clone(), node.url.clone());
            tokio::spawn(async move {
                let client = reqwest_client();
                for slug in slugs.iter().cycle().skip(shopper * 23) {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let began = Instant::now();
                    let answer =
                        client.get(format!("{url}/r/{slug}")).header("user-agent", PHONE).send().await.unwrap();
                    let took = began.elapsed();
                    assert_eq!(answer.status(), 302);
                    let click = carried(answer.headers()["location"].to_str().unwrap()).expect("a click id");
                    sent.lock().unwrap().push((click, took));
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    cluster.kill();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    stop.store(true, Ordering::Relaxed);
    for shopper in shoppers {
        shopper.await.unwrap();
    }
    // Killed while everything waits in the spool; the next start brings it in.
    node.kill();
    tokio::task::block_in_place(|| cluster.up());
    node.spawn().await;
    let sent = sent.lock().unwrap().clone();
    let wanted: BTreeSet<ClickId> = sent.iter().map(|(click, _)| *click).collect();
    assert_eq!(wanted.len(), sent.len());
    let began = Instant::now();
    loop {
        let rows = Clicks::find().all(story.app.db.read()).await.unwrap_or_default();
        let kept: BTreeSet<ClickId> = rows.iter().map(|click| click.id).collect();
        if kept.is_superset(&wanted) {
            assert_eq!(rows.len(), kept.len(), "nothing doubled");
            assert_eq!(rows.len(), wanted.len() + slugs.len() / 2, "nothing else");
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{} taps are missing", wanted.difference(&kept).count());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut times: Vec<Duration> = sent.iter().map(|(_, took)| *took).collect();
    times.sort();
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!(
        "PostgreSQL away for {seconds} s: {} taps, all sent on (median {median:?}, worst {worst:?}), all kept once",
        sent.len()
    );
    assert!(worst < Duration::from_secs(3), "{worst:?}");
}
