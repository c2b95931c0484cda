//! Writing events down: many requests, one commit, and the promise that their orders are weighed again.

use std::collections::BTreeSet;
use std::time::Duration;

use sea_orm::IntoActiveModel;

use super::event::{Model as PixelEvent, Told};
use super::limit::Limit;
use crate::app::App;
use crate::db::{Group, GroupError, insert_once};
use crate::jobs;
use crate::kernel::id::ShopId;

/// A browser that is leaving the page waits no longer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The door's writer and its counts.
#[derive(Debug)]
pub struct Pixel {
    group: Group<PixelEvent>,
    pub(super) limit: Limit,
}

impl Pixel {
    /// Starts the writer.
    pub fn start(app: App) -> Self {
        let group = Group::start(move |rows: Vec<PixelEvent>| {
            let app = app.clone();
            async move {
                let now = app.clock.now();
                let (count, shops) = (rows.len(), rows.iter().map(|row| row.shop_id).collect::<BTreeSet<ShopId>>());
                let txn = app.db.begin_write().await?;
                insert_once(&txn, rows.into_iter().map(IntoActiveModel::into_active_model)).await?;
                for shop in shops {
                    jobs::enqueue(&txn, &app.chance, shop, &Told {}, Some("pixel".to_owned()), now, now).await?;
                }
                txn.commit().await?;
                app.bell.notify_one();
                Ok(vec![true; count])
            }
        });
        Self { group, limit: Limit::default() }
    }

    /// Waits until the event is on disk.
    pub(super) async fn note(&self, event: PixelEvent) -> Result<(), GroupError> {
        self.group.write(event, PATIENCE).await.map(drop)
    }
}
