//! What platforms are told: promised codes that went live, alarms; signed, at least once, and to nobody else.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use recoup::codes::{CODE, RedeemCodes, WentLive};
use recoup::jobs::Job;
use recoup::shops::Shops;
use recoup::simulator::{RefundKind, ShopProfile};
use recoup::sinks::{DELIVERY, Deliveries, TellLive};
use sea_orm::{EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::install::reqwest_client;
use crate::story::Story;

const DAY: i64 = 86_400;

/// One call as it arrived.
#[derive(Clone, Debug)]
pub struct Call {
    headers: Vec<(String, String)>,
    body: String,
}

impl Call {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// How many of the call's signatures this secret made: the receiver's own reading of the specification.
    fn signed_by(&self, secret: &str) -> usize {
        use hmac::{Hmac, KeyInit, Mac};
        let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let good = |signature: &&str| {
            let tag = BASE64.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
            mac.update(format!("{}.{}.{}", self.id(), self.header("webhook-timestamp"), self.body).as_bytes());
            mac.verify_slice(&tag).is_ok()
        };
        self.header("webhook-signature").split(' ').filter(good).count()
    }
}

/// What the receiver does with a call.
#[derive(Clone, Copy, Debug)]
enum Does {
    Answers(u16),
    HangsUp,
    Dawdles,
}

/// A platform's server: takes calls on loopback, does what it was told to, and 204 after that.
pub struct Receiver {
    pub url: String,
    calls: Arc<Mutex<Vec<Call>>>,
    script: Arc<Mutex<VecDeque<Does>>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/told?key=1", listener.local_addr().unwrap());
        let calls = Arc::<Mutex<Vec<Call>>>::default();
        let script = Arc::<Mutex<VecDeque<Does>>>::default();
        let (kept, next) = (Arc::clone(&calls), Arc::clone(&script));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (kept, next) = (Arc::clone(&kept), Arc::clone(&next));
                tokio::spawn(async move {
                    let Some(call) = read(&mut stream).await else { return };
                    kept.lock().unwrap().push(call);
                    let does = next.lock().unwrap().pop_front().unwrap_or(Does::Answers(204));
                    let status = match does {
                        Does::HangsUp => return,
                        Does::Answers(status) => status,
                        Does::Dawdles => {
                            tokio::time::sleep(Duration::from_millis(700)).await;
                            204
                        }
                    };
                    let head = format!(
                        "HTTP/1.1 {status} X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    );
                    let _ = stream.write_all(head.as_bytes()).await;
                });
            }
        });
        Self { url, calls, script }
    }

    fn will(&self, does: &[Does]) {
        self.script.lock().unwrap().extend(does);
    }

    /// What came since it was last asked.
    pub fn took(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

async fn read(stream: &mut tokio::net::TcpStream) -> Option<Call> {
    let mut request = Vec::new();
    loop {
        let mut piece = [0; 8_192];
        let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let headers: Vec<(String, String)> = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, n)| n.parse().unwrap());
        if body.len() >= length {
            return Some(Call { headers, body: body.to_owned() });
        }
    }
}

