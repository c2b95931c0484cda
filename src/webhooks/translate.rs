//! Translating what a shop's deliveries say into facts.
//!
//! 1. Reading is pure and happens before the transaction; the transaction only writes.
//! 2. A batch is one transaction. If it fails, its deliveries go one by one, so that only the culprit waits.
//! 3. When the process died over this job, the first batch goes one by one, each marked before it is read: the one that
//!    was being read when the process died again is set aside, and nobody waits for it.
//! 4. A delivery that failed is tried apart from the others, later each time, and is dead after five failures.

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::delivery::{COLUMN, Column, Entity, Model, Source, State};
use super::edited::Edited;
use super::parsed::{Applied, Parsed, Unreadable, apply, apply_orders};
use super::{person, shopify, whatsapp};
use crate::abandoned::Touched;
use crate::app::App;
use crate::db::away;
use crate::jobs::{self, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::Snapshot;
use crate::shops::{Shop, Shops};
use crate::{abandoned, attribution, news, tombstones};

/// Deliveries per transaction.
const BATCH: u64 = 64;

/// Bodies in hand at once: they may be large.
const BODIES: usize = 8;

/// Facts per transaction: one delivery of Meta's may bring a thousand.
const FACTS: usize = 256;

/// Batches per run: then other jobs have their turn.
const BATCHES: usize = 50;

/// A delivery that failed this often is set aside.
const ATTEMPTS: i32 = 5;

/// Stands with a delivery while it is read alone.
const BEING_READ: &str = "the program ended while it read this, twice; it is left alone, and can be tried again";

/// The job: translates all pending deliveries of a shop.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Translate {}

impl jobs::Job for Translate {
    const NAME: &'static str = "webhooks.translate";

    /// One translation per shop: promising it twice promises it once.
    fn key(&self) -> Option<String> {
        Some("translate".to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let known = Shops::find_by_id(shop).one(app.db.read()).await?;
        if known.is_none() && shop != ShopId::NOBODY {
            // It was erased: what still came in while nodes remembered it goes too.
            Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).exec(app.db.write()).await?;
            return Ok(Next::Done);
        }
        let work = Work { app: &app, shop, known: known.as_ref(), suspected: jobs::suspected() };
        work.set_aside_what_was_being_read().await?;
        work.try_failed_again().await?;
        for batch in 0..BATCHES {
            let fresh = work.waiting(Tried::Never).await?;
            if fresh.is_empty() {
                return Ok(work.when_to_try_again().await?.map_or(Next::Done, Next::At));
            }
            match work.suspected && batch == 0 {
                false => work.translate(&fresh).await?,
                true => work.translate_alone(fresh).await?,
            }
        }
        Ok(Next::At(app.clock.now()))
    }
}

/// When the oldest delivery that still waits happened: before it, everything heard is in the facts.
pub async fn oldest_pending(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Timestamp>, DbErr> {
    let select = Entity::of(shop).filter(COLUMN.state.eq(State::Pending)).select_only();
    let oldest: Option<(Option<Timestamp>, Option<Timestamp>)> = select
        .column_as(Column::ReceivedAt.min(), "received_at")
        .column_as(Column::TriggeredAt.min(), "triggered_at")
        .into_tuple()
        .one(db)
        .await?;
    Ok(oldest.and_then(|(received, triggered)| [received, triggered].into_iter().flatten().min()))
}

struct Work<'a> {
    app: &'a App,
    shop: ShopId,
    known: Option<&'a Shop>,
    /// The process died over this job.
    suspected: bool,
}

/// A delivery that waits.
struct Waiting {
    source: Source,
    id: String,
    attempts: i32,
    received_at: Timestamp,
    /// When it happened, as far as the envelope says.
    at: Timestamp,
    /// Marks of whom it names; looked for only where somebody was forgotten.
    names: BTreeSet<String>,
}

impl Waiting {
    /// Seconds after it came in at which a delivery that failed is tried again: 2, 4, 8, 16.
    fn due(&self) -> Timestamp {
        self.received_at.plus_seconds(1 << self.attempts.clamp(0, 10))
    }
}

/// Deliveries of a batch that came to the same end: one statement for all of them.
struct Settled<'a> {
    source: Source,
    state: State,
    reason: Option<String>,
    /// It names somebody who was forgotten: its body goes.
    forgotten: bool,
    ids: Vec<&'a str>,
}

