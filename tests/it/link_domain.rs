//! A link domain is looked at again by itself: it serves when it leads here, rests when it stopped, and is free when its
//! shop leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use recoup::simulator::ShopProfile;
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
    // It is: within two minutes, at first.
    domain.leads_here(true);
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
    choose(&story, json!(domain.name)).await;
    story.settle().await;
    let campaign = story.campaign(|_| {}).await;
    let old = link(&story, &campaign, "a").await;
    assert!(old.starts_with(&format!("http://{}/r/", domain.name)) && leads_to(&old).await.contains("/discount/"));
    // Somebody else's, even while it rests.
    let other = Other::installs(&story).await;
    other.asks("PUT", "/api/settings/links", json!({"domain": domain.name})).await;
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
    assert!(!leads_to(&old).await.contains("/discount/"), "and no longer for the one before");
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
    choose(&story, json!(domain.name)).await;
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
    other.asks("PUT", "/api/settings/links", json!({"domain": domain.name})).await;
    story.settle().await;
    assert_eq!(other.asks("GET", "/api/settings/links", Value::Null).await["domain_serves"], json!(true));
    story.end().await;
}
