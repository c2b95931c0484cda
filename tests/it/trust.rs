//! Tokens, ID tokens, embedding, and the life and death of a shop.

use std::time::Duration;

use recoup::app::App;
use recoup::cli::start;
use recoup::kernel::{Chance, Timestamp};
use recoup::rotation;
use recoup::shops::{self, Shop, Shops};
use recoup::simulator::{Answer, Fault, Settings, World};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::{self, Engine, Story};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

async fn shop_of(app: &App) -> Shop {
    Shops::find().one(app.db.read()).await.unwrap().unwrap()
}

async fn token(app: &App) -> Result<String, shops::InstallError> {
    use secrecy::ExposeSecret;
    let token = shops::access_token(app, &shop_of(app).await, app.clock.now()).await?;
    Ok(token.expose_secret().to_owned())
}

async fn execute(app: &App, sql: &str) {
    app.db.write().execute_unprepared(sql).await.unwrap();
}

async fn one_text(app: &App, sql: &str) -> Option<String> {
    let backend = app.db.read().get_database_backend();
    let row = app.db.read().query_one_raw(Statement::from_string(backend, sql)).await.unwrap();
    row.and_then(|row| row.try_get_by_index(0).unwrap())
}

async fn one_number(app: &App, sql: &str) -> i64 {
    let backend = app.db.read().get_database_backend();
    let row = app.db.read().query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// The same program once more, on a connection of its own.
async fn another(story: &Story, change: impl FnOnce(&mut recoup::config::Config)) -> App {
    let mut config = story.app.config.clone();
    change(&mut config);
    start::open(config, story.clock.clone(), Chance::seeded(99)).await.unwrap()
}

/// Asks the shop something through the one function every room uses.
async fn ask(app: &App) -> Result<String, shops::CallError<recoup::shopify::admin::AdminError>> {
    let shop = shop_of(app).await;
    let asked = shops::call(app, &shop, app.clock.now(), |domain, token| async move {
        recoup::shopify::admin::shop::shop_info(&app.admin, &domain, &token).await
    });
    asked.await.map(|info| info.name)
}

// Tokens.

#[tokio::test]
async fn of_many_refreshers_one_refreshes() {
    let story = Story::begin().await;
    let other = another(&story, |_| {}).await;
    story.clock.advance_to(story.clock.now().plus_seconds(2 * HOUR));
    story.world.fault(Fault::TokenWaits(300, 1));
    let (a, b) = (&story.app, &other);
    let tokens = futures::future::join_all([a, b, a, b, a, b].into_iter().map(token)).await;
    let tokens: Vec<String> = tokens.into_iter().map(Result::unwrap).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]), "all speak with the new token");
    assert_eq!(story.world.token_calls().refreshes, 1);
    assert!(ask(b).await.is_ok());
    // While it is good a token is not renewed; shortly before its end, who loses the lease uses the old one at once.
    story.clock.advance_to(story.clock.now().plus_seconds(HOUR - 200));
    story.world.fault(Fault::TokenWaits(300, 1));
    let tokens = futures::future::join_all([a, b, a, b].into_iter().map(token)).await;
    assert!(tokens.iter().all(Result::is_ok));
    assert_eq!(story.world.token_calls().refreshes, 2);
    story.end().await;
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_old_refresh_token() {
    let story = Story::begin().await;
    for (lost, status) in [(1, 504), (2, 200), (3, 502)] {
        story.clock.advance_to(story.clock.now().plus_seconds(2 * HOUR));
        story.world.fault(Fault::TokenAnswersLost(status, lost));
        for _ in 0..lost {
            assert!(token(&story.app).await.is_err(), "the answer was lost");
        }
        assert!(token(&story.app).await.is_ok(), "repaired without the merchant");
        assert_eq!(ask(&story.app).await.unwrap(), "Alpenglow");
    }
    // Killed between Shopify's answer and our commit: the lease runs out, the next one asks with the same token.
    story.clock.advance_to(story.clock.now().plus_seconds(2 * HOUR));
    execute(
        &story.app,
        &format!(
            "UPDATE tokens SET lease_no = lease_no + 1, lease_until = {}",
            story.clock.now().plus_seconds(-1).micros()
        ),
    )
    .await;
    assert!(token(&story.app).await.is_ok());
    assert_eq!(story.report("/api/shop").await["needs_reopening"], json!(false));
    story.end().await;
}

#[tokio::test]
async fn an_exchange_wins_over_a_refresh() {
    let story = Story::begin().await;
    story.clock.advance_to(story.clock.now().plus_seconds(2 * HOUR));
    // The shop's scopes changed, so the merchant's next opening exchanges; a refresh is under way meanwhile.
    execute(&story.app, "UPDATE tokens SET scopes = 'read_orders'").await;
    story.world.fault(Fault::TokenWaits(600, 1));
    let domain = story.world.shop_domain();
    let opened = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        story.world.opens_app(&domain).await.unwrap()
    };
    let (refreshed, opened) = tokio::join!(token(&story.app), opened);
    assert_eq!(opened.status, 200, "{}", opened.text);
    let kept = token(&story.app).await.unwrap();
    assert_eq!(refreshed.unwrap(), kept, "the refresher goes on with the exchange's token");
    assert_eq!(story.world.token_calls().exchanges, 2);
    assert_eq!(story.report("/api/shop").await["needs_reopening"], json!(false));
    // The pair that was kept is the living one.
    story.clock.advance_to(story.clock.now().plus_seconds(2 * HOUR));
    assert!(ask(&story.app).await.is_ok());
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn a_refresh_that_finishes_after_an_exchange_overwrites_nothing() {
    let story = Story::begin().await;
    story.clock.advance_to(story.clock.now().plus_seconds(2 * HOUR));
    let lease = "UPDATE tokens SET lease_no = lease_no + 1, lease_until = NULL, version = version + 1";
    story.world.fault(Fault::TokenWaits(300, 1));
    let exchanged = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        execute(&story.app, lease).await;
    };
    let before = one_text(&story.app, "SELECT access_sealed FROM tokens").await;
    let (_, ()) = tokio::join!(token(&story.app), exchanged);
    assert_eq!(one_text(&story.app, "SELECT access_sealed FROM tokens").await, before);
    story.end().await;
}

