//! Promising work: what is written down of a job, and what becomes of a promise that is made again.

use sea_orm::sea_query::{CaseStatement, Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, ExprTrait};

use super::entity::{ActiveModel, Entity, State};
use super::{Job, JobId};
use crate::kernel::id::ShopId;
use crate::kernel::{Chance, Stream, Timestamp};

/// What is promised: a job by its name, for whoever does not know its type.
#[derive(Clone, Debug)]
pub struct Promise {
    /// Its [`NAME`](Job::NAME).
    pub kind: &'static str,
    /// What it is kept under.
    pub key: Option<String>,
    /// The job itself.
    pub payload: serde_json::Value,
    /// How often it may fail.
    pub max_attempts: i32,
}

impl Promise {
    fn of<J: Job>(job: &J) -> Result<Self, DbErr> {
        let payload = serde_json::to_value(job).map_err(|error| DbErr::Json(error.to_string()))?;
        Ok(Self { kind: J::NAME, key: job.key(), payload, max_attempts: J::MAX_ATTEMPTS })
    }

    fn row(self, chance: &Chance, shop: ShopId, run_at: Timestamp, now: Timestamp) -> ActiveModel {
        ActiveModel {
            shop_id: Set(shop),
            id: Set(JobId(chance.uuid_of(Stream::Jitter, now))),
            kind: Set(self.kind.to_owned()),
            dedup_key: Set(self.key),
            payload: Set(self.payload),
            state: Set(State::Ready),
            run_at: Set(run_at),
            lease_no: Set(0),
            lease_until: Set(None),
            attempts: Set(0),
            max_attempts: Set(self.max_attempts),
            again: Set(0),
            last_error: Set(None),
            created_at: Set(now),
            deaths: Set(None),
        }
    }
}

/// Promises a job inside the caller's transaction. If it says a key, an equal promise that still waits is moved forward
/// instead of doubled.
pub async fn enqueue<J: Job>(
    db: &impl ConnectionTrait,
    chance: &Chance,
    shop: ShopId,
    job: &J,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<(), DbErr> {
    enqueue_all(db, chance, shop, vec![Promise::of(job)?], run_at, now).await
}

/// Promises several jobs at once; no two under one key.
pub async fn enqueue_all(
    db: &impl ConnectionTrait,
    chance: &Chance,
    shop: ShopId,
    promises: Vec<Promise>,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<(), DbErr> {
    if promises.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = promises.into_iter().map(|promise| promise.row(chance, shop, run_at, now)).collect();
    Entity::insert_many(rows).on_conflict(coalesce()).exec_without_returning(db).await.map(drop)
}

/// Promises standing work, which comes back by itself ([`Next::At`]) for as long as its shop is installed. It is there
/// once, under its key or, where it says none, its name: promising it again changes nothing, unless it was set aside as
/// dead; then it gets a new life.
pub async fn stand<J: Job>(
    db: &impl ConnectionTrait,
    chance: &Chance,
    shop: ShopId,
    job: &J,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut promise = Promise::of(job)?;
    promise.key.get_or_insert_with(|| J::NAME.to_owned());
    let row = promise.row(chance, shop, run_at, now);
    let revive = OnConflict::columns(["shop_id", "dedup_key"])
        .values([
            ("state", "ready".into()),
            ("attempts", 0.into()),
            ("deaths", once_more(Expr::col(("jobs", "deaths")))),
            ("run_at", Expr::value(run_at)),
        ])
        .action_and_where(Expr::col(("jobs", "state")).eq("dead"))
        .to_owned();
    Entity::insert(row).on_conflict(revive).exec_without_returning(db).await.map(drop)
}

/// `again` counts the promises made since; whoever finishes the job compares it (see `claim::finish`).
/// A dead job that is promised again gets a new life. The earlier of the two instants wins.
fn coalesce() -> OnConflict {
    let old = |column: &'static str| Expr::col(("jobs", column));
    let new = |column: &'static str| Expr::col(("excluded", column));
    let earlier: Expr = CaseStatement::new()
        .case(new("run_at").lt(old("run_at")).or(old("state").eq("dead")), new("run_at"))
        .finally(old("run_at"))
        .into();
    let revived: Expr = CaseStatement::new().case(old("state").eq("dead"), "ready").finally(old("state")).into();
    let attempts: Expr = CaseStatement::new().case(old("state").eq("dead"), 0).finally(old("attempts")).into();
    let deaths: Expr =
        CaseStatement::new().case(old("state").eq("dead"), once_more(old("deaths"))).finally(old("deaths")).into();
    OnConflict::columns(["shop_id", "dedup_key"])
        .value("deaths", deaths)
        .value("again", old("again").add(1))
        .value("run_at", earlier)
        .value("state", revived)
        .value("attempts", attempts)
        .to_owned()
}

/// The deaths of a job that gets a new life: it stays suspected.
pub(super) fn once_more(deaths: Expr) -> Expr {
    CaseStatement::new().case(deaths.gt(0), 1_i64).finally(Option::<i64>::None).into()
}
