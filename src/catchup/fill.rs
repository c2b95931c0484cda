//! The job that reads a shop's last 60 days of orders by a bulk operation. Each run is one step, and each step is
//! committed: whoever dies in the middle, somebody goes on behind the last step.
//!
//! 1. The query tells the try: one whose answer was lost is found again by it, and not begun twice.
//! 2. Memory is bounded: lines are kept, sealed, until the file has been read; then orders are made of them one by one.
//! 3. An order the file cannot tell whole (its refunds' lines, a part of a file) is read again by itself.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder, QuerySelect,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::admin_session::{AdminSession, Stopped, Trouble};
use super::backfill::{self, Model, State};
use super::cycle::VISIBLE_SECONDS;
use super::{line, orders, reread, watermark};
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::OrderId;
use crate::shopify::admin::as_webhook::{adds_up, may_have_tip};
use crate::shopify::admin::bulk::{self as api, BulkError, BulkGid, FileError, Standing};
use crate::shops::CallError;
use crate::webhooks;

/// How soon an operation is looked at again.
const POLL_SECONDS: i64 = 15;

/// How often the past is asked for.
const ATTEMPTS: i32 = 3;

/// An operation Shopify has not finished by then has no file any more by the time we read it.
const LONGEST_SECONDS: i64 = 7 * 86_400;

/// Lines per step, and orders per step.
const LINES: usize = 500;
const ORDERS: u64 = 50;

const FILE: &str = "backfills.file";

/// The job.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Backfill {}

impl Backfill {
    /// Begins it for an installed shop; it ends by itself and does nothing the next time.
    pub async fn stand(db: &impl ConnectionTrait, app: &App, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
        jobs::stand(db, &app.chance, shop, &Self {}, now, now).await
    }
}

impl Job for Backfill {
    const NAME: &'static str = "catchup.backfill";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let known = backfill::Entity::find_by_id(shop).one(app.db.read()).await?;
        if known.as_ref().is_some_and(|known| known.state.over()) {
            return Ok(Next::Done);
        }
        let Some(session) = AdminSession::begin(&app, shop).await? else { return Ok(Next::Done) };
        let until = session.shop.installed_at;
        let backfill = known.unwrap_or_else(|| Model::new(shop, until.plus_seconds(-VISIBLE_SECONDS), until, now));
        let before = backfill.clone();
        let step = match backfill.state {
            State::Asked => ask(&session, backfill, now).await,
            State::Running => look(&session, backfill, now).await,
            State::Reading => read(&session, backfill, now).await,
            State::Keeping => keep(&session, backfill, now).await,
            State::Done | State::Paged => Ok((backfill, now)),
        };
        match step {
            Ok((after, at)) => {
                put(app.db.write(), &after).await?;
                Ok(if after.state.over() { Next::Done } else { Next::At(at) })
            }
            Err(Stopped::Db(error)) => Err(error.into()),
            Err(Stopped::Trouble(Trouble { reason, wait_seconds, .. })) => {
                if reason.is_some() {
                    // A step may have moved on before it was stopped.
                    let kept = backfill::Entity::find_by_id(shop).one(app.db.read()).await?.unwrap_or(before);
                    put(app.db.write(), &Model { last_error: reason, ..kept }).await?;
                }
                Ok(Next::At(now.plus_seconds(wait_seconds)))
            }
        }
    }
}

type Step = Result<(Model, Timestamp), Stopped>;

/// Begins the operation, or finds it begun. Its row is written before the call.
async fn ask(session: &AdminSession, backfill: Model, now: Timestamp) -> Step {
    put(session.app.db.write(), &backfill).await?;
    // Each try asks for a second more of the past: its query is its name.
    let query = api::orders_query(backfill.since.plus_seconds(-i64::from(backfill.attempts)), backfill.until);
    let (admin, query) = (&session.admin, &query);
    let begun = session.ask(now, |domain, token| async move { api::find(admin, &domain, &token, query).await }).await?;
    let operation = match begun {
        Some(begun) => begun,
        None => {
            let begins = |domain, token: SecretString| async move { api::run(admin, &domain, &token, query).await };
            match session.ask(now, begins).await {
                Err(CallError::Call(BulkError::Refused(reason))) => return again(session, backfill, reason, now).await,
                other => other?,
            }
        }
    };
    let running = Model { state: State::Running, operation: Some(operation.0), last_error: None, ..backfill };
    Ok((running, now.plus_seconds(POLL_SECONDS)))
}