#[tokio::test]
async fn an_idle_shop_is_kept_alive() {
    let story = Story::begin().await;
    // Reading again calls Shopify every hour, looking after the pixel every day, and nothing is idle then.
    execute(&story.app, "DELETE FROM jobs WHERE kind IN ('catchup.read', 'pixel.switch_on')").await;
    for _ in 0..120 {
        story.pass(DAY).await;
    }
    let refreshes = story.world.token_calls().refreshes;
    assert!((7..=10).contains(&refreshes), "once a fortnight, not {refreshes} times in 120 days");
    assert!(ask(&story.app).await.is_ok(), "120 days without the merchant, and we may still speak");
    // A pair that work has renewed is left alone.
    let before = story.world.token_calls().refreshes;
    story.pass(13 * DAY).await;
    assert!(story.world.token_calls().refreshes <= before + 1);
    story.end().await;
}

#[tokio::test]
async fn a_token_of_the_old_kind_is_traded_once() {
    let story = Story::begin().await;
    let old = story.world.token_of_the_old_kind();
    let shop = shop_of(&story.app).await;
    let sealed = story.app.vault.seal(shop.shop_id, "tokens.access", old.as_bytes());
    let forever = Timestamp::FOREVER.micros();
    execute(&story.app, &format!("UPDATE tokens SET access_sealed = '{sealed}', refresh_sealed = '', access_expires_at = {forever}, refresh_expires_at = {forever}")).await;
    let other = another(&story, |_| {}).await;
    story.world.fault(Fault::TokenWaits(200, 1));
    let (a, b) = tokio::join!(token(&story.app), token(&other));
    assert_eq!(a.unwrap(), b.unwrap());
    assert_eq!(story.world.token_calls().migrations, 1);
    assert!(ask(&story.app).await.is_ok());
    story.clock.advance_to(story.clock.now().plus_seconds(2 * HOUR));
    assert!(ask(&story.app).await.is_ok(), "and is refreshed like any other");
    assert_eq!(story.world.token_calls().migrations, 1);
    story.end().await;
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_repeated() {
    let story = Story::begin().await;
    story.world.fault(Fault::AccessTokensVoid);
    assert!(ask(&story.app).await.is_ok());
    assert_eq!(story.world.token_calls().refreshes, 1);
    story.world.fault(Fault::AllTokensVoid);
    assert!(matches!(ask(&story.app).await, Err(shops::CallError::Token(shops::InstallError::NeedsReopening))));
    let about = story.report("/api/shop").await;
    assert_eq!(about["needs_reopening"], json!(true));
    assert!(about["reopening"]["since"].is_string() && about["reopening"]["reason"].as_str().unwrap().len() > 20);
    // Nobody hammers meanwhile, and the merchant's opening repairs it.
    let calls = story.world.admin_calls();
    assert!(ask(&story.app).await.is_err());
    assert_eq!(story.world.admin_calls(), calls);
    assert_eq!(story.world.opens_app(&story.world.shop_domain()).await.unwrap().status, 200);
    assert!(ask(&story.app).await.is_ok());
    assert_eq!(story.report("/api/shop").await["reopening"], json!(null));
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn two_loads_at_once_exchange_once() {
    let story = Story::before_install(Engine::Asked, |_| {}).await;
    let domain = story.world.shop_domain();
    story.world.fault(Fault::TokenWaits(200, 1));
    let loads = futures::future::join_all((0..4).map(|_| story.world.opens_app(&domain))).await;
    assert!(loads.into_iter().all(|load| load.unwrap().status == 200));
    assert_eq!(story.world.token_calls().exchanges, 1);
    story.settle().await;
    story.end().await;
}

// The shop.

#[tokio::test]
async fn scopes_are_followed() {
    let story = Story::begin().await;
    assert_eq!(story.report("/api/shop").await["missing_scopes"], json!([]));
    story.world.grants(&["read_orders", "read_discounts"]);
    story.pass(2 * DAY).await;
    story.arrive().await;
    let about = story.report("/api/shop").await;
    assert!(about["missing_scopes"].as_array().unwrap().contains(&json!("write_discounts")), "{about}");
    // What the shop grants is not what the pair was granted: the next opening exchanges, once.
    let domain = story.world.shop_domain();
    let before = story.world.token_calls().exchanges;
    for _ in 0..3 {
        assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
    }
    assert_eq!(story.world.token_calls().exchanges, before + 1);
    // A late update from before tells nothing new.
    let old = json!({"shop_id": "gid://shopify/Shop/548380010", "previous": [], "current": "read_products"});
    let late = story.world.delivery("app/scopes_update", &old).triggered_at(story.clock.now().plus_seconds(-3 * DAY));
    assert_eq!(late.send().await.unwrap().status, 200);
    story.settle().await;
    let scopes = shop_of(&story.app).await.scopes;
    assert_eq!(scopes, "read_discounts,read_orders");
    // Granted again: the opening repairs it.
    story.clock.advance_to(story.clock.now().plus_seconds(2 * HOUR));
    story.world.grants(&["read_orders", "write_discounts", "read_customers", "write_pixels", "read_customer_events"]);
    assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
    assert_eq!(story.report("/api/shop").await["missing_scopes"], json!([]));
    story.pass(2 * DAY).await;
    story.arrive().await;
    story.end().await;
}

#[tokio::test]
async fn a_frozen_shop_is_left_alone_and_nothing_dies() {
    let story = Story::begin().await;
    story.world.fault(Fault::Frozen(402));
    let body = json!({"name": "Winback", "kind": "flow", "offer": {"type": "percentage", "percentage": "15"}, "expiry": {"after_seconds": 172_800}});
    assert_eq!(story.world.platform_post("/api/campaigns", &body).await.unwrap().status, 201);
    story.settle().await;
    let since = story.report("/api/shop").await["frozen_since"].clone();
    assert!(since.is_string());
    let before = story.world.admin_calls();
    for _ in 0..(3 * 24 * 6) {
        story.pass(600).await;
    }
    let calls = story.world.admin_calls() - before;
    assert!((30..=80).contains(&calls), "about one probe an hour in three days, not {calls}");
    assert_eq!(story.report("/api/shop").await["frozen_since"], since);
    assert_eq!(one_number(&story.app, "SELECT count(*) FROM jobs WHERE state = 'dead'").await, 0);
    let reason = one_text(&story.app, "SELECT last_error FROM jobs WHERE kind = 'codes.fill'").await.unwrap();
    assert!(reason.contains("frozen"), "{reason}");
    story.world.fault(Fault::Frozen(0));
    for _ in 0..20 {
        story.pass(400).await;
    }
    assert_eq!(story.report("/api/shop").await["frozen_since"], json!(null));
    assert!(!story.world.redeem_codes().is_empty(), "and the work went on by itself");
    story.end().await;
}

#[tokio::test]
async fn another_api_version_is_noticed() {
    let story = Story::begin().await;
    story.world.fault(Fault::Serves("2027-07"));
    assert!(ask(&story.app).await.is_ok());
    let fallen = story.report("/api/shop").await["fallen_forward"].clone();
    assert_eq!((fallen["asked"].as_str(), fallen["served"].as_str()), (Some("2026-10"), Some("2027-07")));
    assert_eq!(shops::health(story.app.db.read()).await.unwrap().fallen_forward, 1);
    story.world.fault(Fault::Serves(""));
    assert!(ask(&story.app).await.is_ok());
    assert_eq!(story.report("/api/shop").await["fallen_forward"], json!(null));
    story.end().await;
}

fn left(world: &World) -> Value {
    json!({"id": 548_380_010, "name": "Alpenglow", "myshopify_domain": world.shop_domain(), "domain": world.shop_domain()})
}

#[tokio::test]
async fn a_shop_leaves_at_once_and_a_late_farewell_ends_no_new_installation() {
    let story = Story::begin().await;
    let domain = story.world.shop_domain();
    story.world.uninstalls();
    story.pass(2 * DAY).await;
    story.arrive().await;
    let gone = story.world.merchant_get("/api/shop").await.unwrap();
    assert_eq!((gone.status, gone.json["code"].as_str()), (401, Some("reauthorize")), "known on this node at once");
    assert_eq!(story.world.platform_get("/api/campaigns").await.unwrap().status, 401, "its keys ended with it");
    assert_eq!(one_number(&story.app, "SELECT count(*) FROM tokens").await, 0);
    // Back again; the farewell of the first life comes once more, a day late.
    let left_at = story.clock.now().plus_seconds(-HOUR);
    story.world.install().await.unwrap();
    let installed_at = shop_of(&story.app).await.installed_at;
    let farewell = left(&story.world);
    let late = story.world.delivery("app/uninstalled", &farewell).triggered_at(left_at).with_id("late-1");
    assert_eq!(late.send().await.unwrap().status, 200);
    story.settle().await;
    assert_eq!(story.report("/api/shop").await["needs_reopening"], json!(false));
    // Removed and added within minutes, and opened before we heard of it: still installed, one opening mends the token.
    story.pass(DAY).await;
    let removed_at = story.clock.now();
    story.world.fault(Fault::AllTokensVoid);
    story.clock.advance_to(removed_at.plus_seconds(60));
    assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
    let late = story.world.delivery("app/uninstalled", &farewell).triggered_at(removed_at).with_id("late-2");
    assert_eq!(late.send().await.unwrap().status, 200);
    story.settle().await;
    let shop = shop_of(&story.app).await;
    assert!(shop.installed() && shop.installed_at == installed_at);
    assert_eq!(story.report("/api/shop").await["needs_reopening"], json!(true));
    assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
    assert!(ask(&story.app).await.is_ok());
    // However new a farewell calls itself, Shopify decides.
    story.pass(7_200).await;
    let replayed = story.world.delivery("app/uninstalled", &farewell).triggered_at(story.clock.now()).with_id("again");
    assert_eq!(replayed.send().await.unwrap().status, 200);
    story.pass(7_200).await;
    assert!(shop_of(&story.app).await.installed());
    story.world.uninstalls();
    story.arrive().await;
    assert!(!shop_of(&story.app).await.installed());
    story.end().await;
}

// Keys.

fn key(byte: u8) -> zeroize::Zeroizing<[u8; 32]> {
    zeroize::Zeroizing::new([byte; 32])
}

#[tokio::test]
async fn keys_rotate_under_use() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story
        .draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}, {"key": "b", "phone": "+436601234568"}]))
        .await;
    let farewell = json!({"shop_id": 548_380_010, "shop_domain": story.world.shop_domain(), "customer": {"id": 1}});
    story.world.deliver("customers/data_request", &farewell).await.unwrap();
    story.world.delivery("orders/paid", &json!({"id": 1})).from_shop("nobody.myshopify.com").send().await.unwrap();
    story.settle().await;
    let rotating = another(&story, |config| {
        config.keys.previous = Some(key(7));
        config.keys.current = key(8);
    })
    .await;
    let before = rotation::count(rotating.db.read(), &rotating.vault).await.unwrap();
    assert!(before.previous >= 8 && before.strange == 0, "{before:?}");
    // In use all the while: what the old key sealed opens, what is written now is sealed with the new one.
    assert!(ask(&rotating).await.is_ok());
    rotation::stand(&rotating).await.unwrap();
    let worker = recoup::worker::worker(rotating.clone());
    recoup::jobs::settle(&worker).await.unwrap();
    assert!(ask(&rotating).await.is_ok());
    let after = rotation::count(rotating.db.read(), &rotating.vault).await.unwrap();
    assert_eq!((after.previous, after.strange), (0, 0));
    // Everything opens with the new key alone, the pepper too: links, look-ups and holdouts are what they were.
    let alone = another(&story, |config| config.keys.current = key(8)).await;
    assert!(ask(&alone).await.is_ok());
    assert_eq!(
        alone.vault.lookup(shop_of(&alone).await.shop_id, "phone", "x"),
        story.app.vault.lookup(shop_of(&alone).await.shop_id, "phone", "x")
    );
    let counted = rotation::count(alone.db.read(), &alone.vault).await.unwrap();
    assert_eq!((counted.previous, counted.strange), (0, 0));
    for delivery in recoup::webhooks::Deliveries::find().all(alone.db.read()).await.unwrap() {
        assert!(delivery.body(&alone.vault).is_ok());
    }
    let mut config = story.app.config.clone();
    config.keys.current = key(7);
    let old = start::open(config, story.clock.clone(), Chance::seeded(5)).await;
    assert!(format!("{:#}", old.unwrap_err()).contains("RECOUP_KEY"), "the old key alone opens nothing any more");
    // A value nobody can open is counted and harms no other.
    execute(&alone, "UPDATE tokens SET refresh_sealed = 'v1.00000000.AAAA.AAAA'").await;
    assert_eq!(rotation::count(alone.db.read(), &alone.vault).await.unwrap().strange, 1);
    assert_eq!(drawn["messages"].as_array().unwrap().len(), 2);
}

