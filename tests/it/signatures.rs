//! What one secret signs for one purpose is worth nothing for another: attacks that worked, and every pair.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use recoup::kernel::Timestamp;
use recoup::shopify::{Secrets, id_token, query};
use recoup::shops::{Shop, Shops};
use recoup::simulator::{Fault, ShopProfile};
use recoup::tombstones::Requests;
use recoup::webhooks::Deliveries;
use recoup::{messages, orders};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::install::reqwest_client;
use crate::story::Story;

const ID: i64 = 548_380_010;
const HOUR: i64 = 3_600;
const OTHER: &str = "other-shop.myshopify.com";

async fn shop(story: &Story) -> Shop {
    let found = Shops::find_by_domain(story.world.shop_domain()).one(story.app.db.read()).await;
    found.unwrap().expect("the shop is there")
}

/// A second merchant of the same installation.
async fn another_merchant(story: &Story) {
    let usual = ShopProfile::default();
    story.world.add_shop(ShopProfile { domain: OTHER.into(), id: ID + 1, ..usual });
    assert_eq!(story.world.opens_app(OTHER).await.unwrap().status, 200);
    story.settle().await;
}

/// Text and MAC of an ID token.
fn parts_of_token(token: &str) -> (Vec<u8>, Vec<u8>) {
    let (text, mac) = token.rsplit_once('.').unwrap();
    (text.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(mac).unwrap())
}

/// Text and MAC of a load query.
fn parts_of_query(query: &str) -> (Vec<u8>, Vec<u8>) {
    let (text, mac) = query.rsplit_once("&hmac=").unwrap();
    (text.as_bytes().to_vec(), hex::decode(mac).unwrap())
}

/// A POST at Shopify's door, with headers of one's own making.
async fn at_the_door(story: &Story, domain: &str, topic: &str, text: &[u8], mac: &[u8]) -> u16 {
    let request = reqwest_client()
        .post(format!("{}/webhooks/shopify", story.url))
        .header("x-shopify-topic", topic)
        .header("x-shopify-hmac-sha256", STANDARD.encode(mac))
        .header("x-shopify-shop-domain", domain)
        .header("x-shopify-api-version", "2026-10")
        .header("x-shopify-triggered-at", "2026-01-01T00:00:00Z")
        .header("x-shopify-webhook-id", format!("{topic}-{}", text.len()));
    request.body(text.to_vec()).send().await.unwrap().status().as_u16()
}

const TOPICS: [&str; 8] = [
    "app/uninstalled",
    "app/scopes_update",
    "customers/data_request",
    "customers/redact",
    "shop/redact",
    "orders/create",
    "checkouts/update",
    "themes/publish",
];

#[tokio::test]
async fn a_merchants_own_token_is_no_webhook_for_another_shop() {
    let story = Story::begin().await;
    another_merchant(&story).await;
    let victim = story.world.shop_domain();
    for (text, mac) in [parts_of_token(&story.world.id_token(OTHER)), parts_of_query(&story.world.load_query(OTHER))] {
        for topic in TOPICS {
            assert_eq!(at_the_door(&story, &victim, topic, &text, &mac).await, 401, "{topic}");
            assert_eq!(at_the_door(&story, "never-seen.myshopify.com", topic, &text, &mac).await, 401, "{topic}");
        }
    }
    story.pass(72 * HOUR).await;
    assert_eq!((story.count::<Deliveries>().await, story.count::<Requests>().await), (0, 0), "nothing was kept");
    assert!(shop(&story).await.installed());
    assert_eq!(story.world.platform_get("/api/campaigns").await.unwrap().status, 200);
    assert_eq!(story.report("/api/deliveries").await["deliveries"], json!([]));
    assert_eq!(story.report("/api/privacy/requests").await["requests"], json!([]));
    story.end().await;
}

