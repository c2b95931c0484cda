//! `bench codes`: a pool of a million codes, reserved durably and handed out, beside a bare bulk insert of like rows.
//!
//! The app stands in a pretend world and is called over real HTTP on loopback; only Shopify's import is left out, which
//! is Shopify's time and not ours. Absolute figures drift from day to day on shared machines: quote the ratios.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};

use super::{demo, start};
use crate::app::App;
use crate::campaigns::{Campaign, Campaigns};
use crate::codes;
use crate::db::Db;
use crate::kernel::{Chance, Clock, Stream, Timestamp};
use crate::server;
use crate::simulator::{Settings, World};

/// Reserve a pool of codes and hand it out, beside a bare bulk insert of like rows.
#[derive(Debug, Args)]
pub struct BenchCodes {
    /// Codes in the pool.
    #[arg(long, default_value_t = 1_000_000)]
    codes: usize,
    /// Recipients drawn in one call, three times over.
    #[arg(long, default_value_t = 10_000)]
    recipients: usize,
    /// Callers that draw one recipient at a time, side by side.
    #[arg(long, default_value_t = 8)]
    callers: usize,
    /// Seconds they do so.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// An empty PostgreSQL database. Default: a temporary SQLite file.
    #[arg(long)]
    database: Option<String>,
}

/// What was wanted; beside each figure stands whether it was met.
const RATIO: f64 = 0.5;
const ONE_CALL: Duration = Duration::from_millis(1_500);
const ONE_RECIPIENT: Duration = Duration::from_millis(15);
const MEMORY_MB: u64 = 200;

impl BenchCodes {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let folder = Folder::make()?;
        let database = self.database.clone().unwrap_or_else(|| folder.database());
        let clock = Clock::manual(Clock::System.now());
        let world =
            World::start(Settings { admin_port: 0, storefront_port: 0, ..Settings::new(20, clock.clone()) }).await?;
        let listener = server::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let mut config = demo::config(&world, &url, database)?;
        // What is measured is the draw, not the limit of a key.
        config.server.items_per_second = 1_000_000;
        let app = start::open(config, clock, Chance::from_os()).await.context("opening")?;
        let server = server::serve(app.clone(), listener, 2)?;
        let handle = server.handle();
        let serving = tokio::spawn(server);
        world.connect(&url);
        world.install().await?;
        let measured = self.measure(&app, &world).await;
        handle.stop(false).await;
        serving.await??;
        world.stop().await;
        measured
    }

    async fn measure(&self, app: &App, world: &World) -> anyhow::Result<()> {
        let engine = if app.db.is_sqlite() { "SQLite" } else { "PostgreSQL" };
        println!("{engine}, {} codes", self.codes);
        let campaign = campaign(app, world).await?;
        let bare = bare(app, &campaign, self.codes).await?;
        let began = Instant::now();
        codes::bulk_reserve(app, &campaign, self.codes, app.clock.now()).await?;
        let ours = began.elapsed();
        let rate = |took: Duration| self.codes as f64 / took.as_secs_f64();
        let ratio = bare.as_secs_f64() / ours.as_secs_f64();
        println!("  bare bulk insert            {:>9.0} rows/s  {:.1} s", rate(bare), bare.as_secs_f64());
        println!("  drawn, checked and durable  {:>9.0} codes/s {:.1} s", rate(ours), ours.as_secs_f64());
        tell("share of the bare insert", &format!("{ratio:.2}"), ratio >= RATIO, "≥ 0.50");
        imported(app).await?;
        told(world, &campaign).await?;

        let path = format!("/api/campaigns/{}/messages", campaign.id);
        let mut calls = Vec::new();
        for call in 0..3 {
            let body = people(&format!("many-{call}"), 100_000 + call * self.recipients, self.recipients);
            let began = Instant::now();
            draw(world, &path, &body, self.recipients).await?;
            calls.push(began.elapsed());
        }
        calls.sort();
        let label = format!("{} recipients in one call", self.recipients);
        tell(&label, &format!("{} ms", calls[1].as_millis()), calls[1] <= ONE_CALL, "≤ 1500 ms");

        let mut times = self.one_by_one(world, &path).await?;
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        println!("  {} callers, one recipient a call: {} calls", self.callers, times.len());
        println!("  p50                         {:>9.1} ms", at(0.5).as_secs_f64() * 1e3);
        let p99 = format!("{:.1} ms", at(0.99).as_secs_f64() * 1e3);
        tell("p99", &p99, at(0.99) <= ONE_RECIPIENT, "≤ 15 ms");
        match peak_memory_mb() {
            Some(peak) => tell("memory of it all, at its peak", &format!("{peak} MB"), peak <= MEMORY_MB, "≤ 200 MB"),
            None => println!("  memory: this system does not tell"),
        }
        Ok(())
    }

    async fn one_by_one(&self, world: &World, path: &str) -> anyhow::Result<Vec<Duration>> {
        let until = Instant::now() + Duration::from_secs(self.seconds);
        let callers = (0..self.callers).map(async |caller| {
            let mut times = Vec::new();
            while Instant::now() < until {
                let number = 1_000_000 + caller * 1_000_000 + times.len();
                let body = people(&format!("one-{caller}"), number, 1);
                let began = Instant::now();
                draw(world, path, &body, 1).await?;
                times.push(began.elapsed());
            }
            anyhow::Ok(times)
        });
        Ok(futures::future::try_join_all(callers).await?.concat())
    }
}