#[test]
fn everything_that_is_sealed_is_on_the_list() {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src];
    let mut labels = std::collections::BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let tests = path.file_name().is_some_and(|name| name == "tests.rs" || name == "secret.rs");
            if tests || path.iter().any(|part| part == "rotation" || part == "simulator") || !text.contains("seal") {
                continue;
            }
            // A label is `table.column`: a literal with one dot, both halves snake case.
            for word in text.split('"').skip(1).step_by(2) {
                let snake = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                if word.split_once('.').is_some_and(|(table, column)| {
                    snake(table) && snake(column) && migrations::TENANT_TABLES.contains(&table)
                }) {
                    labels.insert(word.to_owned());
                }
            }
        }
    }
    // Sealed under the recipient's own key, which is sealed under the root.
    labels.remove("recipients.contact");
    let listed = rotation::SEALED.iter().map(|sealed| sealed.label.to_owned()).collect();
    assert_eq!(labels, listed, "src/rotation/sealed.rs lists what is sealed");
}

// ID tokens.

fn claims(world: &World, now: i64) -> Value {
    let domain = world.shop_domain();
    json!({"iss": format!("https://{domain}/admin"), "dest": format!("https://{domain}"), "aud": "pretend-client",
        "sub": "42", "exp": now + 60, "nbf": now, "iat": now, "jti": "j", "sid": "s"})
}