impl Settled<'_> {
    fn is(&self, source: Source, state: State, reason: Option<&str>, forgotten: bool) -> bool {
        (self.source, self.state, self.reason.as_deref(), self.forgotten) == (source, state, reason, forgotten)
    }
}

enum Tried {
    Never,
    Before,
}

type Reading = (Waiting, Result<Parsed, Unreadable>);

impl Work<'_> {
    /// Pending deliveries, oldest first; names only, because bodies may be large.
    async fn waiting(&self, tried: Tried) -> Result<Vec<Waiting>, DbErr> {
        let tried = match tried {
            Tried::Never => COLUMN.attempts.eq(0),
            Tried::Before => COLUMN.attempts.gt(0),
        };
        let select = Entity::of(self.shop).filter(COLUMN.state.eq(State::Pending)).filter(tried);
        let select = select.order_by_asc(COLUMN.received_at).order_by_asc(COLUMN.delivery_id).limit(BATCH);
        let select =
            select.select_only().columns([Column::Source, Column::DeliveryId, Column::Attempts, Column::ReceivedAt]);
        let rows: Vec<(Source, String, i32, Timestamp)> = select.into_tuple().all(self.app.db.read()).await?;
        let waiting = |(source, id, attempts, received_at)| {
            let names = BTreeSet::new();
            Waiting { source, id, attempts, received_at, at: received_at, names }
        };
        Ok(rows.into_iter().map(waiting).collect())
    }

    async fn try_failed_again(&self) -> Result<(), DbErr> {
        let now = self.app.clock.now();
        for failed in self.waiting(Tried::Before).await? {
            if failed.due() <= now {
                match self.suspected {
                    false => self.translate(&[failed]).await?,
                    true => self.translate_alone(vec![failed]).await?,
                }
            }
        }
        Ok(())
    }

    /// One by one, each marked while it is read.
    async fn translate_alone(&self, waiting: Vec<Waiting>) -> Result<(), DbErr> {
        for one in waiting {
            let mark = |reason: Option<&str>| {
                Entity::update_many()
                    .col_expr(Column::Reason, Expr::value(reason.map(str::to_owned)))
                    .filter(COLUMN.shop_id.eq(self.shop))
                    .filter(COLUMN.source.eq(one.source))
                    .filter(COLUMN.delivery_id.eq(&one.id))
                    .filter(COLUMN.state.eq(State::Pending))
                    .filter(if reason.is_some() { Column::Reason.is_null() } else { Column::Reason.eq(BEING_READ) })
            };
            // A reason it has from a failure stays: then the failures are what counts.
            mark(Some(BEING_READ)).exec(self.app.db.write()).await?;
            let outcome = self.translate(std::slice::from_ref(&one)).await;
            mark(None).exec(self.app.db.write()).await?;
            outcome?;
        }
        Ok(())
    }

    /// Deliveries that were being read, alone, when the process died.
    async fn set_aside_what_was_being_read(&self) -> Result<(), DbErr> {
        if !self.suspected {
            return Ok(());
        }
        let aside = Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Dead))
            .col_expr(Column::DoneAt, Expr::value(self.app.clock.now()))
            .filter(COLUMN.shop_id.eq(self.shop))
            .filter(COLUMN.state.eq(State::Pending))
            .filter(Column::Reason.eq(BEING_READ))
            .exec(self.app.db.write())
            .await?;
        if aside.rows_affected > 0 {
            tracing::error!(shop.id = %self.shop, "a delivery was set aside: the process that read it died each time");
        }
        Ok(())
    }

    async fn when_to_try_again(&self) -> Result<Option<Timestamp>, DbErr> {
        let soon = self.app.clock.now().plus_seconds(1);
        Ok(self.waiting(Tried::Before).await?.iter().map(|failed| failed.due().max(soon)).min())
    }

    async fn translate(&self, waiting: &[Waiting]) -> Result<(), DbErr> {
        let mut read: Vec<Reading> = Vec::with_capacity(waiting.len());
        let anybody_forgotten = tombstones::anybody_forgotten(self.app.db.read(), self.shop).await?;
        // By the table's key, in which the source stands before the id.
        let alike = waiting.chunk_by(|one, next| one.source == next.source);
        for some in alike.flat_map(|alike| alike.chunks(BODIES)) {
            let ids: Vec<&str> = some.iter().map(|one| one.id.as_str()).collect();
            let these = Entity::of(self.shop).filter(COLUMN.source.eq(some[0].source));
            let bodies = these.filter(COLUMN.delivery_id.is_in(ids)).all(self.app.db.read()).await?;
            for Waiting { source, id, attempts, received_at, .. } in some {
                // Gone meanwhile: erased with its shop.
                let is_it = |one: &&Model| one.delivery_id == *id;
                let Some(delivery) = bodies.iter().find(is_it) else { continue };
                let told = self.read(delivery).await?;
                let names = if anybody_forgotten { self.names(delivery) } else { BTreeSet::new() };
                let at = delivery.triggered_at.unwrap_or(*received_at);
                let (source, attempts, received_at) = (*source, *attempts, *received_at);
                read.push((Waiting { source, id: id.clone(), attempts, received_at, at, names }, told));
            }
        }
        let mut rest = read.as_slice();
        while !rest.is_empty() {
            let (portion, later) = rest.split_at(portion(rest));
            self.keep_or_blame(portion).await?;
            rest = later;
        }
        Ok(())
    }

    async fn keep_or_blame(&self, read: &[Reading]) -> Result<(), DbErr> {
        let Err(error) = self.keep(read).await else { return Ok(()) };
        // No delivery's fault: the job is tried again, and nobody comes nearer to being set aside.
        if away(&error) {
            return Err(error);
        }
        if let [(one, _)] = read {
            return self.note_failure(one, &error).await;
        }
        for one in read {
            if let Err(error) = self.keep(std::slice::from_ref(one)).await {
                if away(&error) {
                    return Err(error);
                }
                self.note_failure(&one.0, &error).await?;
            }
        }
        Ok(())
    }

    /// What a delivery says. An error of the database is not the delivery's fault and stops the job.
    async fn read(&self, delivery: &Model) -> Result<Result<Parsed, Unreadable>, DbErr> {
        if delivery.body_sealed.is_empty() {
            let gone = "its body was erased or aged out; what it said before stays recorded";
            return Ok(Ok(Parsed::Nothing(gone.to_owned())));
        }
        let body = match delivery.body(&self.app.vault) {
            Ok(body) => body,
            Err(error) => return Ok(Err(Unreadable::because(format!("the kept body does not open: {error}")))),
        };
        match delivery.source {
            Source::Whatsapp => whatsapp::read(self.app, self.shop, &body).await,
            Source::Shopify | Source::Reread => Ok(shopify::read(&self.app.vault, self.known, delivery, &body)),
        }
    }

    fn names(&self, delivery: &Model) -> BTreeSet<String> {
        let country = self.known.and_then(|shop| shop.country.as_deref());
        let body = delivery.body(&self.app.vault).unwrap_or_default();
        person::names(&self.app.vault, self.shop, country, &body)
    }

    /// Writes what some deliveries say, and that they are settled: all or nothing.
    async fn keep(&self, read: &[Reading]) -> Result<(), DbErr> {
        let (app, shop, now) = (self.app, self.shop, self.app.clock.now());
        let txn = app.db.begin_write().await?;
        let (mut touched, mut quiet) = (BTreeSet::new(), Touched::default());
        let mut settled: Vec<Settled<'_>> = Vec::new();
        let mut covered = Vec::with_capacity(read.len());
        for (one, told) in read {
            let forgotten = tombstones::covering(&txn, shop, &one.names).await?;
            covered.push((one, told, person::covered(told, one.at, &forgotten)));
        }
        // Orders are most of what comes, and together they cost hardly more than one.
        let orders: Vec<&Snapshot> =
            covered.iter().filter(|(.., forgotten)| !forgotten).filter_map(|(_, told, _)| order_of(told)).collect();
        apply_orders(&txn, app, shop, &orders, (&mut touched, &mut quiet), now).await?;
        for (one, told, forgotten) in covered {
            let (state, reason) = match told {
                Err(unreadable) => (State::Dead, Some(unreadable.to_string())),
                Ok(Parsed::Order(_)) if !forgotten => (State::Done, None),
                Ok(told) => match apply(&txn, app, shop, told, forgotten, (&mut touched, &mut quiet), now).await? {
                    Applied::Done(left) => (State::Done, left),
                    Applied::Ignored(reason) => (State::Ignored, Some(reason)),
                },
            };
            // Whoever was asked has said it: only what a webhook told is read again.
            if let Some(order) = told.as_ref().ok().and_then(Parsed::in_doubt).filter(|_| one.source == Source::Shopify)
            {
                tracing::info!(shop.id = %shop, order.id = %order, "an order's parts do not make its total; it is read again");
                news::tell(&txn, app, shop, &Edited(order.0), now).await?;
            }
            let (source, reason) = (one.source, reason.map(short));
            match settled.iter_mut().find(|group| group.is(source, state, reason.as_deref(), forgotten)) {
                Some(group) => group.ids.push(&one.id),
                None => settled.push(Settled { source, state, reason, forgotten, ids: vec![&one.id] }),
            }
        }
        let mut counts = Vec::with_capacity(settled.len());
        for Settled { source, state, reason, forgotten, ids } in settled {
            counts.push((source, state, ids.len() as u64));
            let mut update = Entity::update_many()
                .col_expr(Column::State, Expr::value(state))
                .col_expr(Column::Reason, Expr::value(reason))
                .col_expr(Column::DoneAt, Expr::value(now))
                .filter(COLUMN.shop_id.eq(shop))
                .filter(COLUMN.source.eq(source))
                .filter(COLUMN.delivery_id.is_in(ids))
                .filter(COLUMN.state.eq(State::Pending));
            if forgotten {
                update = update.col_expr(Column::BodySealed, Expr::value(Vec::<u8>::new()));
            }
            update.exec(&txn).await?;
        }
        let since = read.iter().map(|(one, _)| one.received_at).min().unwrap_or(now);
        attribution::mark_unsettled_since(&txn, app, shop, touched, (since, now)).await?;
        abandoned::review(&txn, app, shop, quiet, now).await?;
        txn.commit().await?;
        for (source, state, many) in counts {
            settled_as(source, state, many);
        }
        if read.iter().any(|(_, told)| told.as_ref().is_ok_and(Parsed::changes_the_shop)) {
            app.db.changed();
        }
        app.bell.notify_one();
        for (one, unreadable) in read.iter().filter_map(|(one, told)| Some((one, told.as_ref().err()?))) {
            tracing::error!(shop.id = %shop, delivery.id = %one.id, reason = %unreadable, "a delivery cannot be read; it is kept for `recoup replay`");
        }
        Ok(())
    }

    async fn note_failure(&self, failed: &Waiting, error: &DbErr) -> Result<(), DbErr> {
        let attempts = failed.attempts + 1;
        let state = if attempts >= ATTEMPTS { State::Dead } else { State::Pending };
        match state {
            State::Dead => {
                tracing::warn!(shop.id = %self.shop, delivery.id = %failed.id, attempts, error = %error, "a delivery could not be recorded and was set aside; when its cause is gone: `recoup replay`");
                settled_as(failed.source, state, 1);
            }
            _ => {
                tracing::info!(shop.id = %self.shop, delivery.id = %failed.id, attempts, error = %error, "a delivery could not be recorded; it is tried again")
            }
        }
        Entity::update_many()
            .col_expr(Column::State, Expr::value(state))
            .col_expr(Column::Attempts, Expr::value(attempts))
            .col_expr(Column::Reason, Expr::value(short(format!("could not be recorded: {error}"))))
            .filter(COLUMN.shop_id.eq(self.shop))
            .filter(COLUMN.source.eq(failed.source))
            .filter(COLUMN.delivery_id.eq(&failed.id))
            .filter(COLUMN.state.eq(State::Pending))
            .exec(self.app.db.write())
            .await
            .map(drop)
    }
}

