//! A merchant installs; who asks is always one proven shop.

use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::node::Ground;
use crate::story::{Engine, Story};

#[tokio::test]
async fn the_first_load_installs_and_keeps_an_expiring_token_encrypted() {
    let story = Story::before_install(Engine::Asked, |_| {}).await;
    let domain = story.world.shop_domain();
    let loaded = story.world.opens_app(&domain).await.unwrap();
    assert_eq!(loaded.status, 200, "{}", loaded.text);
    let policy = loaded.header("content-security-policy").unwrap();
    let ancestors = format!("frame-ancestors {} https://admin.shopify.com", story.world.admin_origin());
    assert!(policy.contains(&ancestors), "{policy}");
    assert!(loaded.text.contains("shopify-api-key"), "{}", loaded.text);
    assert!(loaded.header("x-frame-options").is_none());
    let shop = story.report("/api/shop").await;
    assert_eq!(shop["domain"], json!(domain));
    assert_eq!(shop["needs_reopening"], json!(false));
    // A second load exchanges nothing: Shopify would retire the refresh token.
    assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
    let kept = recoup_tokens(&story).await;
    assert_eq!(kept.1, 1, "the token pair was exchanged once");
    assert!(kept.0.starts_with("v1."), "tokens are sealed at rest");
    story.settle().await;
    story.end().await;
}

async fn recoup_tokens(story: &Story) -> (String, i32) {
    use sea_orm::{ConnectionTrait, Statement};
    let db = story.app.db.read();
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), "SELECT access_sealed, version FROM tokens"))
        .await
        .unwrap()
        .unwrap();
    (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())
}

#[tokio::test]
async fn a_load_without_a_good_token_bounces_and_a_stranger_is_told_so() {
    let story = Story::before_install(Engine::Asked, |_| {}).await;
    let client = reqwest_client();
    let bounced =
        client.get(format!("{}/?embedded=1&shop=x.myshopify.com&id_token=forged", story.url)).send().await.unwrap();
    assert_eq!(bounced.status(), 302);
    let location = bounced.headers()["location"].to_str().unwrap();
    assert!(location.starts_with("/auth/bounce?") && !location.contains("forged"), "{location}");
    let bounce = client.get(format!("{}{location}", story.url)).send().await.unwrap();
    assert!(bounce.text().await.unwrap().contains("app-bridge.js"));
    // Not installed yet: an ID token proves the shop, and the shop has nothing here.
    let early = story.world.merchant_get("/api/shop").await.unwrap();
    assert_eq!((early.status, early.json["code"].as_str()), (401, Some("reauthorize")));
    let install = "https://admin.shopify.com/store/alpenglow/oauth/install?client_id=pretend-client";
    assert_eq!(early.header("x-shopify-api-request-failure-reauthorize-url"), Some(install));
    for bad in ["", "Bearer ", "Bearer nonsense", "Bearer rcp_1_short", "Basic x"] {
        let refused = client.get(format!("{}/api/shop", story.url)).header("authorization", bad).send().await.unwrap();
        assert_eq!(refused.status(), 401, "{bad}");
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }
    story.end().await;
}

#[tokio::test]
async fn api_keys_are_shown_once_scoped_and_revoked() {
    let story = Story::begin().await;
    let made = story.world.merchant_post("/api/keys", &json!({"name": "Reader", "scopes": ["reports"]})).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.text);
    let key = made.json["key"].as_str().unwrap().to_owned();
    let listed = story.world.merchant_get("/api/keys").await.unwrap();
    assert!(!listed.text.contains(&key), "a key's text is never listed");
    let client = reqwest_client();
    let get = |path: &str| client.get(format!("{}{path}", story.url)).bearer_auth(&key).send();
    assert_eq!(get("/api/reports/summary").await.unwrap().status(), 200);
    let campaign = json!({"name": "x", "kind": "flow"});
    let refused =
        client.post(format!("{}/api/campaigns", story.url)).bearer_auth(&key).json(&campaign).send().await.unwrap();
    assert_eq!(refused.status(), 403, "the key may only read reports");
    assert_eq!(get("/api/keys").await.unwrap().status(), 403, "keys are the merchant's");
    let path = format!("/api/keys/{}", made.json["id"].as_str().unwrap());
    assert_eq!(story.world.merchant_send("DELETE", &path, &json!(null)).await.unwrap().status, 204);
    assert_eq!(get("/api/reports/summary").await.unwrap().status(), 401);

    // Revoked on another node, which this one only hears of from the database.
    let made = story.world.merchant_post("/api/keys", &json!({"name": "Next", "scopes": ["reports"]})).await.unwrap();
    let key = made.json["key"].as_str().unwrap();
    let status = async || {
        let asked = client.get(format!("{}/api/reports/summary", story.url)).bearer_auth(key).send();
        asked.await.unwrap().status()
    };
    assert_eq!(status().await, 200);
    story.app.db.write().execute_unprepared("UPDATE api_keys SET revoked_at = 1").await.unwrap();
    let since = std::time::Instant::now();
    while status().await != 401 {
        assert!(since.elapsed() < std::time::Duration::from_secs(10), "still good");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    story.end().await;
}

pub fn reqwest_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "a stranger's client, not the app's")]
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// The first evening of a shop: several windows at once, over two nodes where they share a PostgreSQL.
#[tokio::test(flavor = "multi_thread")]
async fn first_loads_at_once_over_several_nodes_make_one_exchange() {
    let ground = Ground::prepare().await;
    let mut nodes = vec![ground.node(&["serve", "--no-worker"]).await];
    if !ground.db.is_sqlite() {
        nodes.push(ground.node(&["serve", "--no-worker"]).await);
    }
    let (world, domain) = (&ground.world, ground.world.shop_domain());
    let loads = (0..8).map(|n: usize| {
        let (url, domain) = (&nodes[n % nodes.len()].url, &domain);
        async move {
            world.connect(url);
            world.opens_app(domain).await.unwrap().status
        }
    });
    assert_eq!(futures::future::join_all(loads).await, [200; 8]);
    assert_eq!(ground.number("SELECT CAST(version AS BIGINT) FROM tokens").await, 1, "one exchange");
    assert_eq!(ground.number("SELECT COUNT(*) FROM token_exchanges").await, 0, "its lease is given back");
    // What it brought is good.
    assert_eq!(world.merchant_get("/api/shop").await.unwrap().json["needs_reopening"], json!(false));
}

/// A node that died in the middle of an exchange is waited for, and not for ever.
#[tokio::test]
async fn an_exchange_nobody_finishes_ends_with_its_lease() {
    let story = Story::before_install(Engine::Asked, |_| {}).await;
    let domain = story.world.shop_domain();
    let until = story.clock.now().plus_seconds(60).micros();
    let left = format!(
        "INSERT INTO token_exchanges (shop_id, domain, holder, lease_until) VALUES (0, '{domain}', {}, {until})",
        if story.app.db.is_sqlite() { "zeroblob(16)" } else { "'00000000-0000-0000-0000-000000000000'" }
    );
    story.app.db.write().execute_unprepared(&left).await.unwrap();
    assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 503);
    story.clock.advance_to(story.clock.now().plus_seconds(61));
    assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
    story.settle().await;
    story.end().await;
}