fn jwt(header: &Value, claims: &Value, secret: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    let tag = recoup::kernel::secret::hmac_sha256(secret.as_bytes(), &[signed.as_bytes()]);
    format!("{signed}.{}", BASE64.encode(tag))
}

#[tokio::test]
async fn tokens_that_are_wrong_in_one_thing_are_refused() {
    let story = Story::begin().await;
    let now = story.clock.now().seconds();
    let secret = Settings::new(0, recoup::kernel::Clock::System).client_secret;
    let header = json!({"alg": "HS256", "typ": "JWT"});
    let good = claims(&story.world, now);
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        jwt(&header, &changed, &secret)
    };
    let without = |name: &str| {
        let mut changed = good.clone();
        changed.as_object_mut().unwrap().remove(name);
        jwt(&header, &changed, &secret)
    };
    let headed = |header: Value| jwt(&header, &good, &secret);
    let sound = jwt(&header, &good, &secret);
    let (signed, tag) = sound.rsplit_once('.').unwrap();
    let flipped = format!("{signed}.{}{}", if tag.starts_with('A') { "B" } else { "A" }, &tag[1..]);
    let wrong = vec![
        ("another secret", jwt(&header, &good, "another secret")),
        ("an empty secret", jwt(&header, &good, "")),
        ("a changed signature", flipped),
        ("no signature", format!("{signed}.")),
        ("two segments", signed.to_owned()),
        ("four segments", format!("{sound}.x")),
        ("alg none", headed(json!({"alg": "none", "typ": "JWT"}))),
        ("alg in another case", headed(json!({"alg": "hs256", "typ": "JWT"}))),
        ("alg HS512", headed(json!({"alg": "HS512", "typ": "JWT"}))),
        ("alg RS256", headed(json!({"alg": "RS256", "typ": "JWT"}))),
        ("no alg", headed(json!({"typ": "JWT"}))),
        ("a critical member", headed(json!({"alg": "HS256", "typ": "JWT", "crit": ["x"]}))),
        ("another app", with("aud", json!("another-client"))),
        ("a list of apps", with("aud", json!(["pretend-client"]))),
        ("expired", with("exp", json!(now - 11))),
        ("not yet", with("nbf", json!(now + 11))),
        ("another issuer", with("iss", json!("https://bea.myshopify.com/admin"))),
        ("an issuer that is no shop", with("iss", json!("https://evil.example/admin"))),
        ("another shop", with("dest", json!("https://bea.myshopify.com"))),
        ("no shop", with("dest", json!("https://evil.example"))),
        ("a shop over http", with("dest", json!("http://alpenglow.myshopify.com"))),
        ("no exp", without("exp")),
        ("no nbf", without("nbf")),
        ("no iss", without("iss")),
        ("no dest", without("dest")),
        ("no aud", without("aud")),
        ("exp as text", with("exp", json!((now + 60).to_string()))),
        ("nothing", String::new()),
    ];
    let client = reqwest_client();
    let get = |token: &str| client.get(format!("{}/api/shop", story.url)).bearer_auth(token).send();
    assert_eq!(get(&sound).await.unwrap().status(), 200);
    for (what, token) in &wrong {
        let refused = get(token).await.unwrap();
        assert_eq!(refused.status(), 401, "{what}");
        assert_eq!(refused.headers()["content-type"], "application/problem+json", "{what}");
    }
    assert!(wrong.len() >= 20);
    story.end().await;
}

