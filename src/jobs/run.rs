//! Running what was promised: a worker that sweeps for ever, and `settle`, which runs until nothing is due.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::DbErr;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::claim;
use super::entity::{Model, State};
use super::{JobError, Next, Registered, SUSPECTED};
use crate::app::App;
use crate::db::counts::keep_folded;
use crate::db::{Alone, keep_statistics};
use crate::kernel::id::ShopId;
use crate::kernel::{Stream, Timestamp};

/// Jobs one node works on at the same time, and most of them of one shop: however much a shop has to do, and however
/// slowly its Shopify answers, there are places for others.
const AT_ONCE: u32 = 8;
const OF_SHOP: usize = 4;

/// How many jobs of each shop this node works on.
#[derive(Clone, Default)]
struct Places(Arc<Mutex<HashMap<ShopId, usize>>>);

/// A place a job of a shop holds.
struct Place {
    places: Places,
    shop: ShopId,
    _any: OwnedSemaphorePermit,
}

impl Places {
    fn hold(&self) -> MutexGuard<'_, HashMap<ShopId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None`: the shop has as many as it may.
    fn take(&self, shop: ShopId, any: OwnedSemaphorePermit) -> Option<Place> {
        let mut held = self.hold();
        let of_shop = held.entry(shop).or_default();
        if *of_shop >= OF_SHOP {
            return None;
        }
        *of_shop += 1;
        Some(Place { places: self.clone(), shop, _any: any })
    }
}

impl Place {
    /// Gives it back. `true`: the shop had all it may have, and more of its jobs may wait.
    fn leave(self) -> bool {
        self.places.hold().get(&self.shop).is_some_and(|of_shop| *of_shop >= OF_SHOP)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.places.hold();
        let left = held.get(&self.shop).map_or(0, |of_shop| of_shop.saturating_sub(1));
        if left == 0 {
            held.remove(&self.shop);
        } else {
            held.insert(self.shop, left);
        }
    }
}

/// What came of a run, for whoever counts.
fn called(outcome: &Result<Next, JobError>, job: &Model) -> &'static str {
    match outcome {
        Ok(Next::Done) => "done",
        Ok(Next::At(_)) => "again",
        Err(JobError::Pause(..)) => "paused",
        Err(JobError::Fail(_)) => "failed",
        Err(_) if job.attempts >= job.max_attempts => "failed",
        Err(_) => "retried",
    }
}

/// Whether the process died that worked on it.
fn suspected(job: &Model) -> bool {
    job.deaths.unwrap_or(0) > 0
}

/// What a worker does beside its jobs, until told to stop.
pub type Beside = fn(App, CancellationToken) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// A node's share of the work.
#[derive(Clone, Debug)]
pub struct Worker {
    app: App,
    kinds: Arc<[Registered]>,
    beside: Vec<Beside>,
}

impl Worker {
    /// A worker that knows these kinds of jobs.
    pub fn new(app: App, kinds: Vec<Registered>) -> Self {
        Self { app, kinds: kinds.into(), beside: Vec::new() }
    }

    /// Does this too, all the time.
    pub fn beside(mut self, beside: Beside) -> Self {
        self.beside.push(beside);
        self
    }

