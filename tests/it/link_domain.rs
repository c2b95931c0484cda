//! A link domain is looked at again by itself: it serves when it leads here and its owner says whose it is, rests when that
//! stopped, and is free when its shop leaves. Nobody gets another shop's taps by it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use recoup::simulator::ShopProfile;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use crate::install::reqwest_client;
use crate::story::Story;

/// A name that leads to the app while it is up, and nowhere while it is down.
struct Domain {
    name: String,
    up: Arc<AtomicBool>,
}

impl Domain {
    async fn begin(story: &Story) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let name = format!("localhost:{}", listener.local_addr().unwrap().port());
        let up = Arc::new(AtomicBool::new(false));
        let (leads, app) = (up.clone(), story.url.trim_start_matches("http://").to_owned());
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                let (leads, app) = (leads.clone(), app.clone());
                tokio::spawn(async move {
                    if leads.load(Ordering::SeqCst) {
                        let mut there = TcpStream::connect(app).await.unwrap();
                        let _ = copy_bidirectional(&mut caller, &mut there).await;
                    }
                });
            }
        });
        Self { name, up }
    }

    fn leads_here(&self, up: bool) {
        self.up.store(up, Ordering::SeqCst);
    }
}

async fn settings(story: &Story) -> Value {
    story.report("/api/settings/links").await
}

async fn choose(story: &Story, domain: Value) -> Value {
    let body = json!({"domain": domain});
    let chosen = story.world.merchant_send("PUT", "/api/settings/links", &body).await.unwrap();
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    chosen.json
}

/// The domain's owner writes the record that a shop's settings ask for.
fn named(story: &Story, settings: &Value) {
    let text = |name: &str| settings["proof"][name].as_str().unwrap();
    assert_eq!((text("type"), text("name").starts_with("_recoup.")), ("TXT", true), "{settings}");
    story.world.writes_text(text("name"), text("value"));
}

/// Nobody is named there any more.
fn unnamed(story: &Story, settings: &Value) {
    story.world.removes_texts(settings["proof"]["name"].as_str().unwrap());
}

/// The link of a message made now.
async fn link(story: &Story, campaign: &str, key: &str) -> String {
    let people = json!([{"key": key, "phone": format!("+43660123450{}", key.as_bytes()[0] % 10)}]);
    story.draw(campaign, people).await["messages"][0]["link"].as_str().unwrap().to_owned()
}