fn people(range: std::ops::Range<usize>) -> Value {
    range.map(|i| json!({"key": format!("crm-{i}"), "phone": format!("+43660{:07}", 1_000_000 + i)})).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

impl Story {
    /// Subscribes an address; answers its id and secret.
    pub async fn subscribes(&self, url: &str, events: Value) -> (String, String) {
        let made = self.world.platform_post("/api/webhooks", &json!({"url": url, "events": events})).await.unwrap();
        assert_eq!(made.status, 201, "{}", made.text);
        (text(&made.json["id"]).to_owned(), text(&made.json["secret"]).to_owned())
    }

    /// A campaign whose pool is still empty: every code drawn is pending.
    async fn promises(&self, people: Value) -> Vec<Value> {
        let body = json!({"name": "Winback", "kind": "flow", "offer": {"type": "percentage", "percentage": "15"},
            "expiry": {"after_seconds": 172_800}, "link": {"destination": "/collections/sale"}});
        let made = self.world.platform_post("/api/campaigns", &body).await.unwrap();
        assert_eq!(made.status, 201, "{}", made.text);
        let drawn = self.draw(text(&made.json["id"]), people).await["messages"].as_array().unwrap().clone();
        assert!(drawn.iter().all(|message| message["code_state"] == "pending" && message["code"].is_null()));
        drawn
    }

    async fn imports(&self) {
        self.settle().await;
        for _ in 0..12 {
            self.pass(5).await;
        }
    }

    async fn told(&self, endpoint: &str) -> Vec<Value> {
        self.report(&format!("/api/webhooks/{endpoint}/deliveries")).await["deliveries"].as_array().unwrap().clone()
    }

    async fn webhook(&self, endpoint: &str) -> Option<Value> {
        let all = self.report("/api/webhooks").await["webhooks"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["id"] == endpoint)
    }

    async fn ping(&self, endpoint: &str) -> recoup::simulator::Answer {
        self.world.platform_post(&format!("/api/webhooks/{endpoint}/test"), &json!({})).await.unwrap()
    }
}

#[tokio::test]
async fn a_pending_code_is_told_once_when_it_is_live() {
    let story = Story::begin().await;
    let (platform, elsewhere) = (Receiver::start().await, Receiver::start().await);
    let (endpoint, secret) = story.subscribes(&platform.url, json!(["code.live", "code.live"])).await;
    story.subscribes(&elsewhere.url, json!(["code.alarm"])).await;
    let shown = story.webhook(&endpoint).await.unwrap();
    assert_eq!((&shown["events"], shown.get("secret")), (&json!(["code.live"]), None), "{shown}");

    let promised = story.promises(people(0..300)).await;
    story.imports().await;
    let calls = platform.took();
    assert!((3..12).contains(&calls.len()), "in few calls: {}", calls.len());
    let mut told = Vec::new();
    for call in &calls {
        assert_eq!(call.signed_by(&secret), 1);
        assert_eq!(call.signed_by("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 0);
        assert!(call.body.len() <= 64 * 1_024 && call.header("content-type") == "application/json");
        let sent: i64 = call.header("webhook-timestamp").parse().unwrap();
        assert!((story.clock.now().seconds() - sent).abs() < 120, "the instant of the try");
        let news = call.json();
        assert_eq!(news["type"], "code.live");
        let codes = news["data"]["codes"].as_array().unwrap();
        assert!((1..=125).contains(&codes.len()));
        told.extend(codes.iter().map(|code| (news["timestamp"].clone(), code.clone())));
    }
    let ids: BTreeSet<&str> = calls.iter().map(Call::id).collect();
    assert_eq!(ids.len(), calls.len());
    assert_eq!(told.len(), promised.len(), "each once, and nobody else's");
    for message in &promised {
        let id = text(&message["message_id"]);
        let (at, news) = told.iter().find(|(_, code)| code["message_id"] == id).expect("every pending code is told");
        let now = story.world.platform_get(&format!("/api/messages/{id}")).await.unwrap().json;
        assert_eq!(now["code_state"], "live");
        for field in ["code", "code_state", "expires_at", "link", "button_suffix"] {
            assert_eq!(news[field], now[field], "{field}");
        }
        let code = RedeemCodes::find().filter(CODE.code.eq(text(&news["code"])));
        let code = code.one(story.app.db.read()).await.unwrap().unwrap();
        assert_eq!(*at, json!(code.issued_at), "event time");
    }
    // The pool is there now: what is live at once is not told, and the pool itself never is.
    let campaign = text(&told[0].1["campaign_id"]).to_owned();
    let at_once = story.draw(&campaign, people(300..303)).await;
    assert_eq!(at_once["messages"][0]["code_state"], "live");
    story.imports().await;
    assert_eq!((platform.took().len(), elsewhere.took().len()), (0, 0));

    // The same news again, as after a crash: the same telling.
    let before = story.count::<Deliveries>().await;
    let shop = Shops::find().one(story.app.db.read()).await.unwrap().unwrap().shop_id;
    let kept =
        Deliveries::of(shop).filter(DELIVERY.event.eq("code.live")).one(story.app.db.read()).await.unwrap().unwrap();
    let first = kept.subject.strip_prefix("live:").unwrap();
    let codes = RedeemCodes::find().all(story.app.db.read()).await.unwrap();
    let codes = codes.into_iter().filter(|code| code.id.to_string() == first).map(|code| code.id).collect();
    let news = WentLive { codes, at: story.clock.now() };
    for _ in 0..2 {
        TellLive(news.clone()).run(story.app.clone(), shop).await.unwrap();
        story.settle().await;
    }
    assert_eq!((story.count::<Deliveries>().await, platform.took().len()), (before, 0));
    story.end().await;
}

#[tokio::test]
async fn a_telling_is_tried_again_with_the_same_id_until_it_is_taken() {
    let story = Story::begin().await;
    let platform = Receiver::start().await;
    let (endpoint, secret) = story.subscribes(&platform.url, json!(["code.live"])).await;
    // Taken, but the answer is lost; then refused; then sent elsewhere.
    platform.will(&[Does::HangsUp, Does::Answers(500), Does::Answers(302)]);
    story.promises(people(0..1)).await;
    story.imports().await;
    let waiting = story.told(&endpoint).await;
    assert_eq!((&waiting[0]["state"], &waiting[0]["event"]), (&json!("waiting"), &json!("code.live")), "{waiting:?}");
    assert!(
        waiting[0]["next_try_at"].is_string() && story.webhook(&endpoint).await.unwrap()["failing_since"].is_string()
    );
    for _ in 0..10 {
        story.pass(120).await;
    }
    let calls = platform.took();
    assert_eq!(calls.len(), 4);
    for call in &calls {
        assert_eq!((call.id(), &call.body), (calls[0].id(), &calls[0].body), "nothing of it changes");
        assert_eq!(call.signed_by(&secret), 1, "each try is signed with its own instant");
    }
    assert_ne!(calls[0].header("webhook-timestamp"), calls[3].header("webhook-timestamp"));
    let told = story.told(&endpoint).await;
    assert_eq!((told.len(), &told[0]["state"], &told[0]["attempts"]), (1, &json!("delivered"), &json!(4)), "{told:?}");
    assert_eq!(
        (&told[0]["status"], &told[0]["reason"], &told[0]["next_try_at"]),
        (&json!(204), &Value::Null, &Value::Null)
    );
    let well = story.webhook(&endpoint).await.unwrap();
    assert!(well["failing_since"].is_null() && well["last_delivered_at"].is_string(), "{well}");
    story.end().await;
}

#[tokio::test]
async fn tries_end_after_about_a_day_and_say_why() {
    let story = Story::begin().await;
    let platform = Receiver::start().await;
    let (endpoint, _) = story.subscribes(&platform.url, json!(["code.live"])).await;
    platform.will(&[Does::Answers(503); 100]);
    assert_eq!(story.ping(&endpoint).await.status, 202);
    // In small steps: what is due is done at the end of each, and a day of large ones is longer than a day.
    for _ in 0..180 {
        story.pass(600).await;
    }
    let calls = platform.took();
    assert_eq!(calls.len(), 12, "no more and no less");
    assert_eq!(calls[0].json(), json!({"type": "ping", "timestamp": calls[0].json()["timestamp"], "data": {}}));
    let told = story.told(&endpoint).await;
    let seen = (&told[0]["state"], &told[0]["attempts"], &told[0]["status"], &told[0]["reason"]);
    assert_eq!(seen, (&json!("dead"), &json!(12), &json!(503), &json!("It answered 503.")));
    let body = Deliveries::find().one(story.app.db.read()).await.unwrap().unwrap().body;
    assert_eq!(body, None, "what nobody sends any more is not kept");
    // And it ages.
    story.pass(31 * DAY).await;
    assert_eq!(story.count::<Deliveries>().await, 0);
    story.end().await;
}

#[tokio::test]
async fn an_endpoint_that_is_gone_or_deleted_hears_nothing_more() {
    let story = Story::begin().await;
    let (gone, deleted) = (Receiver::start().await, Receiver::start().await);
    let (first, _) = story.subscribes(&gone.url, json!(["code.live"])).await;
    let (second, _) = story.subscribes(&deleted.url, json!(["code.live"])).await;
    gone.will(&[Does::Answers(410)]);
    deleted.will(&[Does::Answers(500)]);
    for endpoint in [&first, &first, &second] {
        assert_eq!(story.ping(endpoint).await.status, 202);
    }
    story.settle().await;
    assert_eq!((gone.took().len(), deleted.took().len()), (1, 1), "one 410 is enough");
    let shown = story.webhook(&first).await.unwrap();
    assert!(text(&shown["disabled_because"]).contains("410"), "{shown}");
    let told = story.told(&first).await;
    assert!(told.len() == 2 && told.iter().all(|one| one["state"] == "dead" && one["reason"].is_string()), "{told:?}");
    let refused = story.ping(&first).await;
    assert_eq!((refused.status, refused.json["code"].as_str()), (409, Some("webhook_disabled")), "{}", refused.text);
    assert_eq!(recoup::sinks::failing(story.app.db.read(), story.clock.now()).await.unwrap().disabled, 1);

    let path = format!("/api/webhooks/{second}");
    assert_eq!(story.world.merchant_send("DELETE", &path, &json!({})).await.unwrap().status, 204);
    assert_eq!(story.world.merchant_send("DELETE", &path, &json!({})).await.unwrap().status, 404);
    story.promises(people(0..3)).await;
    story.imports().await;
    story.pass(DAY).await;
    assert_eq!((gone.took().len(), deleted.took().len()), (0, 0));
    assert_eq!(story.count::<Deliveries>().await, 2, "only those of the endpoint that is still there");
    story.end().await;
}

#[tokio::test]
async fn for_a_day_both_secrets_sign() {
    let story = Story::begin().await;
    let platform = Receiver::start().await;
    let (endpoint, old) = story.subscribes(&platform.url, json!(["code.live"])).await;
    let path = format!("/api/webhooks/{endpoint}/rotate");
    let rotated = story.world.platform_post(&path, &json!({})).await.unwrap();
    assert_eq!(rotated.status, 200, "{}", rotated.text);
    let new = text(&rotated.json["secret"]);
    assert!(new != old && rotated.json["previous_secret_until"].is_string());
    for (later, signed_by_old) in [(0, 1), (DAY - 10, 1), (20, 0)] {
        story.pass(later).await;
        story.ping(&endpoint).await;
        story.settle().await;
        let call = platform.took().pop().unwrap();
        assert_eq!((call.signed_by(new), call.signed_by(&old)), (1, signed_by_old), "after {later} s");
        assert_eq!(call.header("webhook-signature").split(' ').count(), 1 + signed_by_old);
    }
    // Neither lies readable in the database.
    let row = recoup::sinks::Endpoints::find().one(story.app.db.read()).await.unwrap().unwrap();
    assert!(row.secret_sealed.starts_with("v1.") && row.previous_secret_sealed.unwrap().starts_with("v1."));
    story.end().await;
}

#[tokio::test]
async fn who_is_slow_rests_and_holds_up_nobody() {
    let story = Story::begin().await;
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    let (dawdler, _) = story.subscribes(&slow.url, json!(["code.live"])).await;
    let (sprinter, _) = story.subscribes(&quick.url, json!(["code.live"])).await;
    slow.will(&[Does::Dawdles; 3]);
    for _ in 0..3 {
        story.ping(&dawdler).await;
        story.ping(&sprinter).await;
    }
    story.settle().await;
    assert_eq!((slow.took().len(), quick.took().len()), (1, 3), "one place, a quarter of the time");
    // New news does not wake it early.
    story.promises(people(0..1)).await;
    story.settle().await;
    assert_eq!(slow.took().len(), 0);
    for _ in 0..8 {
        story.pass(4).await;
    }
    assert_eq!(slow.took().len(), 3, "and nothing is lost");
    story.end().await;
}

#[tokio::test]
async fn an_alarm_is_told_when_it_is_raised_and_when_it_is_raised_again() {
    let story = Story::begin().await;
    let platform = Receiver::start().await;
    story.subscribes(&platform.url, json!(["code.alarm"])).await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, people(0..2)).await;
    let uses_twice = async |message: &Value, of: i64| {
        let visit = story.world.shopper_comes("/");
        story.world.types_code(&visit, text(&message["code"]));
        let order = visit.buys(&[(2, 1)], story.world.customer(3)).unwrap();
        story.arrive().await;
        let mut other = story.world.order_body(order).unwrap();
        other["id"] = json!(order + of);
        other["name"] = json!(format!("#{}", 9_000 + of));
        other["checkout_token"] = Value::Null;
        for _ in 0..2 {
            assert_eq!(story.world.deliver("orders/create", &other).await.unwrap().status, 200);
            story.arrive().await;
        }
    };
    uses_twice(&drawn["messages"][0], 1_001).await;
    let calls = platform.took();
    assert_eq!(calls.len(), 1, "a repeated delivery is no second alarm");
    let (news, listed) = (calls[0].json(), story.report("/api/codes/alarms").await["alarms"][0].clone());
    assert_eq!((&news["type"], &news["data"]), (&json!("code.alarm"), &listed));
    assert!(news["data"]["kind"] == "used_twice" && !text(&news["data"]["advice"]).is_empty());
    // More of the same while it is open: once is enough. Closed and seen again: told again.
    let close = format!("/api/codes/alarms/{}/close", text(&listed["id"]));
    assert_eq!(story.world.platform_post(&close, &json!({})).await.unwrap().status, 200);
    uses_twice(&drawn["messages"][1], 1_002).await;
    let again = platform.took();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].json()["data"]["sightings"], json!(2));
    assert_ne!(again[0].id(), calls[0].id());
    story.end().await;
}