fn tell(what: &str, figure: &str, met: bool, wanted: &str) {
    println!("  {what:<27} {figure:>12}  {} (wanted {wanted})", if met { "met" } else { "MISSED" });
}

/// A campaign whose codes live for two days.
async fn campaign(app: &App, world: &World) -> anyhow::Result<Campaign> {
    let wanted = json!({"name": "Million", "kind": "broadcast", "offer": {"type": "percentage", "percentage": "15"}});
    let made = world.platform_post("/api/campaigns", &wanted).await?;
    let id = made.json["id"].as_str().with_context(|| format!("no campaign: {} {}", made.status, made.text))?;
    let all = Campaigns::find().all(app.db.read()).await?;
    all.into_iter().find(|campaign| campaign.id.to_string() == id).context("the campaign was not kept")
}

/// Inserts like rows into a table of the same shape, with the same keys and indexes, and nothing else: `COPY`, or one
/// prepared statement in one transaction. The rows are made beforehand and cost nothing.
async fn bare(app: &App, campaign: &Campaign, count: usize) -> anyhow::Result<Duration> {
    let db = &app.db;
    for statement in like(db).await? {
        db.write().execute_unprepared(&statement).await?;
    }
    let now = app.clock.now();
    let took =
        if db.is_sqlite() { prepared(app, campaign, count, now).await } else { copy(app, campaign, count).await }?;
    db.write().execute_unprepared("DROP TABLE bare_codes").await?;
    Ok(took)
}

/// The statements that make the table.
async fn like(db: &Db) -> anyhow::Result<Vec<String>> {
    if !db.is_sqlite() {
        return Ok(vec!["CREATE TABLE bare_codes (LIKE redeem_codes INCLUDING ALL)".to_owned()]);
    }
    let sql = "SELECT sql FROM sqlite_master WHERE tbl_name = 'redeem_codes' AND sql IS NOT NULL ORDER BY type DESC";
    let rows = db.write().query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    let texts = rows.iter().map(|row| row.try_get_by_index::<String>(0));
    Ok(texts.collect::<Result<Vec<_>, _>>()?.iter().map(|text| text.replace("redeem_codes", "bare_codes")).collect())
}

/// Rows made at a time: the memory they take is nobody's.
const AT_A_TIME: usize = 50_000;

fn some(app: &App, count: usize) -> Vec<(uuid::Uuid, String)> {
    let now = app.clock.now();
    let ids = (0..count).map(|_| app.chance.uuid_of(Stream::Jitter, now));
    ids.zip(app.chance.texts(Stream::Jitter, b"ABCDEFGHJKMNPQRSTVWXYZ23456789", 12, count)).collect()
}

