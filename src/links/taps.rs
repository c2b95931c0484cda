//! The writer of taps: many requests, one commit; onto this node's disk while the database is away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::classify;
use super::click::Model as Click;

use super::link;
use super::outage::Outage;
use super::spool::Spool;
use crate::app::App;
use crate::db::{Db, Group, GroupError, away, insert_once};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// How long a shopper waits for the commit. With the look-ups before it and the spool after it this stays below 1.5 s.
const PATIENCE: Duration = Duration::from_millis(600);

/// How often spooled taps are tried.
const DRAIN_EVERY: Duration = Duration::from_secs(1);

/// Rows per commit while draining.
const ROWS: usize = 256;

/// Away for so many shops in a row and there for none: it is away.
const AWAY_FOR: usize = 3;

/// How long one commit may take while draining.
const DRAIN_PATIENCE: Duration = Duration::from_secs(5);

/// Notes taps; clones share the writer.
#[derive(Clone, Debug)]
pub struct Taps {
    group: Group<Arc<Click>>,
    spool: Spool,
    outage: Outage,
}

impl Taps {
    /// Starts the writer, and the one that drains what an outage left behind, also before this start.
    pub fn start(app: App, outage: Outage) -> Self {
        let db = app.db.clone();
        let group = Group::start(
            "taps",
            |row: &Arc<Click>| row.shop_id,
            move |rows: Vec<Arc<Click>>| {
                let db = db.clone();
                async move {
                    let new = vec![true; rows.len()];
                    commit(&db, rows).await?;
                    Ok(new)
                }
            },
        );
        let spool = Spool::start(app.config.spool.clone(), app.vault.clone(), app.chance.clone());
        tokio::spawn(drain(app, spool.clone(), outage.clone()));
        Self { group, spool, outage }
    }

    /// Waits until the tap is on disk: in the database, or, when it is away, in the spool.
    pub async fn note(&self, click: Click) -> Result<(), GroupError> {
        let click = Arc::new(click);
        if !self.outage.on(click.shop_id) {
            match self.group.write(Arc::clone(&click), PATIENCE).await {
                Ok(_) => return Ok(()),
                Err(GroupError::Full) => {}
                Err(_) => self.outage.seen(click.shop_id),
            }
        }
        let plain = serde_json::to_vec(&*click).map_err(|_| GroupError::Refused)?;
        if self.spool.keep(click.shop_id, &plain).await { Ok(()) } else { Err(GroupError::Full) }
    }
}

/// One statement: all of a group, or nothing.
async fn commit(db: &Db, rows: Vec<Arc<Click>>) -> Result<(), DbErr> {
    insert_once(db.write(), rows.into_iter().map(|row| Click::clone(&row).into_active_model())).await.map(drop)
}

/// What waited here came late: its links' hits are judged again, and the orders it may have led to.
async fn commit_late(db: &Db, rows: Vec<Click>) -> Result<(), DbErr> {
    let mut since: BTreeMap<(ShopId, String), Timestamp> = BTreeMap::new();
    for row in &rows {
        let first = since.entry((row.shop_id, row.slug.clone())).or_insert(row.at);
        *first = (*first).min(row.at);
    }
    let txn = db.begin_write().await?;
    insert_once(&txn, rows.into_iter().map(IntoActiveModel::into_active_model)).await?;
    for ((shop, slug), since) in since {
        classify::enqueue(&txn, shop, &slug, since).await?;
    }
    txn.commit().await
}

async fn drain(app: App, spool: Spool, outage: Outage) {
    let mut every = tokio::time::interval(DRAIN_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // Files that could not be drained of everything: the others have their turn first.
    let mut tried = BTreeSet::new();
    loop {
        every.tick().await;
        loop {
            let Some(batch) = spool.take(&tried).await else {
                tried.clear();
                break;
            };
            let mut waiting = BTreeMap::<ShopId, Vec<Click>>::new();
            for click in batch.values.iter().filter_map(|value| serde_json::from_slice::<Click>(value).ok()) {
                waiting.entry(click.shop_id).or_default().push(click);
            }
            let kept = shop_by_shop(&app.db, &mut waiting, &outage).await;
            let left: usize = waiting.values().map(Vec::len).sum();
            tracing::info!(kept, left, "spooled taps go into the database");
            if waiting.is_empty() {
                batch.done();
                continue;
            }
            // The database is away, or it is for these shops: what came through is not tried with them again.
            tried.insert(batch.name());
            if kept > 0 {
                batch.keep_only(waiting.into_keys().collect()).await;
            }
            break;
        }
    }
}

/// Empties what could be kept, a shop at a time; answers how many taps came through. When the database is away for a few
/// shops and for nobody less, the others are not tried.
async fn shop_by_shop(db: &Db, waiting: &mut BTreeMap<ShopId, Vec<Click>>, outage: &Outage) -> usize {
    let (mut kept, mut away_for) = (0, 0);
    for shop in waiting.keys().copied().collect::<Vec<_>>() {
        let Some(clicks) = waiting.get(&shop) else { continue };
        match into_the_database(db, clicks).await {
            Ok(count) => {
                kept += count;
                waiting.remove(&shop);
                outage.over(shop);
            }
            Err(error) => {
                outage.seen(shop);
                away_for += 1;
                tracing::warn!(shop.id = %shop, error = %error, waiting = clicks.len(), "taps stay in the spool");
                if kept == 0 && away_for == AWAY_FOR {
                    break;
                }
            }
        }
    }
    kept
}

async fn into_the_database(db: &Db, clicks: &[Click]) -> Result<usize, DbErr> {
    let mut kept = 0;
    for part in clicks.chunks(ROWS) {
        let late = |_| DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout);
        let known = tokio::time::timeout(DRAIN_PATIENCE, known(db, part)).await.map_err(late).flatten()?;
        kept += known.len();
        match tokio::time::timeout(DRAIN_PATIENCE, commit_late(db, known.clone())).await.map_err(late).flatten() {
            Ok(()) => {}
            Err(error) if away(&error) => return Err(error),
            Err(_) => alone(db, known).await?,
        }
    }
    Ok(kept)
}

/// One bad row never spoils its neighbours.
async fn alone(db: &Db, clicks: Vec<Click>) -> Result<(), DbErr> {
    for click in clicks {
        let id = click.id;
        match commit_late(db, vec![click]).await {
            Err(error) if away(&error) => return Err(error),
            Err(error) => tracing::error!(click.id = %id, error = %error, "a spooled tap cannot be kept"),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Those whose link still stands: a shop may have been erased while its taps waited, and nothing of it may come back.
async fn known(db: &Db, clicks: &[Click]) -> Result<Vec<Click>, DbErr> {
    let mut slugs: BTreeMap<ShopId, BTreeSet<&str>> = BTreeMap::new();
    for click in clicks {
        slugs.entry(click.shop_id).or_default().insert(&click.slug);
    }
    let mut standing = BTreeSet::new();
    for (shop, slugs) in slugs {
        let find = link::Entity::find().select_only().column(link::Column::Slug);
        let find = find.filter(link::COLUMN.shop_id.eq(shop)).filter(link::Column::Slug.is_in(slugs));
        standing.extend(find.into_tuple::<String>().all(db.read()).await?);
    }
    Ok(clicks.iter().filter(|click| standing.contains(&click.slug)).cloned().collect())
}