#[tokio::test]
async fn a_fetch_is_asked_to_come_again_once() {
    let story = Story::begin().await;
    let client = reqwest_client();
    let asked = async |path: &str, token: &str| {
        let answer = client.get(format!("{}{path}", story.url)).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.headers().contains_key("x-shopify-retry-invalid-session-request"))
    };
    assert_eq!(asked("/api/shop", "stale").await, (401, true));
    assert_eq!(asked("/api/shop", "stale").await, (401, false), "who is refused again gets a plain 401");
    assert_eq!(asked("/api/settings", "stale").await, (401, true), "another call is another matter");
    assert_eq!(asked("/?shop=alpenglow.myshopify.com", "stale").await, (401, true));
    assert_eq!(asked("/?shop=alpenglow.myshopify.com", "stale").await, (401, false));
    story.end().await;
}

// Embedding.

async fn navigate(story: &Story, path: &str) -> Answer {
    let answer = reqwest_client()
        .get(format!("{}{path}", story.url))
        .header("accept", "text/html,application/xhtml+xml")
        .header("sec-fetch-mode", "navigate")
        .send()
        .await
        .unwrap();
    let headers = answer.headers().iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap_or_default().to_owned()));
    let (status, headers) = (answer.status().as_u16(), headers.collect());
    let text = answer.text().await.unwrap();
    Answer { status, headers, json: serde_json::from_str(&text).unwrap_or_default(), text }
}

fn ancestors(answer: &Answer) -> &str {
    let policy = answer.header("content-security-policy").expect("every page says who may frame it");
    policy.split("frame-ancestors ").nth(1).unwrap().split(';').next().unwrap().trim()
}

