//! Everything has an end: answers of others, bodies, batches, patience.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use recoup::app::App;
use recoup::jobs::{self, Job, JobError, Next, Worker, registered};
use recoup::kernel::id::ShopId;
use recoup::messages::{MESSAGE, Messages};
use recoup::webhooks::{DELIVERY, Deliveries, DeliveryState};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::install::reqwest_client;
use crate::node::Ground;
use crate::story::Story;

/// What unpacks to so many megabytes of zeros, a thousandth of it on the wire.
fn bomb(megabytes: usize) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1_000_000];
    (0..megabytes).for_each(|_| packer.write_all(&zeros).unwrap());
    let body = packer.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

/// Somebody who answers everything with these bytes; where.
async fn answering(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let _ = caller.read(&mut [0; 65_536]).await;
                let _ = caller.write_all(&answer).await;
                let _ = caller.read(&mut [0; 1]).await;
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_unpacks_to_gigabytes_is_cut() {
    let ground = Ground::prepare().await;
    let node = ground.node(&["serve"]).await;
    ground.world.connect(&node.url);
    ground.world.install().await.unwrap();
    let before = node.peak_mb();
    let there = answering(bomb(600)).await;
    // A link domain: a merchant chooses it.
    let name = there.replace("127.0.0.1", "localhost");
    let chosen = ground.world.merchant_send("PUT", "/api/settings/links", &json!({"domain": name})).await.unwrap();
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    let looked = ground.world.merchant_post("/api/settings/links/look", &Value::Null).await.unwrap();
    let trouble = || async {
        let seen = ground.world.merchant_get("/api/settings/links").await.unwrap().json;
        seen["domain_trouble"].as_str().map(str::to_owned)
    };
    let began = Instant::now();
    let trouble = loop {
        if let Some(trouble) = trouble().await {
            break trouble;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "nobody looked: {}", looked.text);
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert!(trouble.contains("leads to another server"), "{trouble}");
    // A webhook endpoint: whoever has an API key chooses it.
    let endpoint = json!({"url": format!("http://{there}/hook"), "events": ["code.live"]});
    let made = ground.world.merchant_post("/api/webhooks", &endpoint).await.unwrap();
    assert!(made.status < 300, "{}", made.text);
    let path = format!("/api/webhooks/{}/test", made.json["id"].as_str().unwrap());
    let told = ground.world.merchant_post(&path, &Value::Null).await.unwrap();
    assert!(told.status < 300, "{}", told.text);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let grown = node.peak_mb().saturating_sub(before);
    assert!(grown < 150, "the program grew by {grown} MB");
    node.kill();
}

static RAN: AtomicUsize = AtomicUsize::new(0);

/// A job over which the process dies.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Poison {}

impl Job for Poison {
    const NAME: &'static str = "bounds.poison";

    async fn run(self, _: App, _: ShopId) -> Result<Next, JobError> {
        RAN.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_job_over_which_the_process_dies_three_times_is_set_aside() {
    let story = Story::begin().await;
    let worker = Worker::new(story.app.clone(), vec![registered::<Poison>()]);
    let shop = ShopId(7);
    let now = story.clock.now();
    jobs::enqueue(story.app.db.write(), &story.app.chance, shop, &Poison {}, now, now).await.unwrap();
    for _ in 0..5 {
        // The process is gone in the midst of it, and another comes when the lease is over.
        let _ = tokio::time::timeout(Duration::from_secs(2), jobs::settle(&worker)).await;
        story.clock.advance_to(story.clock.now().plus_seconds(61));
    }
    assert_eq!(RAN.load(Ordering::SeqCst), 3, "it ran again and again");
    let poison = async || {
        let found = jobs::Entity::find().filter(jobs::COLUMN.kind.eq(Poison::NAME));
        found.one(story.app.db.read()).await.unwrap().unwrap()
    };
    let aside = poison().await;
    assert_eq!(aside.state, jobs::State::Dead);
    assert!(aside.last_error.as_deref().unwrap().contains("ended three times"), "{aside:?}");
    // A person may try it again; it has not become harmless.
    let dead = jobs::dead(story.app.db.read()).await.unwrap();
    assert!(jobs::revive(story.app.db.write(), &dead[0], story.clock.now()).await.unwrap());
    assert!(!jobs::revive(story.app.db.write(), &dead[0], story.clock.now()).await.unwrap());
    for _ in 0..5 {
        let _ = tokio::time::timeout(Duration::from_secs(2), jobs::settle(&worker)).await;
        story.clock.advance_to(story.clock.now().plus_seconds(61));
    }
    assert_eq!(poison().await.state, jobs::State::Dead);
    story.settle().await;
    story.close().await;
}

#[tokio::test]
async fn a_delivery_over_which_the_process_dies_is_set_aside_and_its_neighbours_go_on() {
    let story = Story::begin().await;
    for id in [1, 2, 3] {
        let body = json!({"id": id});
        assert_eq!(story.world.deliver("products/update", &body).await.unwrap().status, 200);
    }
    let waiting = Deliveries::find().filter(DELIVERY.state.eq(DeliveryState::Pending));
    let waiting = waiting.all(story.app.db.read()).await.unwrap();
    assert_eq!(waiting.len(), 3);
    // As two processes leave it that died while they read the second: once in a batch, once alone.
    let sql = "UPDATE jobs SET state = 'running', lease_until = 0, deaths = 1 WHERE kind = 'webhooks.translate'";
    story.app.db.write().execute_unprepared(sql).await.unwrap();
    let sql = format!(
        "UPDATE deliveries SET reason = 'the program ended while it read this, twice; it is left alone, and can be tried again' WHERE delivery_id = '{}'",
        waiting[1].delivery_id
    );
    story.app.db.write().execute_unprepared(&sql).await.unwrap();
    story.settle().await;
    let state = async |n: usize| {
        let key = (waiting[n].shop_id, waiting[n].source, waiting[n].delivery_id.clone());
        Deliveries::find_by_id(key).one(story.app.db.read()).await.unwrap().unwrap().state
    };
    assert_eq!(
        (state(0).await, state(1).await, state(2).await),
        (DeliveryState::Ignored, DeliveryState::Dead, DeliveryState::Ignored)
    );
    // The merchant sees it with its reason, and may try it again.
    let list = story.report("/api/deliveries").await;
    assert!(list["deliveries"][0]["reason"].as_str().unwrap().contains("the program ended"), "{list}");
    let path = format!("/api/deliveries/shopify/{}/replay", waiting[1].delivery_id);
    assert_eq!(story.world.merchant_post(&path, &Value::Null).await.unwrap().status, 202);
    story.settle().await;
    assert_eq!(state(1).await, DeliveryState::Ignored);
    story.end().await;
}

fn people(count: usize) -> Value {
    (0..count).map(|i| json!({"key": format!("crm-{i}"), "phone": format!("+43660{:07}", 1_000_000 + i)})).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_statuses_turn_no_webhook_away() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let drawn = story.draw(&campaign, people(100)).await;
    let ids: Vec<&str> =
        drawn["messages"].as_array().unwrap().iter().filter_map(|m| m["message_id"].as_str()).collect();
    let statuses: Vec<Value> = (0..10_000)
        .map(|n| {
            let at = story.clock.now().plus_seconds(n / 100).to_string();
            json!({"message_id": ids[usize::try_from(n).unwrap() % ids.len()], "status": "sent", "at": at})
        })
        .collect();
    let body = json!({ "statuses": statuses });
    let posted = async {
        let answer = story.world.platform_post("/api/messages/statuses", &body).await.unwrap();
        assert_eq!((answer.status, answer.json["accepted"].as_i64()), (200, Some(10_000)), "{}", answer.text);
    };
    let done = std::cell::Cell::new(false);
    let webhooks = async {
        let mut answers = Vec::new();
        while !done.get() {
            let body = json!({"id": answers.len() + 1});
            answers.push(story.world.deliver("products/update", &body).await.unwrap().status);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        answers
    };
    let posted = async {
        posted.await;
        done.set(true);
    };
    let (answers, ()) = tokio::join!(webhooks, posted);
    assert!(answers.len() > 3, "too few came in meanwhile to say anything: {answers:?}");
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    assert_eq!(
        Messages::find().filter(MESSAGE.sent_at.is_not_null()).all(story.app.db.read()).await.unwrap().len(),
        ids.len()
    );
    story.settle().await;
    story.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_does_not_ask_for_everything() {
    let story = Story::begin().await;
    let (client, key) = (reqwest_client(), story.world.api_key().unwrap());
    let nobody: Vec<Value> =
        (0..10_000).map(|_| json!({"message_id": "nobody", "status": "sent", "at": "2026-08-24T00:00:00Z"})).collect();
    let body = json!({ "statuses": nobody }).to_string();
    let send = async || {
        let request = client.post(format!("{}/api/messages/statuses", story.url)).bearer_auth(&key).body(body.clone());
        let answer = request.send().await.unwrap();
        let wait = answer.headers().get("retry-after").map(|wait| wait.to_str().unwrap().parse::<u64>().unwrap());
        (answer.status().as_u16(), wait, answer.json::<Value>().await.unwrap())
    };
    let mut turned_away = None;
    for _ in 0..20 {
        let (status, wait, problem) = send().await;
        if status == 429 {
            turned_away = Some((wait, problem));
            break;
        }
        assert_eq!(status, 200, "{problem}");
    }
    let (wait, problem) = turned_away.expect("the key may ask for as much as it likes");
    assert!(wait.is_some_and(|wait| (1..=30).contains(&wait)), "{wait:?}");
    assert_eq!(problem["code"], "too_many");
    // Merchants, and other keys, are others.
    assert_eq!(story.world.merchant_get("/api/campaigns").await.unwrap().status, 200);
    let one = json!({"statuses": [{"message_id": "nobody", "status": "sent", "at": "2026-08-24T00:00:00Z"}]});
    assert_eq!(story.world.merchant_post("/api/messages/statuses", &one).await.unwrap().status, 200);
    story.end().await;
}

/// A price is a fraction of a cent. Whoever says less of it later unsays nothing.
#[tokio::test]
async fn a_price_is_kept_as_meta_told_it() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["offer"] = Value::Null).await;
    let drawn = story.draw(&campaign, people(1)).await;
    let message = &drawn["messages"][0];
    let id = message["message_id"].as_str().unwrap();
    let case = include_str!("fixtures/cases/14-status-with-cost.json");
    let body = case.replace("<callback_data>", message["callback_data"].as_str().unwrap());
    let cost = async || story.report(&format!("/api/messages/{id}")).await["cost"].clone();
    assert_eq!(cost().await, Value::Null);
    let answer = story.world.whatsapp(&serde_json::from_str(&body).unwrap()).await.unwrap();
    assert_eq!(answer.status, 200);
    story.settle().await;
    let told = json!({"amount": "0.1131", "currency": "EUR"});
    assert_eq!(cost().await, told);
    for poorer in [json!({"minor": 11, "currency": "EUR"}), Value::Null] {
        let status = json!({"message_id": id, "status": "read", "at": story.clock.now().to_string(), "cost": poorer});
        let kept = story.world.platform_post("/api/messages/statuses", &json!({"statuses": [status]})).await.unwrap();
        assert_eq!(kept.json["accepted"], 1, "{}", kept.text);
        assert_eq!(cost().await, told);
    }
    story.settle().await;
    story.end().await;
}

#[tokio::test]
async fn a_day_far_away_is_no_day() {
    let story = Story::begin().await;
    for (query, status) in [
        ("to=%2B262142-12-31", 422),
        ("from=-262143-01-01", 422),
        ("from=0000-01-01&to=0000-01-02", 422),
        ("from=9999-12-31&to=9999-12-31", 200),
        ("to=9999-12-31", 200),
        ("from=0001-01-01&to=0001-01-01", 200),
        ("to=0001-01-01", 200),
        ("as_of=9999-12-31T23:59:59Z", 200),
        ("as_of=%2B262142-12-31T23:59:59Z", 422),
    ] {
        for path in ["/api/reports/summary", "/api/reports/ledger", "/api/reports/links", "/api/orders"] {
            let answer = story.world.merchant_get(&format!("{path}?{query}")).await.unwrap();
            // A report that does not know a parameter refuses it.
            assert!([status, 400].contains(&answer.status), "{path}?{query}: {} {}", answer.status, answer.text);
        }
    }
    // An instant that no calendar has, told by Meta or by a platform.
    let far = json!({"statuses": [{"message_id": "x", "status": "sent", "at": "0000-01-01T00:00:00Z"}]});
    assert_eq!(story.world.platform_post("/api/messages/statuses", &far).await.unwrap().status, 200);
    story.end().await;
}

/// A server whose patience is two seconds, so that nobody has to wait longer.
async fn impatient() -> (Ground, crate::node::Node) {
    let ground = Ground::prepare().await;
    let node = ground.node_with(&["serve"], &[("RECOUP_SLOW_CLIENT_SECONDS", "2")]).await;
    (ground, node)
}

async fn connect(node: &crate::node::Node) -> TcpStream {
    TcpStream::connect(node.url.trim_start_matches("http://")).await.unwrap()
}

/// Sends a beginning and then a byte at a time; what was answered, and after how long it was hung up.
async fn drips(node: &crate::node::Node, beginning: &str, byte: &str) -> (String, Duration) {
    let stream = connect(node).await;
    let began = Instant::now();
    let (mut read, mut write) = stream.into_split();
    let (beginning, byte) = (beginning.to_owned(), byte.to_owned());
    let dripping = tokio::spawn(async move {
        let _ = write.write_all(beginning.as_bytes()).await;
        while write.write_all(byte.as_bytes()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let mut answer = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(40), read.read_to_end(&mut answer)).await;
    assert!(end.is_ok(), "still open after 40 seconds");
    dripping.abort();
    (String::from_utf8_lossy(&answer).into_owned(), began.elapsed())
}

fn dripping(method: &str, path: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{{"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_waited_for_for_ever() {
    let (_ground, node) = impatient().await;
    let chunked = "POST /pixel HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    let unread = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    let second = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /he";
    let cases = [
        ("a pixel's body", dripping("POST", "/pixel"), " ", Some("slow_body")),
        ("a pixel's chunks", chunked.to_owned(), "1\r\n{\r\n", Some("slow_body")),
        ("a webhook's body", dripping("POST", "/webhooks/whatsapp"), " ", Some("slow_body")),
        ("a body of the API", dripping("POST", "/api/campaigns"), " ", None),
        ("a body nobody asked for", dripping("GET", "/healthz"), " ", None),
        ("chunks nobody asked for", unread.to_owned(), "1\r\n{\r\n", None),
        ("a tap's body", dripping("GET", "/r/nothing"), " ", None),
        ("a head", "GET / HTTP/1.1\r\nX: ".to_owned(), "x", None),
        ("a second head", second.to_owned(), "x", None),
    ];
    let all = cases.iter().map(async |(what, beginning, byte, code)| {
        let (answer, after) = drips(&node, beginning, byte).await;
        assert!(after < Duration::from_secs(9), "{what} was waited for: {after:?}, {answer}");
        if let Some(code) = code {
            assert!(answer.starts_with("HTTP/1.1 408") && answer.contains(code), "{what}: {answer}");
        }
    });
    futures::future::join_all(all).await;
    node.kill();
}

/// With an API key, so that the body is what is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_of_the_api_is_told_so() {
    let (ground, node) = impatient().await;
    ground.world.connect(&node.url);
    ground.world.install().await.unwrap();
    let key = ground.world.api_key().unwrap();
    for path in ["/api/campaigns", "/api/messages/statuses", "/api/campaigns/preview"] {
        let head = dripping("POST", path).replace("Host:", &format!("Authorization: Bearer {key}\r\nHost:"));
        let (answer, after) = drips(&node, &head, " ").await;
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("slow_body"), "{path}: {answer}");
        assert!(after < Duration::from_secs(9), "{path}: {after:?}");
    }
    node.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_never_reads_is_hung_up_on() {
    let (_ground, node) = impatient().await;
    let mut stream = connect(&node).await;
    let began = Instant::now();
    // Many times what all buffers in between hold, asked for and never taken.
    let request = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    let asking = async { while stream.write_all(request.as_bytes()).await.is_ok() {} };
    let hung_up = tokio::time::timeout(Duration::from_secs(40), asking).await;
    assert!(hung_up.is_ok(), "still open after 40 seconds");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    // Others were served meanwhile, and are.
    assert!(reqwest_client().get(format!("{}/healthz", node.url)).send().await.unwrap().status().is_success());
    node.kill();
}

/// The same with the patience as it ships: twenty seconds of waiting, beside others.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_waited_for_longer_than_thirty_seconds_as_shipped() {
    let ground = Ground::prepare().await;
    let node = ground.node(&["serve"]).await;
    let unread = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    let slow = async |beginning: String, byte: &str| drips(&node, &beginning, byte).await.1;
    let never = async {
        let mut stream = connect(&node).await;
        let (began, request) = (Instant::now(), "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100));
        while stream.write_all(request.as_bytes()).await.is_ok() {}
        began.elapsed()
    };
    let (pixel, api, chunks, second, never) = tokio::join!(
        slow(dripping("POST", "/pixel"), " "),
        slow(dripping("POST", "/api/campaigns"), " "),
        slow(unread.to_owned(), "1\r\n{\r\n"),
        slow("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /he".to_owned(), "x"),
        tokio::time::timeout(Duration::from_secs(35), never)
    );
    let never = never.expect("who never reads is still there after 35 seconds");
    println!("pixel {pixel:?}, api {api:?}, chunks {chunks:?}, second head {second:?}, never reads {never:?}");
    assert!([pixel, api, chunks, second, never].iter().all(|after| *after < Duration::from_secs(30)));
    node.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_line_feed_is_no_end_of_a_line() {
    let story = Story::begin().await;
    let address = story.url.trim_start_matches("http://").to_owned();
    let good = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let body = "POST /pixel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n{\n\n}";
    for (request, status) in [
        (good.to_owned(), 200),
        (good.replacen("\r\n", "\n", 1), 400),
        (good.replace("localhost\r\n", "localhost\n"), 400),
        (good.replace("\r\n\r\n", "\r\n\n"), 400),
        (good.replace("\r\n", "\n"), 400),
        (format!("\n{good}"), 400),
        ("POST /pixel HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n{".to_owned(), 400),
        (
            "POST /pixel HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                .to_owned(),
            400,
        ),
        // Line feeds of a body are its own; those of the next head are not.
        (format!("{body}{good}"), 400),
        (format!("{body}{}", good.replace("\r\n", "\n")), 400),
    ] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(end.is_ok(), "left open: {request:?} {answer}");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request:?}: {answer}");
        // What was smuggled behind a body is not answered as a request of its own.
        let smuggled = request.starts_with("POST") && request.contains("GET /healthz HTTP/1.1\n");
        assert!(!smuggled || !answer.contains("\"status\":\"ok\""), "{answer}");
    }
    story.end().await;
}