#[tokio::test]
async fn a_genuine_body_is_nothing_under_other_headers() {
    let story = Story::begin().await;
    another_merchant(&story).await;
    let main = story.world.shop_domain();
    let named = json!({"shop_id": ID, "shop_domain": main, "customer": {"id": 1}});
    let with = |field: &str| {
        let mut body = named.clone();
        body[field] = json!([]);
        body
    };
    let (see, forget) = (with("orders_requested"), with("orders_to_redact"));
    let order = json!({"id": 1, "admin_graphql_api_id": "gid://shopify/Order/1", "currency": "EUR",
        "total_price": "10.00", "updated_at": story.clock.now(), "token": "t",
        "order_status_url": format!("https://{main}/{ID}/orders/x/authenticate?key=k")});
    for (topic, shop, body) in [
        // To see is not to forget; a shopper is not the shop.
        ("customers/redact", main.as_str(), &see),
        ("customers/data_request", &main, &forget),
        ("shop/redact", &main, &forget),
        ("app/uninstalled", &main, &forget),
        ("checkouts/update", &main, &order),
        // Another shop's.
        ("customers/redact", OTHER, &forget),
        ("customers/data_request", OTHER, &see),
        ("orders/create", OTHER, &order),
    ] {
        let sent = story.world.delivery(topic, body).from_shop(shop).send().await.unwrap();
        assert_eq!(sent.status, 401, "{topic} of {shop}: {}", sent.text);
    }
    story.settle().await;
    assert_eq!((story.count::<Deliveries>().await, story.count::<orders::Orders>().await), (0, 0));
    assert_eq!(story.world.deliver("customers/data_request", &see).await.unwrap().status, 200);
    assert_eq!(story.world.deliver("orders/create", &order).await.unwrap().status, 200);
    story.settle().await;
    assert_eq!((story.count::<Requests>().await, story.count::<orders::Orders>().await), (1, 1));
    story.end().await;
}

fn farewell(story: &Story) -> Value {
    json!({"id": ID, "name": "Alpenglow", "myshopify_domain": story.world.shop_domain()})
}

#[tokio::test]
async fn a_farewell_counts_when_shopify_says_so_and_waits_while_it_says_nothing() {
    let story = Story::begin().await;
    let said = |at: Timestamp, id: &str| {
        story.world.delivery("app/uninstalled", &farewell(&story)).triggered_at(at).with_id(id)
    };
    // A recording of an earlier life, under fresh headers: Shopify still lets us in.
    assert_eq!(said(story.clock.now(), "replayed").send().await.unwrap().status, 200);
    story.settle().await;
    story.pass(2 * HOUR).await;
    assert!(shop(&story).await.installed());
    assert_eq!(story.world.platform_get("/api/campaigns").await.unwrap().status, 200);
    // True, but Shopify is away: nothing is guessed.
    let key = story.world.api_key().unwrap();
    story.world.uninstalls();
    story.world.fault(Fault::AdminAnswers(502, 200));
    story.pass(60).await;
    story.arrive().await;
    let heard_at = story.clock.now();
    for _ in 0..5 {
        assert!(shop(&story).await.installed(), "nobody answered yet");
        story.pass(600).await;
    }
    for _ in 0..300 {
        if !shop(&story).await.installed() {
            break;
        }
        story.pass(600).await;
    }
    let left = shop(&story).await;
    assert_eq!(left.uninstalled_at, Some(heard_at), "by our clock, since we heard of it");
    let client = reqwest_client();
    let asked = client.get(format!("{}/api/campaigns", story.url)).bearer_auth(&key).send().await.unwrap();
    assert_eq!(asked.status(), 401);
    // It comes back; keys of the life before open nothing.
    story.world.install().await.unwrap();
    let asked = client.get(format!("{}/api/campaigns", story.url)).bearer_auth(&key).send().await.unwrap();
    assert_eq!(asked.status(), 401);
    assert_eq!(story.world.platform_get("/api/campaigns").await.unwrap().status, 200);
    story.settle().await;
    story.end().await;
}

/// Shops that are still there, and what is known of the requests to erase them.
async fn shops_left(story: &Story) -> Vec<String> {
    let db = story.app.db.read();
    let shops = Shops::find().all(db).await.unwrap();
    let requests = Requests::find().all(db).await.unwrap();
    shops.iter().map(|shop| format!("{shop:?} {requests:?}")).collect()
}