async fn prepared(app: &App, campaign: &Campaign, count: usize, now: Timestamp) -> anyhow::Result<Duration> {
    let sql = "INSERT INTO bare_codes (shop_id, id, campaign_id, discount_id, code, state, reserved_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let mut took = Duration::ZERO;
    let mut left = count;
    let mut txn = app.db.write().get_sqlite_connection_pool().begin().await?;
    while left > 0 {
        let rows = some(app, left.min(AT_A_TIME));
        left -= rows.len();
        let began = Instant::now();
        for (id, code) in rows {
            sqlx::query(sql)
                .bind(campaign.shop_id.0)
                .bind(id)
                .bind(campaign.id.0)
                .bind(campaign.id.0)
                .bind(code)
                .bind("reserved")
                .bind(now.micros())
                .execute(&mut *txn)
                .await?;
        }
        took += began.elapsed();
    }
    let began = Instant::now();
    txn.commit().await?;
    Ok(took + began.elapsed())
}

async fn copy(app: &App, campaign: &Campaign, count: usize) -> anyhow::Result<Duration> {
    use std::fmt::Write;
    let (shop, campaign, now) = (campaign.shop_id, campaign.id, app.clock.now().micros());
    let sql = "COPY bare_codes (shop_id, id, campaign_id, discount_id, code, state, reserved_at) FROM STDIN";
    let mut took = Duration::ZERO;
    let mut left = count;
    // As for what Shopify does below: a connection without our limit of fifteen seconds.
    let mut own = PgConnection::connect(&app.config.database_url).await?;
    let mut copy = own.copy_in_raw(sql).await?;
    while left > 0 {
        let rows = some(app, left.min(AT_A_TIME));
        left -= rows.len();
        let mut lines = String::new();
        for (id, code) in rows {
            writeln!(lines, "{shop}\t{id}\t{campaign}\t{campaign}\t{code}\treserved\t{now}")?;
        }
        let began = Instant::now();
        copy.send(lines.into_bytes()).await?;
        took += began.elapsed();
    }
    let began = Instant::now();
    copy.finish().await?;
    Ok(took + began.elapsed())
}

/// How long it takes to say how far the codes are.
async fn told(world: &World, campaign: &Campaign) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        let answer = world.platform_get(&format!("/api/campaigns/{}/codes", campaign.id)).await?;
        ensure!(answer.status == 200, "{}", answer.text);
        times.push(began.elapsed());
    }
    times.sort();
    println!("  how far they are            {:>9} ms", times[2].as_millis());
    Ok(())
}

/// What Shopify does in its own time: every code is imported.
async fn imported(app: &App) -> anyhow::Result<()> {
    let imported = "UPDATE redeem_codes SET state = 'imported', imported_at = reserved_at WHERE state = 'reserved'";
    if app.db.is_sqlite() {
        app.db.write().execute_unprepared(imported).await?;
        return Ok(());
    }
    // A connection of its own: ours give up after fifteen seconds.
    let mut own = PgConnection::connect(&app.config.database_url).await?;
    own.execute(imported).await?;
    own.execute("VACUUM ANALYZE redeem_codes").await?;
    Ok(())
}

fn people(key: &str, from: usize, count: usize) -> Value {
    let people = (from..from + count).map(|n| json!({"key": format!("{key}-{n}"), "phone": format!("+43660{n:07}")}));
    json!({"recipients": people.collect::<Vec<_>>()})
}

/// One call, answered with a live code for everybody.
async fn draw(world: &World, path: &str, body: &Value, count: usize) -> anyhow::Result<()> {
    let drawn = world.platform_post(path, body).await?;
    let messages = drawn.json["messages"].as_array().with_context(|| format!("{} {}", drawn.status, drawn.text))?;
    let live = messages.iter().filter(|message| message["code_state"] == "live").count();
    ensure!(
        live == count,
        "{live} of {count} have a live code: {} {}",
        drawn.json["messages"][0],
        drawn.json["errors"]
    );
    Ok(())
}

/// The most memory this process ever had, where the system tells.
fn peak_memory_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1_024)
}

/// A temporary folder that goes with the program.
struct Folder(PathBuf);

impl Folder {
    fn make() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("recoup-bench-codes-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    fn database(&self) -> String {
        format!("sqlite://{}", self.0.join("codes.db").display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