async fn leads_to(link: &str) -> String {
    let answer = reqwest_client().get(link).header("user-agent", "Mozilla/5.0 (iPhone) Safari/604.1").send().await;
    let answer = answer.unwrap();
    answer.headers().get("location").map_or_else(String::new, |to| to.to_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_rests_and_serves_again_without_anybody_asking() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let domain = Domain::begin(&story).await;
    let ours = format!("{}/r/", story.url);
    let theirs = format!("http://{}/r/", domain.name);
    // The record is not known yet: looked at by itself, and it says what was seen.
    assert_eq!(choose(&story, json!(domain.name)).await["domain_looked_at"], Value::Null);
    story.settle().await;
    let seen = settings(&story).await;
    assert_eq!((&seen["domain_serves"], seen["domain_looked_at"].is_string()), (&json!(false), true), "{seen}");
    assert!(seen["domain_trouble"].as_str().unwrap().contains("does not answer"), "{seen}");
    assert!(link(&story, &campaign, "a").await.starts_with(&ours));
    // It is: within two minutes, at first. But nothing says that it is this shop's.
    domain.leads_here(true);
    story.pass(120).await;
    let seen = settings(&story).await;
    assert_eq!(seen["domain_serves"], json!(false), "{seen}");
    assert!(seen["domain_trouble"].as_str().unwrap().contains("TXT record at _recoup.localhost"), "{seen}");
    story.world.writes_text(seen["proof"]["name"].as_str().unwrap(), "recoup-shop=somebody-else");
    story.pass(120).await;
    assert_eq!(settings(&story).await["domain_serves"], json!(false));
    named(&story, &seen);
    story.pass(120).await;
    let seen = settings(&story).await;
    assert_eq!((&seen["domain_serves"], &seen["domain_trouble"]), (&json!(true), &Value::Null), "{seen}");
    assert_eq!((&seen["domain_seen"], &seen["domain_failing_since"]), (&json!("It led here."), &Value::Null));
    let old = link(&story, &campaign, "b").await;
    assert!(old.starts_with(&theirs) && leads_to(&old).await.contains("/discount/"), "{old}");
    // What serves is looked at every six to twelve hours.
    let first = seen["domain_looked_at"].clone();
    story.pass(6 * 3_600 - 60).await;
    assert_eq!(settings(&story).await["domain_looked_at"], first);
    story.pass(6 * 3_600 + 120).await;
    assert_ne!(settings(&story).await["domain_looked_at"], first);
    // One failed look flips nothing.
    domain.leads_here(false);
    story.pass(12 * 3_600).await;
    for minutes in [0, 15, 30, 45] {
        let seen = settings(&story).await;
        assert_eq!(
            (&seen["domain_serves"], &seen["domain_trouble"]),
            (&json!(true), &Value::Null),
            "{minutes}: {seen}"
        );
        assert!(seen["domain_seen"].as_str().unwrap().contains("does not answer"), "{seen}");
        assert!(seen["domain_failing_since"].is_string(), "{seen}");
        story.pass(900).await;
    }
    // An hour of them does.
    let seen = settings(&story).await;
    assert_eq!(seen["domain_serves"], json!(false), "{seen}");
    assert!(seen["domain_trouble"].as_str().unwrap().contains("does not answer"), "{seen}");
    assert_eq!(seen["template"]["url"], format!("{ours}{{{{1}}}}"));
    let meanwhile = link(&story, &campaign, "c").await;
    assert!(meanwhile.starts_with(&ours), "{meanwhile}");
    // Mended: it serves again, and links made before lead on at both names.
    domain.leads_here(true);
    story.pass(900).await;
    let seen = settings(&story).await;
    assert_eq!((&seen["domain_serves"], &seen["domain_trouble"]), (&json!(true), &Value::Null), "{seen}");
    assert!(link(&story, &campaign, "d").await.starts_with(&theirs));
    for link in [&old, &old.replace(&theirs, &ours), &meanwhile, &meanwhile.replace(&ours, &theirs)] {
        assert!(leads_to(link).await.contains("collections"), "{link}");
    }
    // The record is taken away: as if it led elsewhere.
    unnamed(&story, &seen);
    story.pass(12 * 3_600).await;
    for _ in 0..5 {
        story.pass(900).await;
    }
    let seen = settings(&story).await;
    assert_eq!(seen["domain_serves"], json!(false), "{seen}");
    assert!(seen["domain_trouble"].as_str().unwrap().contains("TXT record"), "{seen}");
    assert!(leads_to(&old).await.contains("collections"), "its links lead on");
    named(&story, &seen);
    story.pass(900).await;
    assert_eq!(settings(&story).await["domain_serves"], json!(true));
    // Good for another half a day: no look is due.
    story.end().await;
}

/// Another shop of the same world.
struct Other<'s> {
    story: &'s Story,
    domain: String,
}

impl<'s> Other<'s> {
    async fn installs(story: &'s Story) -> Self {
        let usual = ShopProfile::default();
        let other = ShopProfile { domain: "other-shop.myshopify.com".into(), id: usual.id + 1, ..usual };
        let domain = other.domain.clone();
        story.world.add_shop(other);
        assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
        story.settle().await;
        Self { story, domain }
    }

