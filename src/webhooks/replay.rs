//! Translating kept deliveries again, after a bug of ours was repaired or a cause removed.

use std::collections::BTreeMap;

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::delivery::{COLUMN, Column, Entity, Source, State};
use super::person::still_there;
use super::translate::Translate;
use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Which deliveries; what is left out does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// Of one shop.
    pub shop: Option<ShopId>,
    /// Of one sender.
    pub source: Option<Source>,
    /// One delivery.
    pub delivery_id: Option<String>,
    /// Of one topic.
    pub topic: Option<String>,
    /// In one state.
    pub state: Option<State>,
    /// Received at this instant or later.
    pub since: Option<Timestamp>,
    /// Received before this instant.
    pub until: Option<Timestamp>,
}

/// A delivery by name.
pub type Key = (ShopId, Source, String);

/// Deliveries put back per transaction: others write too.
const BATCH: usize = 500;

impl Replay {
    fn condition(&self) -> Condition {
        Condition::all()
            // What nobody could be named for has nobody to be translated for.
            .add(COLUMN.shop_id.ne(ShopId::NOBODY))
            .add_option(self.shop.map(|shop| COLUMN.shop_id.eq(shop)))
            .add_option(self.source.map(|source| COLUMN.source.eq(source)))
            // What was erased or aged out says nothing any more.
            .add(still_there())
            .add_option(self.delivery_id.as_ref().map(|id| COLUMN.delivery_id.eq(id)))
            .add_option(self.topic.as_ref().map(|topic| COLUMN.topic.eq(topic)))
            .add_option(self.state.map(|state| COLUMN.state.eq(state)))
            .add_option(self.since.map(|since| COLUMN.received_at.gte(since)))
            .add_option(self.until.map(|until| COLUMN.received_at.lt(until)))
    }
}

/// Puts matching deliveries back to pending and promises their translation. Answers how many.
pub async fn replay(app: &App, filter: &Replay) -> Result<u64, DbErr> {
    let found = matching(app, filter).await?;
    put_back(app, &found).await?;
    Ok(found.len() as u64)
}

/// The deliveries a replay is about, by shop, oldest first. Without a named shop this looks over all of them: an
/// operator's command, not a request.
pub async fn matching(app: &App, filter: &Replay) -> Result<Vec<Key>, DbErr> {
    let select = Entity::find().filter(filter.condition()).select_only();
    let select = select.columns([Column::ShopId, Column::Source, Column::DeliveryId]);
    let select = select.order_by_asc(COLUMN.shop_id).order_by_asc(COLUMN.received_at).order_by_asc(COLUMN.delivery_id);
    select.into_tuple().all(app.db.read()).await
}

/// Puts these back to pending and promises their translation.
pub async fn put_back(app: &App, keys: &[Key]) -> Result<(), DbErr> {
    for (shop, source, ids) in batches(keys) {
        let txn = app.db.begin_write().await?;
        let update = Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Pending))
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(Column::Reason, Expr::value(Option::<String>::None))
            .col_expr(Column::DoneAt, Expr::value(Option::<i64>::None))
            .filter(COLUMN.shop_id.eq(shop))
            .filter(COLUMN.source.eq(source))
            .filter(COLUMN.delivery_id.is_in(ids));
        update.exec(&txn).await?;
        let now = app.clock.now();
        jobs::enqueue(&txn, &app.chance, shop, &Translate {}, now, now).await?;
        txn.commit().await?;
    }
    app.bell.notify_one();
    Ok(())
}

/// What became of deliveries: how many stand where, and why.
pub async fn outcomes(app: &App, keys: &[Key]) -> Result<BTreeMap<(String, Option<String>), u64>, DbErr> {
    let mut all = BTreeMap::new();
    for (shop, source, ids) in batches(keys) {
        let select = Entity::of(shop).filter(COLUMN.source.eq(source)).filter(COLUMN.delivery_id.is_in(ids));
        let select = select.select_only().columns([Column::State, Column::Reason]);
        let rows: Vec<(State, Option<String>)> = select.into_tuple().all(app.db.read()).await?;
        for (state, reason) in rows {
            *all.entry((state.to_value(), reason)).or_default() += 1;
        }
    }
    Ok(all)
}

/// One shop and one sender at a time.
fn batches(keys: &[Key]) -> impl Iterator<Item = (ShopId, Source, Vec<&str>)> {
    let groups = keys.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
    let parts = groups.flat_map(|group| group.chunks(BATCH));
    parts.map(|part| (part[0].0, part[0].1, part.iter().map(|(_, _, id)| id.as_str()).collect()))
}