#[tokio::test]
async fn addresses_that_lead_inward_and_other_nonsense_are_refused() {
    let story = Story::begin().await;
    let fine = "http://127.0.0.1:9999/x";
    for url in [
        "http://10.0.0.1:8080/",
        "https://10.0.0.1/",
        "https://192.168.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:10.0.0.1]/",
        "https://metadata.google.internal/",
        "https://printer/",
        "http://example.com/",
        "https://a:b@example.com/",
        "file:///etc/passwd",
        "not an address",
        "",
    ] {
        let body = json!({"url": url, "events": ["code.live"]});
        let refused = story.world.platform_post("/api/webhooks", &body).await.unwrap();
        assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some("url")), "{url}: {}", refused.text);
    }
    for (body, field) in [
        (json!({"url": fine, "events": []}), "events"),
        (json!({"url": fine, "events": ["code.live"], "description": "x".repeat(201)}), "description"),
    ] {
        let refused = story.world.platform_post("/api/webhooks", &body).await.unwrap();
        assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some(field)), "{}", refused.text);
    }
    for body in [
        json!({"url": fine}),
        json!({"url": fine, "events": ["orders"]}),
        json!({"url": fine, "events": ["code.live"], "x": 1}),
    ] {
        assert_eq!(story.world.platform_post("/api/webhooks", &body).await.unwrap().status, 422, "{body}");
    }
    assert_eq!(story.report("/api/webhooks").await["webhooks"], json!([]));
    for _ in 0..10 {
        story.subscribes(fine, json!(["code.alarm"])).await;
    }
    let body = json!({"url": fine, "events": ["code.live"]});
    let refused = story.world.platform_post("/api/webhooks", &body).await.unwrap();
    assert_eq!((refused.status, refused.json["code"].as_str()), (409, Some("too_many_webhooks")), "{}", refused.text);
    story.end().await;
}