#[tokio::test]
async fn no_header_makes_the_erasure_of_a_shop_come_sooner() {
    let story = Story::begin().await;
    let long_ago = story.clock.now().plus_seconds(-400 * 24 * HOUR);
    let body = json!({"shop_id": ID, "shop_domain": story.world.shop_domain()});
    // It is here: Shopify says so.
    let sent = story.world.delivery("shop/redact", &body).triggered_at(long_ago).with_id("early").send().await.unwrap();
    assert_eq!(sent.status, 200);
    story.pass(72 * HOUR).await;
    assert!(shop(&story).await.installed());
    let list = story.report("/api/privacy/requests").await;
    assert_eq!(list["requests"][0]["state"], "ignored", "{list}");
    story.pass(6 * 24 * HOUR).await;
    // It left, nobody told us, and Shopify is away when the request comes: 48 hours by our clock, and not before.
    story.world.uninstalls();
    story.world.fault(Fault::AdminAnswers(503, 1));
    let sent = story.world.delivery("shop/redact", &body).with_id("real").send().await.unwrap();
    assert_eq!(sent.status, 200);
    story.settle().await;
    for _ in 0..47 {
        story.pass(HOUR).await;
        assert_eq!(story.count::<Shops>().await, 1);
    }
    story.pass(2 * HOUR).await;
    let left = shops_left(&story).await;
    assert_eq!(left, Vec::<String>::new());
    story.arrive().await;
    story.end().await;
}

/// Something that was signed: its text, and the MAC beside it (empty where the tag is part of the text).
struct Signed {
    purpose: &'static str,
    text: Vec<u8>,
    mac: Vec<u8>,
}

/// Whether a verifier of ours takes a text with this MAC, written as it wants it.
async fn takes(story: &Story, purpose: &str, one: &Signed) -> bool {
    let (text, hex) = (String::from_utf8_lossy(&one.text).into_owned(), hex::encode(&one.mac));
    let secrets = Secrets::new("pretend-client-secret", None);
    let now = story.clock.now();
    let client = reqwest_client();
    match purpose {
        "id token" => {
            let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(&one.mac));
            [token, text].iter().any(|token| id_token::verify(token, "pretend-client", &secrets, now).is_ok())
        }
        "load query" => query::verify(&format!("{text}&hmac={hex}"), &secrets, now).is_ok(),
        "webhook" => at_the_door(story, &story.world.shop_domain(), "orders/create", &one.text, &one.mac).await == 200,
        "whatsapp" => {
            let asked = client.post(format!("{}/webhooks/whatsapp", story.url));
            let asked = asked.header("x-hub-signature-256", format!("sha256={hex}")).body(one.text.clone());
            asked.send().await.unwrap().status() == 200
        }
        "slug" => {
            let path: String = url::form_urlencoded::byte_serialize(&one.text).collect();
            let asked = client.get(format!("{}/r/{path}", story.url)).header("user-agent", "Mozilla/5.0 (iPhone)");
            let answer = asked.send().await.unwrap();
            answer.headers().get("location").is_some_and(|to| to.to_str().unwrap().contains("/discount/"))
        }
        "callback data" => messages::read_callback(&story.app.vault, &text).is_some(),
        "api key" => {
            let Ok(header) = reqwest::header::HeaderValue::from_str(&format!("Bearer {text}")) else { return false };
            let asked = client.get(format!("{}/api/campaigns", story.url)).header("authorization", header);
            asked.send().await.unwrap().status() == 200
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn of_all_pairs_only_the_diagonal_passes() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "a", "phone": "+436601234567"}])).await;
    let message = &drawn["messages"][0];
    let slug = message["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let callback = message["callback_data"].as_str().unwrap().to_owned();
    let main = story.world.shop_domain();
    let mac = |secret: &str, text: &[u8]| recoup::kernel::secret::hmac_sha256(secret.as_bytes(), &[text]).to_vec();
    let signed = |purpose, (text, mac)| Signed { purpose, text, mac };
    let order = br#"{"id": 1, "currency": "EUR", "total_price": "1.00"}"#.to_vec();
    let meta = br#"{"object": "whatsapp_business_account", "entry": []}"#.to_vec();
    let all = [
        signed("id token", parts_of_token(&story.world.id_token(&main))),
        signed("load query", parts_of_query(&story.world.load_query(&main))),
        signed("webhook", (order.clone(), mac("pretend-client-secret", &order))),
        signed("whatsapp", (meta.clone(), mac("pretend-whatsapp-secret", &meta))),
        signed("slug", (slug.into_bytes(), vec![])),
        signed("callback data", (callback.into_bytes(), vec![])),
        signed("api key", (story.world.api_key().unwrap().into_bytes(), vec![])),
    ];
    for one in &all {
        for verifier in &all {
            let expected = one.purpose == verifier.purpose;
            let got = takes(&story, verifier.purpose, one).await;
            assert_eq!(got, expected, "{} offered as {}", one.purpose, verifier.purpose);
        }
    }
    story.settle().await;
    story.end().await;
}
