//! Jobs as whoever runs Recoup looks at them: how many stand where, which ones, and trying them again. Over all shops, so
//! every look is bounded and goes along the index of the sweep.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::entity::{COLUMN, Column, Entity, Model, State};
use super::{JobId, revive};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Where a job stands, in an operator's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its instant has come and nobody works on it.
    Due,
    /// Somebody works on it.
    Running,
    /// Its instant is to come.
    Waiting,
    /// It was set aside.
    Failed,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Due, Self::Running, Self::Waiting, Self::Failed];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
        }
    }

    /// Where a job stands at an instant.
    pub fn of(job: &Model, now: Timestamp) -> Self {
        match job.state {
            State::Ready if job.run_at <= now => Self::Due,
            State::Ready => Self::Waiting,
            State::Running => Self::Running,
            State::Dead => Self::Failed,
        }
    }

    fn condition(self, now: Timestamp) -> Condition {
        let in_state = |state: State| Condition::all().add(COLUMN.state.eq(state));
        match self {
            Self::Due => in_state(State::Ready).add(COLUMN.run_at.lte(now)),
            Self::Waiting => in_state(State::Ready).add(COLUMN.run_at.gt(now)),
            Self::Running => in_state(State::Running),
            Self::Failed => in_state(State::Dead),
        }
    }
}

/// A job as far as it is counted.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Whose it is.
    pub shop_id: ShopId,
    /// Its name.
    pub kind: String,
    /// When it came due; of one that was set aside: when that was.
    pub run_at: Timestamp,
}

/// The most jobs that are counted in one look: more of them say nothing more.
pub const MOST_COUNTED: u64 = 10_000;

/// The longest that a job is left alone after a failure of its own.
const LONGEST_BACKOFF_SECONDS: i64 = 1_600;

/// Jobs that are due, run or were set aside, the earliest first, at most [`MOST_COUNTED`]. Of those that wait only the ones
/// that failed and will be tried again soon: all others are work that comes back by itself.
pub async fn count(db: &impl ConnectionTrait, standing: Standing, now: Timestamp) -> Result<Vec<Counted>, DbErr> {
    let until = if standing == Standing::Waiting { now.plus_seconds(LONGEST_BACKOFF_SECONDS) } else { now };
    let mut found = Entity::find().filter(standing.condition(now)).filter(COLUMN.run_at.lte(until));
    if standing == Standing::Waiting {
        found = found.filter(Column::LastError.is_not_null());
    }
    let found = found.order_by_asc(COLUMN.run_at).limit(MOST_COUNTED);
    let found = found.select_only().columns([Column::ShopId, Column::Kind, Column::RunAt]);
    let rows: Vec<(ShopId, String, Timestamp)> = found.into_tuple().all(db).await?;
    Ok(rows.into_iter().map(|(shop_id, kind, run_at)| Counted { shop_id, kind, run_at }).collect())
}

/// Which jobs are looked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this shop.
    pub shop: Option<ShopId>,
    /// Only this one.
    pub id: Option<JobId>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only those that stand so.
    pub standing: Option<Standing>,
}

impl Filter {
    fn select(&self, now: Timestamp) -> Select<Entity> {
        let wanted = Condition::all()
            .add_option(self.shop.map(|shop| COLUMN.shop_id.eq(shop)))
            .add_option(self.id.map(|id| COLUMN.id.eq(id)))
            .add_option(self.kind.as_ref().map(|kind| COLUMN.kind.eq(kind)))
            .add_option(self.standing.map(|standing| standing.condition(now)));
        Entity::find().filter(wanted)
    }
}

/// Jobs, the earliest first.
pub async fn list(db: &impl ConnectionTrait, filter: &Filter, now: Timestamp, limit: u64) -> Result<Vec<Model>, DbErr> {
    filter.select(now).order_by_asc(COLUMN.run_at).order_by_asc(COLUMN.id).limit(limit).all(db).await
}

/// One job of a shop.
pub async fn of(db: &impl ConnectionTrait, shop: ShopId, id: JobId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((shop, id)).one(db).await
}

/// Jobs of one shop that were set aside, the latest first.
pub async fn failed_of(db: &impl ConnectionTrait, shop: ShopId, limit: u64) -> Result<Vec<Model>, DbErr> {
    let failed = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.state.eq(State::Dead));
    failed.order_by_desc(COLUMN.run_at).order_by_asc(COLUMN.id).limit(limit).all(db).await
}

/// Tries a job now that was set aside, or that waits because it failed. `false`: it is neither, or not any more.
pub async fn try_now(db: &impl ConnectionTrait, job: &Model, now: Timestamp) -> Result<bool, DbErr> {
    if job.state == State::Dead {
        return revive(db, job, now).await;
    }
    let moved = Entity::update_many()
        .col_expr(Column::RunAt, Expr::value(now))
        .filter(COLUMN.shop_id.eq(job.shop_id))
        .filter(COLUMN.id.eq(job.id))
        .filter(COLUMN.state.eq(State::Ready))
        .filter(COLUMN.run_at.gt(now))
        .filter(Column::LastError.is_not_null())
        .exec(db)
        .await?;
    Ok(moved.rows_affected == 1)
}
