//! Crash proof: the real program under load, killed at random moments, on SQLite and PostgreSQL; PostgreSQL killed under
//! it. What was answered 200 is kept and counted once, and service is back at once.
//!
//! The normal run kills five times. The long form, fifty kills on each engine and ten of PostgreSQL itself:
//!
//! ```text
//! RECOUP_TEST_KILLS=50 cargo test --test it killed -- --nocapture --test-threads=1
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use parking::Seen;
use recoup::cli::start;
use recoup::config::Config;
use recoup::db::Db;
use recoup::kernel::id::ShopId;
use recoup::kernel::secret::hmac_sha256;
use recoup::kernel::{Chance, Clock, Stream, Timestamp};
use recoup::shops::{Shop, Shops};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, Statement};
use serde_json::json;

use crate::cluster::Cluster;
use crate::install::reqwest_client;
use crate::story::{self, Engine};

const SECRET: &str = "example client secret";
const DOMAIN: &str = "crash.myshopify.com";
const SHOP: ShopId = ShopId(4_711);

/// Senders at the same time.
const SENDERS: usize = 6;

/// Orders begun per kill: enough to be in the middle of something, few enough to be translated by the end.
const ORDERS_PER_KILL: u64 = 30;

/// How long a life lasts after its first answer, in milliseconds.
const LIFE: std::ops::Range<u64> = 40..500;

/// What was acknowledged, and when service began.
mod parking {
    use super::*;
    use std::sync::Mutex;

    #[derive(Default)]
    pub struct Seen {
        acknowledged: Mutex<BTreeSet<String>>,
        answered: Mutex<Option<Instant>>,
    }

    impl Seen {
        pub fn acknowledge(&self, id: &str) {
            self.answered.lock().unwrap().get_or_insert_with(Instant::now);
            self.acknowledged.lock().unwrap().insert(id.to_owned());
        }

        pub fn acknowledged(&self) -> BTreeSet<String> {
            self.acknowledged.lock().unwrap().clone()
        }

        /// Looks for the next first answer.
        pub fn look(&self) {
            *self.answered.lock().unwrap() = None;
        }

        pub fn answered(&self) -> Option<Instant> {
            *self.answered.lock().unwrap()
        }
    }
}

/// The program and where it listens.
struct Program {
    settings: BTreeMap<&'static str, String>,
    port: u16,
    child: Option<Child>,
}

impl Program {
    /// On a fresh database, with one shop installed.
    async fn prepare(database: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = BTreeMap::from([
            ("RECOUP_DATABASE_URL", database.to_owned()),
            ("RECOUP_KEY", BASE64.encode([7; 32])),
            ("RECOUP_BIND", format!("127.0.0.1:{port}")),
            ("RECOUP_LOG", "off".to_owned()),
            ("RECOUP_SHOPIFY_ORIGIN", "http://127.0.0.1:9/{shop}".to_owned()),
            ("SHOPIFY_API_KEY", "client".to_owned()),
            ("SHOPIFY_API_SECRET", SECRET.to_owned()),
        ]);
        let config = Config::read(&|name| settings.get(name).cloned()).unwrap();
        let app = start::open(config, Clock::System, Chance::from_os()).await.unwrap();
        let shop = Shop {
            shop_id: SHOP,
            domain: DOMAIN.into(),
            name: "Crash".into(),
            currency: "EUR".into(),
            time_zone: "Europe/Vienna".into(),
            country: None,
            storefront_url: "https://crash.example".into(),
            scopes: String::new(),
            installed_at: app.clock.now(),
            uninstalled_at: None,
            link_domain: None,
            link_domain_rests_at: None,
            default_holdout_ppm: 0,
            margin_ppm: None,
        };
        Shops::insert(shop.into_active_model()).exec_without_returning(app.db.write()).await.unwrap();
        app.db.clone().close().await.unwrap();
        Self { settings, port, child: None }
    }

    fn spawn(&mut self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_recoup"));
        command.arg("serve").env_clear().envs(&self.settings).stdin(Stdio::null()).stdout(Stdio::null());
        self.child = Some(command.stderr(Stdio::inherit()).spawn().unwrap());
    }