    async fn asks(&self, method: &str, path: &str, body: Value) -> Value {
        let token = self.story.world.id_token(&self.domain);
        let url = format!("{}{path}", self.story.url);
        let asked = reqwest_client().request(method.parse().unwrap(), url).bearer_auth(token).json(&body);
        let answer = asked.send().await.unwrap();
        assert!(answer.status().is_success(), "{method} {path}: {}", answer.status());
        answer.json().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_leaves_gives_its_name_back_at_once_and_gets_it_again_when_it_is_free() {
    let story = Story::begin().await;
    let domain = Domain::begin(&story).await;
    domain.leads_here(true);
    named(&story, &choose(&story, json!(domain.name)).await);
    story.settle().await;
    let campaign = story.campaign(|_| {}).await;
    let old = link(&story, &campaign, "a").await;
    assert!(old.starts_with(&format!("http://{}/r/", domain.name)) && leads_to(&old).await.contains("/discount/"));
    // Somebody else's, even while it rests, although its owner names both.
    let other = Other::installs(&story).await;
    named(&story, &other.asks("PUT", "/api/settings/links", json!({"domain": domain.name})).await);
    story.settle().await;
    let refused = other.asks("GET", "/api/settings/links", Value::Null).await;
    assert!(refused["domain_trouble"].as_str().unwrap().contains("serves another shop"), "{refused}");
    domain.leads_here(false);
    story.pass(13 * 3_600).await;
    for _ in 0..5 {
        story.pass(900).await;
    }
    assert_eq!(settings(&story).await["domain_serves"], json!(false));
    domain.leads_here(true);
    let refused = other.asks("POST", "/api/settings/links/look", json!({})).await;
    assert!(refused["domain_trouble"].as_str().unwrap().contains("serves another shop"), "{refused}");
    story.pass(900).await;
    assert_eq!(settings(&story).await["domain_serves"], json!(true));
    // It leaves: free at once.
    story.world.uninstalls();
    story.arrive().await;
    let taken = other.asks("POST", "/api/settings/links/look", json!({})).await;
    assert_eq!(taken["domain_serves"], json!(true), "{taken}");
    let wanted = json!({"name": "Theirs", "kind": "flow", "link": {"destination": "/pages/theirs"}});
    let theirs = other.asks("POST", "/api/campaigns", wanted).await;
    let path = format!("/api/campaigns/{}/messages", theirs["id"].as_str().unwrap());
    let people = json!({"recipients": [{"key": "b", "phone": "+436601234567"}]});
    let drawn = other.asks("POST", &path, people).await;
    let new = drawn["messages"][0]["link"].as_str().unwrap();
    assert!(new.starts_with(&format!("http://{}/r/", domain.name)), "{new}");
    assert!(leads_to(new).await.contains("/pages/theirs"), "the name speaks for its new shop");
    assert!(!leads_to(&old).await.contains("/pages/theirs"), "a link of the one before is not theirs");
    // It comes back and still asks for the name: told whose it is, and looked at again by itself.
    story.pass(3_600).await;
    story.world.install().await.unwrap();
    story.settle().await;
    let back = settings(&story).await;
    assert_eq!(back["domain"], json!(domain.name));
    assert!(back["domain_trouble"].as_str().unwrap().contains("serves another shop"), "{back}");
    other.asks("PUT", "/api/settings/links", json!({"domain": null})).await;
    story.pass(13 * 3_600).await;
    assert_eq!(settings(&story).await["domain_serves"], json!(true));
    assert!(leads_to(&old).await.contains("collections"));
    story.settle().await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_comes_back_is_asked_for_its_name_at_once() {
    let story = Story::begin().await;
    let domain = Domain::begin(&story).await;
    domain.leads_here(true);
    named(&story, &choose(&story, json!(domain.name)).await);
    story.settle().await;
    assert_eq!(settings(&story).await["domain_serves"], json!(true));
    story.world.uninstalls();
    story.arrive().await;
    // Nobody is looked at who is not here.
    domain.leads_here(false);
    story.pass(20 * 86_400).await;
    domain.leads_here(true);
    story.world.install().await.unwrap();
    let seen = settings(&story).await;
    assert_eq!((&seen["domain_serves"], &seen["domain_seen"]), (&json!(false), &json!("It led here.")), "{seen}");
    story.settle().await;
    assert_eq!(settings(&story).await["domain_serves"], json!(true));
    // A name that stopped leading here is nobody's after a month, and may be another shop's.
    domain.leads_here(false);
    for _ in 0..40 {
        story.pass(86_400).await;
    }
    let other = Other::installs(&story).await;
    domain.leads_here(true);
    named(&story, &other.asks("PUT", "/api/settings/links", json!({"domain": domain.name})).await);
    story.settle().await;
    assert_eq!(other.asks("GET", "/api/settings/links", Value::Null).await["domain_serves"], json!(true));
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_name_is_nobodys() {
    let story = Story::begin().await;
    let own = story.url.trim_start_matches("http://").to_owned();
    for written in [own.clone(), own.to_uppercase(), format!(" {own}. ")] {
        let refused =
            story.world.merchant_send("PUT", "/api/settings/links", &json!({"domain": written})).await.unwrap();
        assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some("domain")), "{}", refused.text);
    }
    // One that was claimed before it was refused, and serves since: it speaks for nobody, and is taken away.
    let wanted = choose(&story, json!("localhost:9999")).await;
    let db = story.app.db.write();
    for sql in [
        format!("UPDATE link_settings SET domain = '{own}', unproved_until = 4000000000000000"),
        format!("UPDATE shops SET link_domain = '{own}', link_domain_rests_at = NULL"),
    ] {
        assert_eq!(db.execute_unprepared(&sql).await.unwrap().rows_affected(), 1, "{sql}");
    }
    story.app.db.changed();
    let campaign = story.campaign(|_| {}).await;
    assert!(leads_to(&link(&story, &campaign, "a").await).await.contains("/discount/"));
    assert_eq!(leads_to(&format!("{}/r/cut-off", story.url)).await, "", "a wrong address there is nobody's");
    story.world.writes_text(&format!("_recoup.{}", own.replace(':', ".")), wanted["proof"]["value"].as_str().unwrap());
    assert_eq!(story.world.merchant_post("/api/settings/links/look", &json!({})).await.unwrap().status, 200);
    let seen = settings(&story).await;
    assert_eq!(seen["domain_serves"], json!(false), "{seen}");
    assert!(seen["domain_trouble"].as_str().unwrap().contains("own name"), "{seen}");
    story.settle().await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_reaches_us_is_not_its_claimants() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let victim = link(&story, &campaign, "a").await;
    let squatter = Other::installs(&story).await;
    // Another name of this very node, and the name that another merchant is about to use.
    let node = story.url.replace("127.0.0.1", "localhost").trim_start_matches("http://").to_owned();
    let domain = Domain::begin(&story).await;
    domain.leads_here(true);
    for name in [&node, &domain.name] {
        let asked = squatter.asks("PUT", "/api/settings/links", json!({"domain": name})).await;
        let seen = squatter.asks("POST", "/api/settings/links/look", json!({})).await;
        assert_eq!(seen["domain_serves"], json!(false), "{seen}");
        // What another shop was given is not theirs.
        let ours = settings(&story).await;
        assert_ne!(asked["proof"]["value"], ours["proof"]["value"]);
        story.world.writes_text(asked["proof"]["name"].as_str().unwrap(), ours["proof"]["value"].as_str().unwrap());
        let seen = squatter.asks("POST", "/api/settings/links/look", json!({})).await;
        assert_eq!(seen["domain_serves"], json!(false), "{seen}");
        assert!(leads_to(&victim.replace(story.url.trim_start_matches("http://"), name)).await.contains("/discount/"));
    }
    // The one it belongs to is served at once.
    choose(&story, json!(domain.name)).await;
    story.settle().await;
    let seen = settings(&story).await;
    assert_eq!(seen["domain_serves"], json!(true), "{seen}");
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_from_before_is_given_time_and_gets_nobodys_taps() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let squatter = Other::installs(&story).await;
    let domain = Domain::begin(&story).await;
    domain.leads_here(true);
    squatter.asks("PUT", "/api/settings/links", json!({"domain": domain.name})).await;
    let shop = ShopProfile::default().id + 1;
    let until = story.clock.now().plus_seconds(14 * 86_400);
    let db = story.app.db.write();
    for sql in [
        format!("UPDATE link_settings SET unproved_until = {} WHERE shop_id = {shop}", until.micros()),
        format!("UPDATE shops SET link_domain = '{}' WHERE shop_id = {shop}", domain.name),
    ] {
        assert_eq!(db.execute_unprepared(&sql).await.unwrap().rows_affected(), 1, "{sql}");
    }
    story.app.db.changed();
    story.settle().await;
    let seen = squatter.asks("GET", "/api/settings/links", Value::Null).await;
    assert_eq!((&seen["domain_serves"], &seen["domain_trouble"]), (&json!(true), &Value::Null), "{seen}");
    assert_eq!(seen["domain_unproved_until"], json!(until.to_string()), "{seen}");
    assert!(seen["domain_seen"].as_str().unwrap().contains("TXT record"), "{seen}");
    // Another shop's link is that shop's there, and a wrong one is nobody's.
    let ours = link(&story, &campaign, "a").await;
    let there = ours.replace(story.url.trim_start_matches("http://"), &domain.name);
    assert!(leads_to(&there).await.contains("/discount/"), "{there}");
    assert_eq!(leads_to(&format!("http://{}/r/cut-off", domain.name)).await, "");
    // Its time is over: it rests.
    story.pass(15 * 86_400).await;
    for _ in 0..5 {
        story.pass(900).await;
    }
    let seen = squatter.asks("GET", "/api/settings/links", Value::Null).await;
    assert_eq!(seen["domain_serves"], json!(false), "{seen}");
    assert!(seen["domain_trouble"].as_str().unwrap().contains("TXT record"), "{seen}");
    // Whoever the owner names gets it at once.
    named(&story, &choose(&story, json!(domain.name)).await);
    story.settle().await;
    assert_eq!(settings(&story).await["domain_serves"], json!(true));
    assert!(link(&story, &campaign, "b").await.starts_with(&format!("http://{}/r/", domain.name)));
    let seen = squatter.asks("POST", "/api/settings/links/look", json!({})).await;
    assert_eq!(seen["domain_serves"], json!(false), "{seen}");
    story.settle().await;
    story.end().await;
}