#[tokio::test]
async fn another_shop_and_a_lesser_key_find_nothing() {
    let story = Story::begin().await;
    let platform = Receiver::start().await;
    let (endpoint, _) = story.subscribes(&platform.url, json!(["code.live"])).await;
    let usual = ShopProfile::default();
    let other = ShopProfile { domain: "other-shop.myshopify.com".into(), id: usual.id + 1, ..usual };
    let domain = other.domain.clone();
    story.world.add_shop(other);
    assert_eq!(story.world.opens_app(&domain).await.unwrap().status, 200);
    let lesser =
        story.world.merchant_post("/api/keys", &json!({"name": "reader", "scopes": ["reports"]})).await.unwrap();
    let (theirs, lesser) = (story.world.id_token(&domain), text(&lesser.json["key"]).to_owned());
    let client = reqwest_client();
    for (method, path) in [("DELETE", ""), ("POST", "/test"), ("POST", "/rotate"), ("GET", "/deliveries")] {
        for (token, status) in [(&theirs, 404), (&lesser, 403)] {
            let url = format!("{}/api/webhooks/{endpoint}{path}", story.url);
            let answer = client.request(method.parse().unwrap(), url).bearer_auth(token).send().await.unwrap();
            assert_eq!(answer.status(), status, "{method} {path}");
        }
        let nonsense = format!("/api/webhooks/nobody{path}");
        assert_eq!(story.world.merchant_send(method, &nonsense, &json!({})).await.unwrap().status, 404);
    }
    let listed: Value = client
        .get(format!("{}/api/webhooks", story.url))
        .bearer_auth(&theirs)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(listed["webhooks"], json!([]));
    assert!(story.webhook(&endpoint).await.is_some());
    story.settle().await;
    assert_eq!(platform.took().len(), 0);
    story.end().await;
}

