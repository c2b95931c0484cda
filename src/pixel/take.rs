//! Writing events down: many requests, one commit, and the promise that their orders are weighed again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Value};

use super::event::{COLUMN, Column, Entity, Model as PixelEvent, PixelArrived};
use super::limit::Limit;
use crate::app::App;
use crate::db::{Group, GroupError, counts, insert_once};
use crate::kernel::id::ShopId;
use crate::links::ClickId;
use crate::news;

/// A browser that is leaving the page waits no longer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Events of one checkout that are kept. A browser tells of its checkout when it starts, when it is opened again, and when
/// it is completed.
const PER_CHECKOUT: i64 = 64;

/// Events of one click that are kept, whatever their checkouts.
const PER_CLICK: i64 = 256;

/// The door's writer and its counts.
#[derive(Debug)]
pub struct Pixel {
    group: Group<PixelEvent>,
    pub(super) limit: Limit,
}

impl Pixel {
    /// Starts the writer.
    pub fn start(app: App) -> Self {
        let group = Group::start(
            "pixel",
            |row: &PixelEvent| row.shop_id,
            move |rows: Vec<PixelEvent>| {
                let app = app.clone();
                async move {
                    let now = app.clock.now();
                    let count = rows.len();
                    let mut by_shop: BTreeMap<ShopId, Vec<PixelEvent>> = BTreeMap::new();
                    rows.into_iter().for_each(|row| by_shop.entry(row.shop_id).or_default().push(row));
                    let txn = app.db.begin_write().await?;
                    for (shop, rows) in by_shop {
                        let rows = within(&txn, shop, rows).await?;
                        if !rows.is_empty() {
                            let tokens = rows.iter().map(|row| row.checkout_token.clone()).collect();
                            counts::doubt(&txn, shop, counts::CHECKOUTS, tokens).await?;
                            insert_once(&txn, rows.into_iter().map(IntoActiveModel::into_active_model)).await?;
                            news::tell(&txn, &app, shop, &PixelArrived {}, now).await?;
                        }
                    }
                    txn.commit().await?;
                    app.bell.notify_one();
                    Ok(vec![true; count])
                }
            },
        );
        Self { group, limit: Limit::default() }
    }

    /// Waits until the event is on disk, or found to be one more of a checkout or a click that has told enough.
    pub(super) async fn note(&self, event: PixelEvent) -> Result<(), GroupError> {
        self.group.write(event, PATIENCE).await.map(drop)
    }
}

/// Those of a shop's events that its checkouts and clicks may still tell. (What two nodes take at one instant neither of
/// them counts: the bound is there for the disk.)
async fn within(txn: &impl ConnectionTrait, shop: ShopId, rows: Vec<PixelEvent>) -> Result<Vec<PixelEvent>, DbErr> {
    let tokens: BTreeSet<&str> = rows.iter().map(|row| row.checkout_token.as_str()).collect();
    let clicks: BTreeSet<ClickId> = rows.iter().filter_map(|row| row.click_id).collect();
    let mut by_token: BTreeMap<String, i64> = told(txn, shop, Column::CheckoutToken, tokens).await?;
    let mut by_click: BTreeMap<ClickId, i64> = told(txn, shop, Column::ClickId, clicks).await?;
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows {
        let of_token = by_token.entry(row.checkout_token.clone()).or_default();
        let mut none = 0;
        let of_click = row.click_id.map_or(&mut none, |click| by_click.entry(click).or_default());
        if *of_token < PER_CHECKOUT && *of_click < PER_CLICK {
            (*of_token, *of_click) = (*of_token + 1, *of_click + 1);
            kept.push(row);
        }
    }
    Ok(kept)
}

/// How many events there are already of some checkouts, or clicks.
async fn told<V, K>(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    column: Column,
    of: BTreeSet<V>,
) -> Result<BTreeMap<K, i64>, DbErr>
where
    V: Into<Value>,
    K: sea_orm::TryGetable + Ord,
{
    if of.is_empty() {
        return Ok(BTreeMap::new());
    }
    let count: SimpleExpr = Expr::cust("CAST(COUNT(*) AS BIGINT)");
    let find = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(column.is_in(of));
    let find = find.select_only().column(column).column_as(count, "told").group_by(column);
    Ok(find.into_tuple::<(K, i64)>().all(txn).await?.into_iter().collect())
}