    /// `kill -9`.
    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/webhooks/shopify", self.port)
    }

    async fn db(&self) -> Db {
        Db::connect(&self.settings["RECOUP_DATABASE_URL"]).await.unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The deliveries of the n-th order: its id, topic and body. Every second order has a piece sent back.
fn deliveries(n: u64) -> Vec<(String, &'static str, String)> {
    let id = 1_000_000 + n;
    let day =
        |second: u64| Timestamp::from_seconds(1_790_000_000 + i64::try_from(n * 10 + second).unwrap()).to_string();
    let order = |second: u64, minor: i64| {
        let price = format!("{}.{:02}", minor / 100, minor % 100);
        json!({"id": id, "name": format!("#{n}"), "created_at": day(0), "processed_at": day(0), "updated_at": day(second),
            "currency": "EUR", "financial_status": "paid", "line_items": [{"quantity": 1, "price": price}],
            "total_price": price, "total_tax": "0.00"})
        .to_string()
    };
    let mut all = vec![
        (format!("{n}-create"), "orders/create", order(0, first(n))),
        (format!("{n}-updated"), "orders/updated", order(1, first(n) + 50)),
    ];
    if n.is_multiple_of(2) {
        let line = json!({"subtotal": "1.00", "total_tax": "0.00"});
        let body = json!({"id": id * 10, "order_id": id, "created_at": day(2), "processed_at": day(2), "refund_line_items": [line]});
        all.push((format!("{n}-refund"), "refunds/create", body.to_string()));
    }
    all
}

/// What the n-th order began with, in minor units.
fn first(n: u64) -> i64 {
    1_000 + 7 * i64::try_from(n).unwrap()
}

/// What it is worth in the end.
fn worth(n: u64) -> i64 {
    first(n) + 50 - if n.is_multiple_of(2) { 100 } else { 0 }
}

/// Sends one delivery as Shopify would; whether it was acknowledged.
async fn send(client: &reqwest::Client, url: &str, (id, topic, body): &(String, &'static str, String)) -> Option<u16> {
    let digest = BASE64.encode(hmac_sha256(SECRET.as_bytes(), &[body.as_bytes()]));
    let request = client
        .post(url)
        .timeout(Duration::from_secs(5))
        .header("X-Shopify-Hmac-Sha256", digest)
        .header("X-Shopify-Shop-Domain", DOMAIN)
        .header("X-Shopify-Topic", *topic)
        .header("X-Shopify-API-Version", "2026-10")
        .header("X-Shopify-Webhook-Id", id)
        .body(body.clone());
    request.send().await.ok().map(|answer| answer.status().as_u16())
}

/// Sends orders' deliveries until told to stop and all of them are acknowledged; every fifth is sent again.
async fn sender(number: usize, url: String, seen: Arc<Seen>, next: Arc<AtomicU64>, most: u64, stop: Arc<AtomicBool>) {
    let client = reqwest_client();
    let chance = Chance::seeded(number as u64);
    while !stop.load(Ordering::Relaxed) {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= most {
            // Nothing new: old deliveries come again, and must change nothing.
            let again = deliveries(chance.below(Stream::Jitter, most));
            if send(&client, &url, &again[0]).await == Some(200) {
                seen.acknowledge(&again[0].0);
            }
            next.fetch_sub(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        }
        for delivery in deliveries(n) {
            while send(&client, &url, &delivery).await != Some(200) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            seen.acknowledge(&delivery.0);
            if chance.below(Stream::Jitter, 5) == 0 {
                send(&client, &url, &delivery).await;
            }
        }
    }
}

/// Waits for the first answer; how long it took since `from`.
async fn first_answer(seen: &Seen, from: Instant) -> Duration {
    loop {
        if let Some(at) = seen.answered() {
            return at.saturating_duration_since(from);
        }
        assert!(from.elapsed() < Duration::from_secs(60), "no answer for a minute");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn number(db: &Db, sql: &str) -> i64 {
    let statement = Statement::from_string(db.read().get_database_backend(), sql);
    let row = db.read().query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Waits until everything kept is translated and settled.
async fn drained(db: &Db) {
    let waiting = "SELECT (SELECT COUNT(*) FROM deliveries WHERE state = 'pending') \
                   + (SELECT COUNT(*) FROM jobs WHERE kind IN ('webhooks.translate', 'attribution.settle'))";
    let began = Instant::now();
    while number(db, waiting).await > 0 {
        assert!(began.elapsed() < Duration::from_secs(120), "work still waits: {}", number(db, waiting).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What is held in the end is what was sent: nothing acknowledged is lost, nothing counts twice.
async fn accounted(db: &Db, seen: &Seen, orders: u64) {
    let rows = recoup::webhooks::Deliveries::of(SHOP).all(db.read()).await.unwrap();
    let kept: BTreeSet<String> = rows.iter().map(|row| row.delivery_id.clone()).collect();
    let lost: Vec<String> = seen.acknowledged().into_iter().filter(|id| !kept.contains(id)).collect();
    assert!(lost.is_empty(), "{} acknowledged deliveries are lost: {lost:?}", lost.len());
    assert_eq!(rows.len(), kept.len());
    let sent: BTreeSet<String> = (0..orders).flat_map(deliveries).map(|(id, ..)| id).collect();
    assert_eq!(kept, sent, "what was sent is what is kept");
    let odd: Vec<_> = rows.iter().filter(|row| format!("{:?}", row.state) != "Done").map(|row| &row.reason).collect();
    assert!(odd.is_empty(), "{} deliveries were not applied: {odd:?}", odd.len());
    assert_eq!(number(db, "SELECT COUNT(*) FROM order_versions").await as u64, 2 * orders);
    assert_eq!(number(db, "SELECT COUNT(*) FROM refunds").await as u64, orders.div_ceil(2));
    let current = format!("FROM conversions WHERE superseded_at = {}", Timestamp::FOREVER.micros());
    assert_eq!(number(db, &format!("SELECT COUNT(*) {current}")).await as u64, orders, "one verdict per order");
    let statement = format!("SELECT shopify_order_id, net_minor {current} ORDER BY shopify_order_id");
    let rows =
        db.read().query_all_raw(Statement::from_string(db.read().get_database_backend(), statement)).await.unwrap();
    for row in rows {
        let (id, net): (i64, i64) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        assert_eq!(net, worth(u64::try_from(id).unwrap() - 1_000_000), "order {id}");
    }
}

/// Kills so many times: the program, or, when a cluster is given, PostgreSQL under it.
async fn survive(name: &str, database: &str, kills: u64, under: Option<&Cluster>) {
    let mut program = Program::prepare(database).await;
    let (seen, stop) = (Arc::new(Seen::default()), Arc::new(AtomicBool::new(false)));
    let (next, orders) = (Arc::new(AtomicU64::new(0)), kills * ORDERS_PER_KILL);
    let chance = Chance::seeded(kills);
    let mut from = Instant::now();
    program.spawn();
    let senders: Vec<_> = (0..SENDERS)
        .map(|n| {
            tokio::spawn(sender(n, program.url(), Arc::clone(&seen), Arc::clone(&next), orders, Arc::clone(&stop)))
        })
        .collect();
    let mut back: Vec<u128> = Vec::new();
    for _ in 0..kills {
        back.push(first_answer(&seen, from).await.as_millis());
        let life = LIFE.start + chance.below(Stream::Jitter, LIFE.end - LIFE.start);
        tokio::time::sleep(Duration::from_millis(life)).await;
        match under {
            None => {
                program.kill();
                seen.look();
                from = Instant::now();
                program.spawn();
            }
            Some(cluster) => {
                cluster.kill();
                // Answers under way at the kill may still come.
                tokio::time::sleep(Duration::from_millis(200)).await;
                tokio::task::block_in_place(|| cluster.up());
                seen.look();
                from = Instant::now();
            }
        }
    }
    back.push(first_answer(&seen, from).await.as_millis());
    while next.load(Ordering::Relaxed) < orders {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }
    // Leases of the killed run out after a minute; here the minute passes at once.
    program.kill();
    let db = program.db().await;
    db.write().execute_unprepared("UPDATE jobs SET lease_until = 0, run_at = 0").await.unwrap();
    program.spawn();
    drained(&db).await;
    program.kill();
    accounted(&db, &seen, orders).await;
    back.sort_unstable();
    let (acknowledged, worst) = (seen.acknowledged().len(), back[back.len() - 1]);
    println!(
        "{name}: {kills} kills, {acknowledged} deliveries acknowledged, lost 0, doubled 0; serving again after {} ms (median), {worst} ms (worst)",
        back[back.len() / 2],
    );
    assert!(worst <= 5_000, "serving again took {worst} ms");
}

fn kills() -> u64 {
    std::env::var("RECOUP_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(5)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_program_loses_nothing_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = story::database(Engine::Asked, &folder).await;
    let name = if database.starts_with("sqlite") { "the program on SQLite" } else { "the program on PostgreSQL" };
    survive(name, &database, kills(), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_postgres_loses_nothing_and_doubles_nothing() {
    let Some(cluster) = Cluster::start() else { return };
    // The long form also kills the program on a PostgreSQL, when none was asked for.
    if kills() > 5 && std::env::var_os("TEST_DATABASE_URL").is_none() {
        survive("the program on PostgreSQL", &cluster.url, kills(), None).await;
        recoup_gone(&cluster.url).await;
    }
    survive("PostgreSQL under the program", &cluster.url, (kills() / 5).max(2), Some(&cluster)).await;
}

/// An empty database again.
async fn recoup_gone(url: &str) {
    let db = Db::connect(url).await.unwrap();
    db.write().execute_unprepared("DROP SCHEMA public CASCADE").await.unwrap();
    db.write().execute_unprepared("CREATE SCHEMA public").await.unwrap();
}

/// How long an answer takes, and which.
async fn asked(url: &str, n: u64) -> (Option<u16>, Duration) {
    let client = reqwest_client();
    let began = Instant::now();
    let status = send(&client, url, &deliveries(n)[0]).await;
    (status, began.elapsed())
}

const BOUND: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_away_or_stands_still_is_a_503_in_time() {
    let Some(cluster) = Cluster::start() else { return };
    let mut program = Program::prepare(&cluster.url).await;
    program.spawn();
    let url = program.url();
    let seen = Seen::default();
    let began = Instant::now();
    let serving = async |n: u64| {
        let again = Instant::now();
        while asked(&program.url(), n).await.0 != Some(200) {
            assert!(again.elapsed() < Duration::from_secs(8), "not serving again");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        seen.acknowledge(&deliveries(n)[0].0);
        again.elapsed()
    };
    serving(0).await;
    println!("PostgreSQL: first answer after {:?}", began.elapsed());
    // It stands still: connections are open and nothing answers.
    cluster.pause();
    let (status, took) = asked(&program.url(), 1).await;
    assert_eq!(status, Some(503));
    assert!(took < BOUND, "{took:?}");
    let many = futures::future::join_all((2..20).map(|n| asked(&url, n))).await;
    assert!(many.iter().all(|(status, took)| *status == Some(503) && *took < BOUND), "{many:?}");
    println!("PostgreSQL stands still: 503 after {took:?}");
    cluster.resume();
    let again = serving(1).await;
    println!("it goes on: serving again after {again:?}");
    // It is gone: nobody listens.
    cluster.kill();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (status, took) = asked(&program.url(), 20).await;
    assert_eq!(status, Some(503));
    assert!(took < BOUND, "{took:?}");
    println!("PostgreSQL is gone: 503 after {took:?}");
    tokio::task::block_in_place(|| cluster.up());
    let again = serving(20).await;
    println!("it is back: serving again after {again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_sqlite_is_a_503_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let database = story::database(Engine::Sqlite, &folder).await;
    let mut program = Program::prepare(&database).await;
    program.spawn();
    let url = program.url();
    let ready = Instant::now();
    while asked(&program.url(), 0).await.0 != Some(200) {
        assert!(ready.elapsed() < Duration::from_secs(10), "not serving");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Another process holds the write lock: to SQLite a connection of our own is one.
    let db = program.db().await;
    let lock = db.begin_write().await.unwrap();
    let many = futures::future::join_all((1..20).map(|n| asked(&url, n))).await;
    assert!(many.iter().all(|(status, took)| *status == Some(503) && *took < BOUND), "{many:?}");
    println!("SQLite is locked: 503 after {:?} at most", many.iter().map(|(_, took)| *took).max().unwrap());
    lock.rollback().await.unwrap();
    let again = Instant::now();
    while asked(&program.url(), 1).await.0 != Some(200) {
        assert!(again.elapsed() < BOUND, "not serving again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("it is free: serving again after {:?}", again.elapsed());
}