#[tokio::test]
async fn an_order_is_told_when_its_verdict_comes_out_different() {
    let (story, receiver) = (Story::begin().await, Receiver::start().await);
    story.subscribes(&receiver.url, json!(["order.judged"])).await;
    let campaign = story.campaign(|_| {}).await;
    let drawn = story.draw(&campaign, json!([{"key": "ana", "phone": "+436601234567"}])).await;
    let message = &drawn["messages"][0];
    story.pass(600).await;
    let visit = story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    let order = visit.buys(&[(2, 2)], story.world.customer(0)).unwrap();
    story.arrive().await;
    let heard = |calls: Vec<Call>| -> Vec<Value> {
        let told = calls.into_iter().map(|call| call.json()).filter(|told| told["type"] == "order.judged");
        told.map(|told| told["data"].clone()).collect()
    };
    let first = heard(receiver.took());
    let book = story.world.book();
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(first[0]["shopify_order_id"], order.to_string());
    assert_eq!((&first[0]["message_id"], &first[0]["evidence"]), (&message["message_id"], &json!("redeem_code")));
    assert_eq!(first[0]["amount"]["minor"], json!(book.order(order).unwrap().net));

    // An hour later Shopify tells its sales and the journey: the receipt says so, and nobody is told of what did not change.
    story.pass(2 * 3_600).await;
    assert_eq!(heard(receiver.took()), Vec::<Value>::new());
    story.world.refunds(order, RefundKind::OnePiece).unwrap();
    story.arrive().await;
    let second = heard(receiver.took());
    assert_eq!(second.len(), 1, "{second:?}");
    assert_eq!(second[0]["amount"]["minor"], json!(story.world.book().order(order).unwrap().net));
    assert_eq!(second[0]["line"], first[0]["line"]);
    story.end().await;
}