#[tokio::test]
async fn every_page_says_who_may_frame_it() {
    let story = Story::begin().await;
    let domain = story.world.shop_domain();
    let ours = format!("{} https://admin.shopify.com", story.world.admin_origin());
    let load = format!("/?{}", story.world.load_query(&domain));
    let named = format!("/auth/bounce?shop={domain}");
    let leaves = format!("/auth/exit-iframe?shop={domain}&exitIframe=https%3A%2F%2Fadmin.shopify.com%2Fstore%2Fx");
    let pages = [
        (load.as_str(), 200, ours.as_str()),
        (&named, 200, &ours),
        (&leaves, 200, &ours),
        ("/auth/bounce", 200, "'none'"),
        ("/auth/bounce?shop=evil.example", 200, "'none'"),
        ("/auth/bounce?shop=x.myshopify.com%3B%20frame-ancestors%20*", 200, "'none'"),
        ("/auth/exit-iframe?exitIframe=https%3A%2F%2Fevil.example", 400, "'none'"),
        ("/auth/callback", 401, "'none'"),
        ("/auth", 400, "'none'"),
        ("/", 200, "'none'"),
        ("/orders/1", 200, "'none'"),
        ("/?shop=evil.example", 400, "'none'"),
        ("/?shop=x.myshopify.com&hmac=00", 400, "'none'"),
        ("/r/nothing-like-this", 404, "'none'"),
        ("/nowhere", 404, "'none'"),
        ("/api/shop", 401, "'none'"),
    ];
    for (path, status, frame) in pages {
        let page = navigate(&story, path).await;
        assert_eq!(page.status, status, "{path}: {}", page.text);
        assert!(page.header("content-type").unwrap().starts_with("text/html"), "{path}");
        assert_eq!(ancestors(&page), frame, "{path}");
        assert!(page.header("x-frame-options").is_none(), "{path}");
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert!(!page.text.contains("evil.example"), "{path}");
    }
    // A proven shop whose page fails still gets its page, in its frame.
    story.world.fault(Fault::TokenAnswers(500, 1));
    execute(&story.app, "UPDATE tokens SET reopen_since = 1").await;
    let failed = navigate(&story, &format!("/?{}", story.world.load_query(&domain))).await;
    assert_eq!((failed.status, ancestors(&failed)), (503, ours.as_str()));
    // A program that asks for the same gets the problem document.
    let json = story.world.opens_app(&domain).await.unwrap();
    assert_eq!(json.status, 200);
    let none = reqwest_client().get(format!("{}/nowhere", story.url)).send().await.unwrap();
    assert_eq!(none.headers()["content-type"], "application/problem+json");
    // Not embedded: nobody frames anything.
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn the_signature_of_a_load_is_a_second_check() {
    let story = Story::begin().await;
    let domain = story.world.shop_domain();
    let good = story.world.load_query(&domain);
    assert_eq!(navigate(&story, &format!("/?{good}")).await.status, 200);
    let forged = navigate(&story, &format!("/?{}", good.replace("locale=en", "locale=de"))).await;
    assert_eq!(forged.status, 400, "a wrong signature is refused though the ID token is good");
    let unsigned = good.split('&').filter(|pair| !pair.starts_with("hmac=")).collect::<Vec<_>>().join("&");
    assert_eq!(
        navigate(&story, &format!("/?{unsigned}")).await.status,
        200,
        "an absent one is allowed with a proven token"
    );
    // Another shop's token beside this shop's signature cannot be: the signature covers the token. A signed load
    // without a token is sent for one.
    story.clock.advance_to(story.clock.now().plus_seconds(100));
    let stale = navigate(&story, &format!("/?{good}")).await;
    assert_eq!(stale.status, 302, "an old page loaded again is sent for a fresh token");
    let location = stale.header("location").unwrap();
    assert!(location.starts_with("/auth/bounce?") && !location.contains("id_token"), "{location}");
    assert_eq!(stale.header("referrer-policy"), Some("no-referrer"));
    let reload = reload_of(location);
    assert!(
        reload.starts_with(&format!("{}/?", story.url)) && reload.contains("host=") && !reload.contains("hmac="),
        "{reload}"
    );
    story.end().await;
}

fn reload_of(location: &str) -> String {
    let query = location.split_once('?').unwrap().1;
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "shopify-reload");
    found.unwrap().1.into_owned()
}

#[tokio::test]
async fn a_loop_of_bounces_ends() {
    let story = Story::begin().await;
    let mut path = "/?embedded=1&shop=alpenglow.myshopify.com&id_token=bad".to_owned();
    for _ in 0..3 {
        let bounced = navigate(&story, &path).await;
        assert_eq!(bounced.status, 302);
        let reload = reload_of(bounced.header("location").unwrap());
        path = format!("{}&id_token=bad", reload.strip_prefix(&story.url).unwrap());
    }
    let stopped = navigate(&story, &path).await;
    assert_eq!(stopped.status, 401, "{}", stopped.text);
    // A minute later it is no loop any more.
    story.clock.advance_to(story.clock.now().plus_seconds(61));
    assert_eq!(navigate(&story, &path).await.status, 302);
    story.end().await;
}