    /// Works until told to stop, then finishes what is in hand.
    pub async fn work(self, stop: CancellationToken) {
        let _working = self.begin().await;
        let tracker = TaskTracker::new();
        let any = Arc::new(Semaphore::new(AT_ONCE as usize));
        let places = Places::default();
        tracker.spawn(keep_statistics(self.app.db.clone(), stop.clone()));
        tracker.spawn(keep_folded(self.app.db.clone(), stop.clone()));
        for beside in &self.beside {
            tracker.spawn(beside(self.app.clone(), stop.clone()));
        }
        while !stop.is_cancelled() {
            let taken = self.sweep(&tracker, &any, &places).await.unwrap_or_else(|error| {
                tracing::warn!(error = %error, "the sweep for due jobs failed; trying again");
                0
            });
            if taken == 0 {
                // The bell is rung by whoever promises work on this node; the sweep finds the rest.
                let pause = Duration::from_millis(1_000 + self.app.chance.below(Stream::Jitter, 1_000));
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.app.bell.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
        tracker.close();
        tracker.wait().await;
    }

    /// Says that this process works. If it is the only one on its SQLite file, what a killed one held is due at once.
    async fn begin(&self) -> Option<Alone> {
        let working = self.app.db.working().await?;
        if working.holds() {
            match claim::abandon(self.app.db.write(), self.app.clock.now()).await {
                Ok(0) => {}
                Ok(jobs) => tracing::info!(jobs, "jobs of a process that died are taken back"),
                Err(error) => tracing::warn!(error = %error, "jobs of a process that died wait for their leases"),
            }
        }
        working.among_others().await.ok()
    }

    async fn sweep(&self, tracker: &TaskTracker, any: &Arc<Semaphore>, places: &Places) -> Result<usize, DbErr> {
        let mut taken = 0;
        for candidate in claim::candidates(self.app.db.read(), self.app.clock.now()).await? {
            // Of jobs that die together only one is to blame: who is suspected is tried with nothing beside it.
            let died = candidate.state == State::Running || suspected(&candidate);
            let wanted = if died { AT_ONCE } else { 1 };
            let Ok(free) = Arc::clone(any).acquire_many_owned(wanted).await else { break };
            let Some(place) = places.take(candidate.shop_id, free) else { continue };
            let Some(job) = claim::claim(self.app.db.write(), &candidate, self.app.clock.now()).await? else {
                continue;
            };
            taken += 1;
            let worker = self.clone();
            tracker.spawn(async move {
                worker.run_and_report(job).await;
                if place.leave() {
                    worker.app.bell.notify_one();
                }
            });
        }
        Ok(taken)
    }

    async fn run_and_report(&self, job: Model) {
        if let Err(error) = self.run_one(&job).await {
            tracing::error!(job.kind = %job.kind, job.id = %job.id, error = %error, "a job's outcome could not be kept; its lease will run out");
        }
    }

    /// Runs one owned job, renewing its lease, and keeps what became of it.
    async fn run_one(&self, job: &Model) -> Result<(), DbErr> {
        let Some(kind) = self.kinds.iter().find(|kind| kind.name == job.kind) else {
            // A newer node promised it: leave it to one that knows it.
            let later = self.app.clock.now().plus_seconds(300);
            let reason = Some("this version does not know this kind of job".to_owned());
            return claim::put_back(self.app.db.write(), job, State::Ready, later, job.attempts - 1, reason).await;
        };
        // Whatever is logged meanwhile says by which job.
        let span =
            tracing::info_span!("job", job.kind = kind.name, job.id = %job.id, shop.id = %job.shop_id, job.attempts);
        let work = (kind.run)(self.app.clone(), job.shop_id, job.payload.clone());
        let began = Instant::now();
        let mut work = tokio::spawn(SUSPECTED.scope(suspected(job), work).instrument(span));
        let outcome = loop {
            tokio::select! {
                done = &mut work => break done.unwrap_or_else(|_| Err(JobError::retry("the job crashed"))),
                () = tokio::time::sleep(Duration::from_secs(20)) => claim::renew(self.app.db.write(), job, self.app.clock.now()).await?,
            }
        };
        let outcome_name = called(&outcome, job);
        metrics::histogram!("recoup_job_duration_seconds", "kind" => kind.name, "outcome" => outcome_name)
            .record(began.elapsed());
        self.keep(job, kind.longest_wait, outcome).await
    }

    async fn keep(&self, job: &Model, longest: i64, outcome: Result<Next, JobError>) -> Result<(), DbErr> {
        let (db, now) = (self.app.db.write(), self.app.clock.now());
        let (reason, wait) = match outcome {
            Ok(Next::Done) => return claim::finish(db, job, now).await,
            Ok(Next::At(at)) => return claim::come_back(db, job, at, now).await,
            Err(JobError::Pause(reason, seconds)) => {
                tracing::info!(shop.id = %job.shop_id, job.kind = %job.kind, seconds, reason = %reason, "a job waits");
                let later = now.plus_seconds(seconds);
                return claim::put_back(db, job, State::Ready, later, job.attempts - 1, Some(reason)).await;
            }
            Err(JobError::RetryAfter(reason, seconds)) => (reason, Some(seconds)),
            Err(JobError::Retry(reason)) => (reason, None),
            Err(JobError::Fail(reason)) => return self.bury(job, reason, now).await,
        };
        if job.attempts >= job.max_attempts {
            return self.bury(job, reason, now).await;
        }
        let backoff = self.backoff(job.attempts, longest).max(wait.unwrap_or(0));
        // Nobody has to do anything about it yet.
        tracing::info!(shop.id = %job.shop_id, job.kind = %job.kind, job.attempts, backoff, reason = %reason, "a job failed and will be tried again");
        claim::put_back(db, job, State::Ready, now.plus_seconds(backoff), job.attempts, Some(reason)).await
    }

    async fn bury(&self, job: &Model, reason: String, now: Timestamp) -> Result<(), DbErr> {
        tracing::error!(shop.id = %job.shop_id, job.kind = %job.kind, job.id = %job.id, reason = %reason, "a job was set aside; when its cause is gone: `recoup jobs retry`");
        claim::put_back(self.app.db.write(), job, State::Dead, now, job.attempts, Some(reason)).await
    }

    /// 1, 2, 4 … 1,024 s or what the kind allows, plus up to half as much again so that failures do not march in step.
    fn backoff(&self, attempts: i32, longest: i64) -> i64 {
        let base = (1_i64 << attempts.clamp(1, 11).saturating_sub(1)).min(longest);
        base + i64::try_from(self.app.chance.below(Stream::Jitter, (base / 2 + 1).unsigned_abs())).unwrap_or(0)
    }
}

/// Runs every due job, one after the other in the order of their instants, until none is due. Returns how many ran.
/// For the pretend world, the tests and `replay`, where the caller moves the clock.
pub async fn settle(worker: &Worker) -> Result<usize, DbErr> {
    // A worker that starts meanwhile must not take these jobs for a dead one's.
    let _working = match worker.app.db.working().await {
        Some(working) => working.among_others().await.ok(),
        None => None,
    };
    let mut ran = 0;
    loop {
        let due = claim::candidates(worker.app.db.read(), worker.app.clock.now()).await?;
        let mut taken = 0;
        for candidate in &due {
            if let Some(job) = claim::claim(worker.app.db.write(), candidate, worker.app.clock.now()).await? {
                worker.run_one(&job).await?;
                taken += 1;
            }
        }
        ran += taken;
        if taken == 0 {
            return Ok(ran);
        }
    }
}