/// Looks whether Shopify has finished.
async fn look(session: &AdminSession, backfill: Model, now: Timestamp) -> Step {
    let operation = BulkGid(backfill.operation.clone().unwrap_or_default());
    let seal = |url: &str| Some(session.app.vault.seal_bytes(session.shop.shop_id, FILE, url.as_bytes()));
    let (admin, begun) = (&session.admin, &operation);
    let found = session.ask(now, |domain, token| async move { api::look(admin, &domain, &token, begun).await }).await?;
    let backfill = Model { last_error: None, ..backfill };
    match found {
        Standing::UnderWay(_) if now.seconds_since(backfill.began_at) > LONGEST_SECONDS => {
            again(session, backfill, "Shopify did not finish reading within a week".to_owned(), now).await
        }
        Standing::UnderWay(objects) => {
            Ok((Model { objects_total: Some(objects), ..backfill }, now.plus_seconds(POLL_SECONDS)))
        }
        Standing::Completed { roots, objects, url } => {
            let (orders_total, objects_total) = (Some(roots), Some(objects));
            let backfill = Model { orders_total, objects_total, ..backfill };
            Ok(match url {
                None => (over(backfill, State::Done, now), now),
                Some(url) => (Model { state: State::Reading, file_sealed: seal(&url), ..backfill }, now),
            })
        }
        Standing::Failed { partial: Some(url), reason } => {
            let last_error = Some(failed(&reason));
            let file_sealed = seal(&url);
            Ok((Model { state: State::Reading, partial: true, file_sealed, last_error, ..backfill }, now))
        }
        Standing::Failed { reason, partial: None } => again(session, backfill, failed(&reason), now).await,
        Standing::Gone => again(session, backfill, "Shopify forgot the bulk operation".to_owned(), now).await,
    }
}

fn failed(reason: &str) -> String {
    format!("Shopify could not read all orders at once ({})", reason.to_lowercase())
}

/// Reads a piece of the file.
async fn read(session: &AdminSession, backfill: Model, now: Timestamp) -> Step {
    let (app, shop) = (&session.app, session.shop.shop_id);
    let sealed = backfill.file_sealed.as_deref().unwrap_or_default();
    let Ok(url) = app.vault.open_bytes(shop, FILE, sealed) else {
        return again(session, backfill, "the address of the file does not open".to_owned(), now).await;
    };
    let from = u64::try_from(backfill.file_next).unwrap_or(0);
    let piece = match session.admin.piece(&String::from_utf8_lossy(&url), from, LINES).await {
        Err(error @ (FileError::Gone | FileError::Elsewhere | FileError::TooLong)) => {
            return again(session, backfill, error.to_string(), now).await;
        }
        other => other?,
    };
    let rows = piece.lines.iter().zip(backfill.lines_read..).filter_map(|(text, number)| {
        Some(line::Model {
            shop_id: shop,
            shopify_order_id: line::order_of(text)?,
            line: number,
            body_sealed: app.vault.seal_bytes(shop, line::BODY, text),
        })
    });
    let rows: Vec<_> = rows.map(IntoActiveModel::into_active_model).collect();
    let read = i64::try_from(piece.lines.len()).unwrap_or(0);
    let after = Model {
        state: if piece.ends { State::Keeping } else { State::Reading },
        file_next: i64::try_from(piece.next).unwrap_or(i64::MAX),
        lines_read: backfill.lines_read + read,
        ..backfill
    };
    let txn = app.db.begin_write().await?;
    if !rows.is_empty() {
        let once = OnConflict::columns(line::PrimaryKey::iter()).do_nothing().to_owned();
        line::Entity::insert_many(rows).on_conflict(once).exec_without_returning(&txn).await?;
    }
    put(&txn, &after).await?;
    txn.commit().await?;
    Ok((after, now))
}

