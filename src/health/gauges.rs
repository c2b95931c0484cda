//! What stands in the database, for an operator: looked up when somebody asks, at most every [`FRESH_SECONDS`].
//!
//! Every look has an end: so many jobs, so many shops' deliveries, so many pools. Where there is more, the numbers are no
//! smaller than they need be for somebody to come and look.

use std::collections::{BTreeMap, BTreeSet};

use metrics::gauge;
use metrics_exporter_prometheus::PrometheusBuilder;
use sea_orm::{ConnectionTrait, DbErr};
use tokio::sync::Mutex;

use crate::app::App;
use crate::codes::{self, PoolLevel};
use crate::jobs::{self, Job, Standing};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::webhooks::{self, Translate};

/// How old numbers may be that are told; pools, of which there may be hundreds, are counted more rarely.
const FRESH_SECONDS: i64 = 10;
const POOLS_FRESH_SECONDS: i64 = 60;

/// Shops whose waiting deliveries are counted: those that have waited longest.
const SHOPS: usize = 50;

/// Numbers as they were a moment ago.
#[derive(Debug)]
pub struct Gauges {
    app: App,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    text: String,
    read_at: Option<Timestamp>,
    pools: Vec<PoolLevel>,
    pools_read_at: Option<Timestamp>,
}

impl Gauges {
    /// Of this app's database.
    pub fn new(app: App) -> Self {
        Self { app, kept: Mutex::default() }
    }

    /// The numbers, as Prometheus reads them. Several who ask at once cause one look.
    pub async fn render(&self) -> String {
        let mut kept = self.kept.lock().await;
        let now = self.app.clock.now();
        if !fresh(kept.read_at, FRESH_SECONDS, now) {
            let looked = self.look(&mut kept, now).await;
            if let Err(error) = &looked {
                tracing::warn!(error = %error, "what stands in the database could not be counted for /metrics");
            }
            kept.text = text(looked.ok().as_ref(), &kept.pools, now);
            kept.read_at = Some(now);
        }
        kept.text.clone()
    }

    async fn look(&self, kept: &mut Kept, now: Timestamp) -> Result<Looked, DbErr> {
        let db = self.app.db.read();
        if !fresh(kept.pools_read_at, POOLS_FRESH_SECONDS, now) {
            kept.pools = codes::levels_of_all(db, now).await?;
            kept.pools_read_at = Some(now);
        }
        look(db, now).await
    }
}

fn fresh(read_at: Option<Timestamp>, seconds: i64, now: Timestamp) -> bool {
    read_at.is_some_and(|at| now.seconds_since(at) < seconds)
}

/// What was found.
#[derive(Debug, Default)]
struct Looked {
    /// How many jobs of a kind stand where; and since when the oldest that is due.
    jobs: BTreeMap<(String, &'static str), u64>,
    due_since: BTreeMap<String, Timestamp>,
    deliveries: u64,
    waiting_since: Option<Timestamp>,
}

async fn look(db: &impl ConnectionTrait, now: Timestamp) -> Result<Looked, DbErr> {
    let mut found = Looked::default();
    let mut behind: BTreeSet<(Timestamp, ShopId)> = BTreeSet::new();
    for standing in Standing::ALL {
        // Of those that wait only the ones that failed are told.
        let name = if standing == Standing::Waiting { "retrying" } else { standing.name() };
        for job in jobs::count(db, standing, now).await? {
            // Whatever waits to be translated, the promise to do so is there too.
            if job.kind == Translate::NAME {
                behind.insert((job.run_at, job.shop_id));
            }
            if standing == Standing::Due {
                let since = found.due_since.entry(job.kind.clone()).or_insert(job.run_at);
                *since = job.run_at.min(*since);
            }
            *found.jobs.entry((job.kind, name)).or_default() += 1;
        }
    }
    for (_, shop) in behind.into_iter().take(SHOPS) {
        let Some(backlog) = webhooks::backlog(db, shop).await? else { continue };
        found.deliveries += backlog.waiting;
        found.waiting_since = Some(found.waiting_since.map_or(backlog.oldest, |since| since.min(backlog.oldest)));
    }
    Ok(found)
}

/// Written by a recorder of its own, so that what is gone is not told any more and servers in one process do not mix.
fn text(found: Option<&Looked>, pools: &[PoolLevel], now: Timestamp) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        describe();
        gauge!("recoup_database_answers").set(if found.is_some() { 1.0 } else { 0.0 });
        let Some(found) = found else { return };
        for ((kind, state), many) in &found.jobs {
            gauge!("recoup_jobs", "kind" => kind.clone(), "state" => *state).set(*many as f64);
        }
        for (kind, since) in &found.due_since {
            gauge!("recoup_job_oldest_due_age_seconds", "kind" => kind.clone()).set(age(*since, now));
        }
        gauge!("recoup_deliveries_pending").set(found.deliveries as f64);
        let oldest = found.waiting_since.map_or(0.0, |since| age(since, now));
        gauge!("recoup_deliveries_oldest_pending_age_seconds").set(oldest);
        let many = |like: fn(&PoolLevel) -> bool| pools.iter().filter(|pool| like(pool)).count() as f64;
        gauge!("recoup_code_pools", "level" => "full").set(many(|pool| !pool.low()));
        gauge!("recoup_code_pools", "level" => "low").set(many(|pool| pool.low() && pool.ready > 0));
        gauge!("recoup_code_pools", "level" => "empty").set(many(|pool| pool.low() && pool.ready == 0));
        gauge!("recoup_code_pool_codes_ready").set(pools.iter().map(|pool| pool.ready).sum::<u64>() as f64);
    });
    recorder.handle().render()
}

fn describe() {
    for (name, what) in [
        ("recoup_database_answers", "1: the numbers from the database are here"),
        ("recoup_jobs", "Jobs by kind: due, running, retrying after a failure, failed (set aside)"),
        ("recoup_job_oldest_due_age_seconds", "For how long the oldest job of a kind has been due"),
        ("recoup_deliveries_pending", "Deliveries that wait to be translated, of the shops that have waited longest"),
        ("recoup_deliveries_oldest_pending_age_seconds", "Age of the oldest delivery that waits to be translated"),
        ("recoup_code_pools", "Pools in use by how full they are; low: below their low-water mark"),
        ("recoup_code_pool_codes_ready", "Codes ready in pools in use, a thousand of each at most"),
    ] {
        metrics::describe_gauge!(name, what);
    }
}

fn age(since: Timestamp, now: Timestamp) -> f64 {
    (now.micros() - since.micros()).max(0) as f64 / 1_000_000.0
}