#[tokio::test]
async fn outside_the_admin_the_way_leads_into_it_and_nowhere_else() {
    use base64::Engine;
    let story = Story::begin().await;
    let host = |text: &str| {
        let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(text);
        format!("/?host={}", text.replace('+', "%2B").replace('/', "%2F"))
    };
    let inside = navigate(&story, &host("admin.shopify.com/store/alpenglow")).await;
    let admin = "https://admin.shopify.com/store/alpenglow/apps/pretend-client";
    assert_eq!((inside.status, inside.header("location")), (302, Some(admin)));
    let by_name = navigate(&story, "/?shop=alpenglow.myshopify.com").await;
    assert_eq!((by_name.status, by_name.header("location")), (302, Some(admin)));
    for wrong in [
        "evil.example/store/alpenglow",
        "admin.shopify.com.evil.example",
        "admin.shopify.com@evil.example/",
        "evil.example#admin.shopify.com",
        "evil.example?x=.shopify.com",
        "evilshopify.com/store/x",
        "shopify.com:8443/store/x",
        "evil.example\\.shopify.com",
        "",
        "/",
    ] {
        assert_eq!(navigate(&story, &host(wrong)).await.status, 400, "{wrong}");
    }
    assert_eq!(navigate(&story, "/?host=%%%").await.status, 400);
    for target in [
        "https://evil.example/",
        "http://admin.shopify.com/",
        "javascript:alert(1)",
        "//evil.example",
        "/admin",
        "https://admin.shopify.com@evil.example/",
        "https://admin.shopify.com.evil.example/",
        "https://bea.myshopify.com/",
        "https://alpenglow.myshopify.com/",
        "data:text/html,x",
        "",
        "https://admin.shopify.com:444/",
    ] {
        let encoded: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        let page =
            navigate(&story, &format!("/auth/exit-iframe?shop=alpenglow.myshopify.com&exitIframe={encoded}")).await;
        assert_eq!(page.status, 400, "{target}");
    }
    let hostile = "https://admin.shopify.com/store/x?a=</script><script>alert(1)</script>&id_token=secret";
    let encoded: String = url::form_urlencoded::byte_serialize(hostile.as_bytes()).collect();
    let page = navigate(&story, &format!("/auth/exit-iframe?exitIframe={encoded}")).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("alert(1)</script>") && !page.text.contains("secret"), "{}", page.text);
    let nonce = page.text.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(page.header("content-security-policy").unwrap().contains(&format!("'nonce-{nonce}'")));
    // The shop itself is on the list once it is proven.
    let token = story.world.id_token("alpenglow.myshopify.com");
    let own = format!("/auth/exit-iframe?exitIframe=https%3A%2F%2Falpenglow.myshopify.com%2Fadmin&id_token={token}");
    assert_eq!(navigate(&story, &own).await.status, 200);
    story.end().await;
}

// The authorization code grant.

/// Begins a grant; the cookie and where Shopify sends the browser back to.
async fn begun(story: &Story) -> (String, String) {
    let begun = navigate(story, "/auth?shop=alpenglow.myshopify.com").await;
    assert_eq!(begun.status, 302, "{}", begun.text);
    let cookie = begun.header("set-cookie").unwrap().to_owned();
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/auth/callback", "Max-Age=60"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let authorize = begun.header("location").unwrap();
    assert!(
        authorize.contains("/alpenglow.myshopify.com/admin/oauth/authorize?client_id=pretend-client&redirect_uri=")
    );
    assert!(!authorize.contains("scope="), "scopes stand in the app's configuration");
    let back = reqwest_client().get(authorize).send().await.unwrap();
    let back = back.headers()["location"].to_str().unwrap().strip_prefix(&story.url).unwrap().to_owned();
    (cookie.split(';').next().unwrap().to_owned(), back)
}

async fn comes_back(story: &Story, path: &str, cookie: Option<&str>) -> reqwest::Response {
    let request = reqwest_client().get(format!("{}{path}", story.url));
    cookie.map_or(request.try_clone().unwrap(), |cookie| request.header("cookie", cookie)).send().await.unwrap()
}