/// Makes orders of their lines and keeps them.
async fn keep(session: &AdminSession, backfill: Model, now: Timestamp) -> Step {
    let (app, shop) = (&session.app, session.shop.shop_id);
    let ids: Vec<OrderId> = line::Entity::of(shop)
        .select_only()
        .column(line::Column::ShopifyOrderId)
        .distinct()
        .order_by_asc(line::COLUMN.shopify_order_id)
        .limit(ORDERS)
        .into_tuple()
        .all(app.db.read())
        .await?;
    if ids.is_empty() {
        return match (backfill.partial, backfill.last_error.clone()) {
            (true, reason) => again(session, backfill, reason.unwrap_or_default(), now).await,
            (false, _) => Ok((over(backfill, State::Done, now), now)),
        };
    }
    let known = orders::updated(session, shop, ids.clone()).await?;
    let lines = line::Entity::of(shop).filter(line::COLUMN.shopify_order_id.is_in(ids.clone()));
    let lines = lines.order_by_asc(line::COLUMN.shopify_order_id).order_by_asc(line::COLUMN.line);
    let lines = lines.all(app.db.read()).await?;
    let (mut kept, mut done, mut stopped) = (Vec::new(), Vec::new(), None);
    for id in ids {
        let own = lines.iter().filter(|line| line.shopify_order_id == id);
        let own = own.filter_map(|line| app.vault.open_bytes(shop, line::BODY, &line.body_sealed).ok());
        let told = line::assemble(own).filter(|order| tells_all(order, backfill.partial));
        let newer = |order: &Value| {
            let at = order["updatedAt"].as_str().and_then(Timestamp::parse);
            known.get(&id.0).is_none_or(|known| at.is_none_or(|at| *known < at))
        };
        match told {
            Some(order) if newer(&order) => kept.extend(reread::order(session, &order, now)),
            Some(_) => {}
            None => {
                if let Err(trouble) = orders::one_order(session, id.0, now).await {
                    stopped = Some(trouble);
                    break;
                }
            }
        }
        done.push(id);
    }
    webhooks::keep(app, &kept).await?;
    let after = Model { orders_read: backfill.orders_read + i64::try_from(done.len()).unwrap_or(0), ..backfill };
    let txn = app.db.begin_write().await?;
    let delete = line::Entity::delete_many().filter(line::COLUMN.shop_id.eq(shop));
    delete.filter(line::COLUMN.shopify_order_id.is_in(done)).exec(&txn).await?;
    put(&txn, &after).await?;
    txn.commit().await?;
    match stopped {
        Some(stopped) => Err(stopped),
        None => Ok((after, now)),
    }
}

/// Whether the file tells everything of an order: refunds are only named in it, which line is a tip is not told, and a
/// part of a file may lack lines.
fn tells_all(order: &Value, partial: bool) -> bool {
    let refunded = order["refunds"].as_array().is_some_and(|refunds| !refunds.is_empty());
    !partial && !refunded && !may_have_tip(order) && adds_up(order)
}

/// Once more from the beginning; after some tries the past is read page by page.
async fn again(session: &AdminSession, backfill: Model, reason: String, now: Timestamp) -> Step {
    let (app, shop) = (&session.app, session.shop.shop_id);
    let attempts = backfill.attempts + 1;
    tracing::info!(shop.id = %shop, attempts, reason, "reading the shop's past at once failed");
    let txn = app.db.begin_write().await?;
    line::Entity::delete_many().filter(line::COLUMN.shop_id.eq(shop)).exec(&txn).await?;
    let fresh = Model {
        attempts,
        last_error: Some(reason),
        orders_total: backfill.orders_total,
        ..Model::new(shop, backfill.since, backfill.until, now)
    };
    let after = if attempts < ATTEMPTS {
        fresh
    } else {
        watermark::rewind(&txn, shop, backfill.since).await?;
        over(fresh, State::Paged, now)
    };
    put(&txn, &after).await?;
    txn.commit().await?;
    Ok((after, now.plus_seconds(POLL_SECONDS)))
}

fn over(backfill: Model, state: State, now: Timestamp) -> Model {
    Model { state, done_at: Some(now), operation: None, file_sealed: None, ..backfill }
}

async fn put(db: &impl ConnectionTrait, backfill: &Model) -> Result<(), DbErr> {
    let others = backfill::Column::iter().filter(|column| !matches!(column, backfill::Column::ShopId));
    let update = OnConflict::column(backfill::Column::ShopId).update_columns(others).to_owned();
    let row = backfill.clone().into_active_model();
    backfill::Entity::insert(row).on_conflict(update).exec_without_returning(db).await.map(drop)
}
