//! Keeping deliveries: many requests, one commit, each delivery once.

use std::collections::BTreeSet;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, IntoActiveModel};

use super::delivery::{Model, Source, State};
use super::translate::Translate;
use crate::app::App;
use crate::db::{Group, GroupError, insert_once};
use crate::jobs;

/// A sender is answered 503 rather than kept waiting longer than this: it repeats itself, and 2xx would be a lie.
const PATIENCE: Duration = Duration::from_millis(1_200);

/// The writer of deliveries; clones feed the same one.
#[derive(Clone, Debug)]
pub struct Inbox(Group<Model>);

impl Inbox {
    /// Starts the writer.
    pub fn start(app: App) -> Self {
        Self(Group::start(
            "webhooks",
            |row: &Model| row.shop_id,
            move |rows: Vec<Model>| {
                let app = app.clone();
                async move { write(&app, &rows).await }
            },
        ))
    }

    /// Waits until the delivery is on disk. `false`: it was there already.
    pub async fn keep(&self, delivery: Model) -> Result<bool, GroupError> {
        let source = delivery.source;
        let kept = self.0.write(delivery, PATIENCE).await;
        let outcome = match kept {
            Ok(true) => "new",
            Ok(false) => "known",
            Err(_) => "turned_away",
        };
        received(source, outcome, 1);
        kept
    }
}

fn received(source: Source, outcome: &'static str, many: u64) {
    metrics::counter!("recoup_deliveries_received_total", "source" => source.label(), "outcome" => outcome)
        .increment(many);
}

/// Keeps what no sender waits for, in one transaction. Answers for each whether it was new.
pub async fn keep(app: &App, deliveries: &[Model]) -> Result<Vec<bool>, DbErr> {
    if deliveries.is_empty() {
        return Ok(Vec::new());
    }
    let kept = write(app, deliveries).await?;
    for (delivery, new) in deliveries.iter().zip(&kept) {
        received(delivery.source, if *new { "new" } else { "known" }, 1);
    }
    Ok(kept)
}

/// Writes all rows, and the promise to translate what is new among them. One insert when all are new, which is nearly
/// always; otherwise one by one, to learn which are.
async fn write(app: &App, rows: &[Model]) -> Result<Vec<bool>, DbErr> {
    let txn = app.db.begin_write().await?;
    if insert(&txn, rows).await? == rows.len() as u64 {
        promise(&txn, app, rows.iter()).await?;
        txn.commit().await?;
        app.bell.notify_one();
        return Ok(vec![true; rows.len()]);
    }
    txn.rollback().await?;
    let txn = app.db.begin_write().await?;
    let mut new = Vec::with_capacity(rows.len());
    for row in rows {
        new.push(insert(&txn, std::slice::from_ref(row)).await? == 1);
    }
    promise(&txn, app, rows.iter().zip(&new).filter_map(|(row, new)| new.then_some(row))).await?;
    txn.commit().await?;
    app.bell.notify_one();
    Ok(new)
}

/// Inserts what is not there yet; answers how many were not.
async fn insert(txn: &impl ConnectionTrait, rows: &[Model]) -> Result<u64, DbErr> {
    insert_once(txn, rows.iter().cloned().map(IntoActiveModel::into_active_model)).await
}

/// Promises one translation per shop.
async fn promise<'a>(txn: &impl ConnectionTrait, app: &App, new: impl Iterator<Item = &'a Model>) -> Result<(), DbErr> {
    let shops: BTreeSet<_> = new.filter(|row| row.state == State::Pending).map(|row| row.shop_id).collect();
    let now = app.clock.now();
    for shop in shops {
        jobs::enqueue(txn, &app.chance, shop, &Translate {}, now, now).await?;
    }
    Ok(())
}