#[tokio::test]
async fn a_code_grant_installs_once_and_every_flaw_ends_it() {
    let story = Story::before_install(Engine::Asked, |_| {}).await;
    let asked = || {
        let calls = story.world.token_calls();
        calls.codes + calls.exchanges
    };
    let (cookie, back) = begun(&story).await;
    let (other_cookie, _) = begun(&story).await;
    let flaws = [
        ("no cookie", back.clone(), None),
        ("another cookie", back.clone(), Some(other_cookie.clone())),
        ("a changed cookie", back.clone(), Some(format!("{}0", &cookie[..cookie.len() - 1]))),
        ("a changed state", back.replacen("state=", "state=0", 1), Some(cookie.clone())),
        ("a changed code", back.replacen("code=", "code=x", 1), Some(cookie.clone())),
        ("another shop", back.replacen("shop=alpenglow", "shop=bea", 1), Some(cookie.clone())),
        ("no signature", back.split("&hmac=").next().unwrap().to_owned(), Some(cookie.clone())),
        ("a doubled parameter", format!("{back}&shop=alpenglow.myshopify.com"), Some(cookie.clone())),
        ("nothing", "/auth/callback".to_owned(), Some(cookie.clone())),
    ];
    for (what, path, cookie) in &flaws {
        let refused = comes_back(&story, path, cookie.as_deref()).await;
        assert_eq!(refused.status(), 401, "{what}");
        assert!(refused.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"), "{what}");
    }
    assert_eq!(asked(), 0, "nobody was asked for a token");
    // Good, once.
    let done = comes_back(&story, &back, Some(&cookie)).await;
    assert_eq!(done.status(), 302, "{:?}", done.text().await);
    assert_eq!(done.headers()["location"], "https://admin.shopify.com/store/alpenglow/apps/pretend-client/");
    assert_eq!((asked(), shop_of(&story.app).await.installed()), (1, true));
    assert_eq!(comes_back(&story, &back, Some(&cookie)).await.status(), 401, "a state is used once");
    assert_eq!(asked(), 1);
    // Too late.
    let (cookie, back) = begun(&story).await;
    story.clock.advance_to(story.clock.now().plus_seconds(91));
    assert_eq!(comes_back(&story, &back, Some(&cookie)).await.status(), 401);
    // A state of another browser's minute.
    let (cookie, _) = begun(&story).await;
    story.clock.advance_to(story.clock.now().plus_seconds(61));
    let (_, back) = begun(&story).await;
    assert_eq!(comes_back(&story, &back, Some(&cookie)).await.status(), 401);
    assert_eq!(asked(), 1);
    for wrong in [
        "/auth",
        "/auth?shop=evil.example",
        "/auth?shop=x.myshopify.com.evil.example",
        "/auth?shop=alpenglow.myshopify.com&hmac=00",
    ] {
        assert_eq!(navigate(&story, wrong).await.status, 400, "{wrong}");
    }
    assert!(ask(&story.app).await.is_ok());
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn an_app_that_is_not_embedded_installs_by_the_grant_and_is_framed_by_nobody() {
    let story = Story::before_install(Engine::Asked, |_| {}).await;
    let listener = recoup::server::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = another(&story, |config| {
        config.shopify.embedded = false;
        config.server.public_url.clone_from(&url);
    })
    .await;
    let running = recoup::server::serve(app.clone(), listener, 1).unwrap();
    let handle = running.handle();
    tokio::spawn(running);
    let client = reqwest_client();
    let domain = story.world.shop_domain();
    // Shopify opens us outside the admin: signed, without an ID token.
    let loaded = client.get(format!("{url}/?{}", story.world.outside_query(&domain))).send().await.unwrap();
    assert_eq!(
        (loaded.status().as_u16(), &loaded.headers()["location"]),
        (302, &format!("/auth?shop={domain}").parse().unwrap())
    );
    let begun = client.get(format!("{url}/auth?shop={domain}")).send().await.unwrap();
    let cookie = begun.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let back = client.get(begun.headers()["location"].to_str().unwrap()).send().await.unwrap();
    let back = back.headers()["location"].to_str().unwrap().to_owned();
    let done = client.get(back).header("cookie", cookie).send().await.unwrap();
    assert_eq!(done.status(), 200);
    assert!(done.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    assert!(shop_of(&app).await.installed() && ask(&app).await.is_ok());
    let opened = client.get(format!("{url}/?{}", story.world.load_query(&domain))).send().await.unwrap();
    assert!(opened.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    handle.stop(false).await;
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn both_client_secrets_prove_and_the_new_one_asks() {
    let story = Story::begin().await;
    // The app has a new secret; Shopify still signs with the old one for up to an hour.
    let app = another(&story, |config| {
        let ours = config.shopify.app.as_mut().unwrap();
        ours.previous_secret = Some(std::mem::replace(&mut ours.secret, "a new secret".to_owned().into()));
    })
    .await;
    let listener = recoup::server::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let running = recoup::server::serve(app.clone(), listener, 1).unwrap();
    let handle = running.handle();
    tokio::spawn(running);
    let domain = story.world.shop_domain();
    let client = reqwest_client();
    let loaded = client.get(format!("{url}/?{}", story.world.load_query(&domain))).send().await.unwrap();
    assert_eq!(loaded.status(), 200, "query and ID token of the old secret");
    let called = client.get(format!("{url}/api/shop")).bearer_auth(story.world.id_token(&domain)).send().await.unwrap();
    assert_eq!(called.status(), 200);
    // Token requests carry the new secret, which the pretend Shopify does not know yet: nothing is lost by that.
    story.clock.advance_to(story.clock.now().plus_seconds(2 * HOUR));
    assert!(token(&app).await.is_err());
    assert!(token(&story.app).await.is_ok());
    handle.stop(false).await;
    story.end().await;
}

// Two processes.

/// A program of its own, on the story's database and world.
struct Process(std::process::Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn two_processes_refresh_once() {
    let clock = recoup::kernel::Clock::System;
    let world = World::start(Settings::new(20, clock.clone())).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let listener = recoup::server::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let pairs = story::pairs(&world, &url, &story::database(Engine::Asked, &folder).await);
    let config = story::config_of(&pairs);
    let app = start::open(config, clock.clone(), Chance::seeded(1)).await.unwrap();
    let running = recoup::server::serve(app.clone(), listener, 1).unwrap();
    let handle = running.handle();
    tokio::spawn(running);
    world.connect(&url);
    world.install().await.unwrap();
    // Eight campaigns want codes, of which one process takes four at a time; their token has just expired.
    for n in 0..8 {
        let body = json!({"name": format!("Winback {n}"), "kind": "flow", "offer": {"type": "percentage", "percentage": "15"}, "expiry": {"after_seconds": 172_800}});
        assert_eq!(world.platform_post("/api/campaigns", &body).await.unwrap().status, 201);
    }
    execute(&app, "UPDATE tokens SET access_expires_at = 1").await;
    world.fault(Fault::AccessTokensVoid);
    world.fault(Fault::TokenWaits(1_500, 1));
    let spawn = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_recoup"));
        command.arg("worker").envs(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        Process(command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap())
    };
    let mut both = [spawn(), spawn()];
    // Near an hour's end the next slot has its discount too.
    let settled = "SELECT count(DISTINCT campaign_id) FROM discounts WHERE state = 'live'";
    for _ in 0..300 {
        if one_number(&app, settled).await == 8 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(one_number(&app, settled).await, 8, "every campaign's discount was made");
    assert_eq!(world.token_calls().refreshes, 1, "two processes, one refresh");
    for process in &mut both {
        assert!(process.0.try_wait().unwrap().is_none(), "who never came, or fell over, refreshes nothing either");
    }
    assert_eq!(one_number(&app, "SELECT count(*) FROM jobs WHERE state = 'dead'").await, 0);
    handle.stop(false).await;
    world.stop().await;
}
