//! Taking, keeping and giving back the lease of a job. The same statements on every engine: candidates are read
//! without locks, and one compare-and-set decides who owns what.

use std::collections::HashMap;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{COLUMN, Column, Entity, Model, State};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// How long a lease lasts before others may take the job; running jobs renew it.
pub const LEASE_SECONDS: i64 = 60;

/// Most candidates one sweep looks at, and most it takes of one shop: a loud shop never starves a quiet one.
const CANDIDATES: u64 = 64;
const PER_SHOP: usize = 8;

/// Whoever ended its process this often in a row is set aside: it would end the next one too.
const DEATHS: i64 = 3;

const ENDED: &str =
    "The program ended three times while it worked on this, so it is left alone. It can be tried again.";

/// Looks taken for jobs of quieter shops behind those of loud ones.
const LOOKS: usize = 4;

/// Due jobs of all shops, earliest first (`scale.md` Q1: one of the few statements that name no shop). When loud shops
/// fill the page, it is read again without them.
pub async fn candidates(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Model>, DbErr> {
    let (mut jobs, mut loud): (Vec<Model>, Vec<ShopId>) = (Vec::new(), Vec::new());
    for _ in 0..LOOKS {
        let page = due(db, &loud, now).await?;
        let full = page.len() as u64 == CANDIDATES;
        let mut taken: HashMap<ShopId, usize> = HashMap::new();
        for job in page {
            let of_shop = taken.entry(job.shop_id).or_default();
            *of_shop += 1;
            if *of_shop <= PER_SHOP {
                jobs.push(job);
            }
        }
        if !full || jobs.len() as u64 >= CANDIDATES {
            break;
        }
        loud.extend(taken.into_keys());
    }
    Ok(jobs)
}

async fn due(db: &impl ConnectionTrait, but: &[ShopId], now: Timestamp) -> Result<Vec<Model>, DbErr> {
    let ready = Condition::all().add(COLUMN.state.eq(State::Ready)).add(COLUMN.run_at.lte(now));
    let abandoned = Condition::all().add(COLUMN.state.eq(State::Running)).add(COLUMN.lease_until.lt(now));
    let mut due = Entity::find().filter(Condition::any().add(ready).add(abandoned));
    if !but.is_empty() {
        due = due.filter(COLUMN.shop_id.is_not_in(but.iter().copied()));
    }
    due.order_by_asc(COLUMN.run_at)
        .order_by_asc(COLUMN.created_at)
        .order_by_asc(COLUMN.kind)
        .order_by_asc(Column::DedupKey)
        .limit(CANDIDATES)
        .all(db)
        .await
}

/// Tries to own a job. `None`: somebody else was faster, or it was set aside: the process that worked on it died, and not
/// for the first time.
pub async fn claim(db: &impl ConnectionTrait, job: &Model, now: Timestamp) -> Result<Option<Model>, DbErr> {
    let died = job.state == State::Running;
    let deaths = job.deaths.unwrap_or(0) + i64::from(died);
    let poison = died && (deaths >= DEATHS || job.attempts >= job.max_attempts);
    let lease_no = job.lease_no + 1;
    let update = Entity::update_many()
        .col_expr(Column::LeaseNo, Expr::value(lease_no))
        .col_expr(Column::Deaths, Expr::value(deaths));
    let update = if poison {
        update
            .col_expr(Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .col_expr(Column::State, Expr::value(State::Dead))
            .col_expr(Column::LastError, Expr::value(ENDED))
    } else {
        update
            .col_expr(Column::LeaseUntil, Expr::value(now.plus_seconds(LEASE_SECONDS)))
            .col_expr(Column::State, Expr::value(State::Running))
            .col_expr(Column::Attempts, Expr::value(job.attempts + 1))
    };
    let rows = update
        .filter(COLUMN.shop_id.eq(job.shop_id))
        .filter(COLUMN.id.eq(job.id))
        .filter(COLUMN.lease_no.eq(job.lease_no))
        .filter(COLUMN.again.eq(job.again))
        .exec(db)
        .await?
        .rows_affected;
    if poison && rows == 1 {
        tracing::error!(shop.id = %job.shop_id, job.kind = %job.kind, job.id = %job.id, deaths, "a job was set aside: the process that worked on it died each time; try it again with `recoup jobs retry`");
    }
    let (attempts, deaths) = (job.attempts + 1, Some(deaths));
    let owned = Model { lease_no, attempts, deaths, state: State::Running, ..job.clone() };
    Ok((rows == 1 && !poison).then_some(owned))
}

/// Ends the leases of all that runs: nobody else works on this database ([`Db::working`](crate::db::Db::working)), so
/// whoever held them is dead. They stay what they are, abandoned, as if the lease had run out. Over all shops: of the few
/// statements that are. Answers how many.
pub async fn abandon(db: &impl ConnectionTrait, now: Timestamp) -> Result<u64, DbErr> {
    let update = Entity::update_many().col_expr(Column::LeaseUntil, Expr::value(now.plus_seconds(-1)));
    let held = update.filter(COLUMN.state.eq(State::Running)).filter(COLUMN.lease_until.gte(now));
    Ok(held.exec(db).await?.rows_affected)
}

/// Extends the lease of a job that is still being worked on.
pub async fn renew(db: &impl ConnectionTrait, job: &Model, now: Timestamp) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::LeaseUntil, Expr::value(now.plus_seconds(LEASE_SECONDS)));
    update.filter(owner(job)).exec(db).await.map(drop)
}

/// The job is done: it goes, unless it was promised again meanwhile; then it waits for another run.
pub async fn finish(db: &impl ConnectionTrait, job: &Model, now: Timestamp) -> Result<(), DbErr> {
    let gone = Entity::delete_many().filter(owner(job)).filter(COLUMN.again.eq(job.again)).exec(db).await?;
    if gone.rows_affected == 0 {
        put_back(db, job, State::Ready, now, 0, None).await?;
    }
    Ok(())
}

/// There is more to do at `at`; at once, if the job was promised again meanwhile.
pub async fn come_back(db: &impl ConnectionTrait, job: &Model, at: Timestamp, now: Timestamp) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Ready))
        .col_expr(Column::RunAt, Expr::value(at))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::LastError, Expr::value(Option::<String>::None))
        .col_expr(Column::LeaseUntil, Expr::value(Option::<i64>::None))
        .col_expr(Column::Deaths, Expr::value(Option::<i64>::None))
        .filter(owner(job))
        .filter(COLUMN.again.eq(job.again));
    if update.exec(db).await?.rows_affected == 0 {
        put_back(db, job, State::Ready, now, 0, None).await?;
    }
    Ok(())
}

/// The job waits for `run_at` (or is dead), keeping the reason.
pub async fn put_back(
    db: &impl ConnectionTrait,
    job: &Model,
    state: State,
    run_at: Timestamp,
    attempts: i32,
    reason: Option<String>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::RunAt, Expr::value(run_at))
        .col_expr(Column::Attempts, Expr::value(attempts))
        .col_expr(Column::LastError, Expr::value(reason))
        .col_expr(Column::LeaseUntil, Expr::value(Option::<i64>::None))
        .col_expr(Column::Deaths, Expr::value(Option::<i64>::None))
        .filter(owner(job))
        .exec(db)
        .await
        .map(drop)
}

/// A stale owner's write hits no row.
fn owner(job: &Model) -> Condition {
    Condition::all()
        .add(Column::ShopId.eq(job.shop_id))
        .add(Column::Id.eq(job.id))
        .add(Column::LeaseNo.eq(job.lease_no))
}
