//! Work promised in the same transaction as the reason for it.
//!
//! ```text
//! ready ──claimed──▶ running ──done──▶ (gone)
//!   ▲                   │ retry: run_at later        after max_attempts: dead, with its reason, visible
//!   └───────────────────┘  its process died three times in a row: dead as well
//! ```
//!
//! 1. A job carries ids, never data, and is safe to run twice.
//! 2. It is owned through its lease number: a claim is a compare-and-set, and a stale owner's write hits no row. What a
//!    killed process held waits for its lease; on an SQLite file that nobody else works on it is due at the next start.
//! 3. A job whose process died is suspected: it is tried again with nothing beside it, so that only the culprit is blamed.
//! 4. A job that says a [`key`](Job::key) exists once per shop. Promising it again while it runs makes it run once more, so a
//!    wake-up is never lost.

mod claim;
mod entity;
mod look;
mod promise;
mod run;

use std::future::Future;
use std::pin::Pin;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

pub use entity::{COLUMN, Column, Entity, Model, State};
pub use look::{Counted, Filter, MOST_COUNTED, Standing, count, failed_of, list, of, try_now};
pub use promise::{Promise, enqueue, enqueue_all, stand};
pub use run::{Worker, settle};

crate::uuid_id!(
    /// A promised piece of work.
    JobId
);

/// How often a job may fail that says nothing about it.
pub const MAX_ATTEMPTS: i32 = 12;

/// A kind of work.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// Its name in the table: stable.
    const NAME: &'static str;
    /// How often it may fail before it is set aside for a person.
    const MAX_ATTEMPTS: i32 = MAX_ATTEMPTS;
    /// The longest it is left alone after a failure, in seconds, unless the failure itself asks for more.
    const LONGEST_WAIT: i64 = 1_024;

    /// What it is kept under, once per shop; stable, like its name. `None`: each promise is a job of its own.
    fn key(&self) -> Option<String> {
        None
    }

    /// Does the work for one shop. Every write of it must be safe to repeat.
    fn run(self, app: App, shop: ShopId) -> impl Future<Output = Result<Next, JobError>> + Send;
}

/// What becomes of a job that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is done.
    Done,
    /// Nothing went wrong, but there is more to do at this instant.
    At(Timestamp),
}

/// Why a job did not finish, in words a merchant can read.
#[derive(Clone, Debug)]
pub enum JobError {
    /// Try again, later each time.
    Retry(String),
    /// Try again, not before this many seconds.
    RetryAfter(String, i64),
    /// Nobody can do anything about it here: look again after this many seconds. Counts as no try, so that a job never
    /// dies of a frozen shop or a merchant on holiday; [`wake`] ends the wait early.
    Pause(String, i64),
    /// Trying again cannot help.
    Fail(String),
}

impl JobError {
    /// Try again later.
    pub fn retry(reason: impl std::fmt::Display) -> Self {
        Self::Retry(reason.to_string())
    }

    /// Trying again cannot help.
    pub fn fail(reason: impl std::fmt::Display) -> Self {
        Self::Fail(reason.to_string())
    }
}

impl From<DbErr> for JobError {
    fn from(error: DbErr) -> Self {
        Self::retry(error)
    }
}

tokio::task_local! {
    static SUSPECTED: bool;
}

/// Whether the process died that worked on this job before: whoever works through a list looks at one thing at a time.
pub fn suspected() -> bool {
    SUSPECTED.try_with(|suspected| *suspected).unwrap_or(false)
}

/// One line of the worker's list: a name and how to run what carries it.
#[derive(Clone, Copy)]
pub struct Registered {
    pub(crate) name: &'static str,
    pub(crate) longest_wait: i64,
    pub(crate) run: Runner,
}

type Outcome = Pin<Box<dyn Future<Output = Result<Next, JobError>> + Send>>;
type Runner = fn(App, ShopId, serde_json::Value) -> Outcome;

impl std::fmt::Debug for Registered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Registers a kind of work.
pub fn registered<J: Job>() -> Registered {
    let run: Runner = |app, shop, payload| Box::pin(run_json::<J>(app, shop, payload));
    Registered { name: J::NAME, longest_wait: J::LONGEST_WAIT, run }
}

async fn run_json<J: Job>(app: App, shop: ShopId, payload: serde_json::Value) -> Result<Next, JobError> {
    let job: J = serde_json::from_value(payload).map_err(|error| JobError::fail(format!("unreadable job: {error}")))?;
    job.run(app, shop).await
}

/// What kept a shop's jobs waiting is over: those that wait with a reason are due now.
pub async fn wake(db: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::RunAt, Expr::value(now))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.state.eq(State::Ready))
        .filter(COLUMN.run_at.gt(now))
        .filter(Column::LastError.is_not_null())
        .exec(db)
        .await
        .map(drop)
}

/// Jobs of all shops that were set aside (operator totals).
pub async fn dead(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    let dead = Entity::find().filter(COLUMN.state.eq(State::Dead)).order_by_asc(COLUMN.created_at);
    dead.limit(10_000).all(db).await
}

/// Tries a job again that was set aside. `false`: it is not there any more, or it was tried again already.
pub async fn revive(db: &impl ConnectionTrait, job: &Model, now: Timestamp) -> Result<bool, DbErr> {
    let revived = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Ready))
        .col_expr(Column::RunAt, Expr::value(now))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::Deaths, promise::once_more(Expr::col(Column::Deaths)))
        .filter(COLUMN.shop_id.eq(job.shop_id))
        .filter(COLUMN.id.eq(job.id))
        .filter(COLUMN.state.eq(State::Dead))
        .exec(db)
        .await?;
    Ok(revived.rows_affected == 1)
}

/// Drops jobs that were set aside and promised before `before`; answers how many.
pub async fn drop_old_dead(db: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    let dead = Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.state.eq(State::Dead));
    let gone = dead.filter(COLUMN.created_at.lt(before)).exec(db).await?;
    Ok(usize::try_from(gone.rows_affected).unwrap_or(usize::MAX))
}