fn order_of(told: &Result<Parsed, Unreadable>) -> Option<&Snapshot> {
    match told {
        Ok(Parsed::Order(snapshot)) => Some(snapshot),
        _ => None,
    }
}

/// Counts deliveries that came to an end.
fn settled_as(source: Source, state: State, many: u64) {
    metrics::counter!("recoup_deliveries_settled_total", "source" => source.label(), "state" => state.label())
        .increment(many);
}

/// What waits to be translated for one shop.
#[derive(Clone, Copy, Debug)]
pub struct Backlog {
    /// How many deliveries, [`MOST_COUNTED`] at most.
    pub waiting: u64,
    /// When the oldest of them came in.
    pub oldest: Timestamp,
}

/// The most deliveries of a shop that are counted.
pub const MOST_COUNTED: u64 = 1_000;

/// What waits to be translated; `None`: nothing.
pub async fn backlog(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Backlog>, DbErr> {
    let pending = Entity::of(shop).filter(COLUMN.state.eq(State::Pending)).order_by_asc(COLUMN.received_at);
    let pending = pending.limit(MOST_COUNTED).select_only().column(Column::ReceivedAt);
    let pending: Vec<Timestamp> = pending.into_tuple().all(db).await?;
    Ok(pending.first().map(|oldest| Backlog { waiting: pending.len() as u64, oldest: *oldest }))
}

/// How many of a shop's latest deliveries in each state are looked at for [`last_heard`].
const LOOKED_AT: u64 = 500;

/// When Shopify last sent something for a shop, as far as its latest deliveries say.
pub async fn last_heard(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Timestamp>, DbErr> {
    let mut last = None;
    for state in [State::Pending, State::Done, State::Ignored, State::Dead] {
        let latest = Entity::of(shop).filter(COLUMN.state.eq(state)).order_by_desc(COLUMN.received_at);
        let latest = latest.limit(LOOKED_AT).select_only().columns([Column::Source, Column::ReceivedAt]);
        let latest: Vec<(Source, Timestamp)> = latest.into_tuple().all(db).await?;
        last = last.max(latest.into_iter().find(|(source, _)| *source == Source::Shopify).map(|(_, at)| at));
    }
    Ok(last)
}

/// How many of these are kept in one transaction: at least one, and not so many that others wait long for the database.
/// What asks to forget somebody stands alone: whoever comes after it is judged by it.
fn portion(read: &[Reading]) -> usize {
    let forgets = |told: &Result<Parsed, Unreadable>| matches!(told, Ok(Parsed::Privacy(_)));
    let mut facts = 0;
    let fit = read.iter().take_while(|(_, told)| {
        if forgets(told) {
            return false;
        }
        facts += told.as_ref().map_or(1, Parsed::facts);
        facts <= FACTS
    });
    fit.count().max(1)
}

/// A reason is a sentence, not a report.
fn short(reason: String) -> String {
    reason.chars().take(500).collect()
}
