//! The pixel told something: orders of those checkouts that were here before it are weighed again.

use super::ask::ask;
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::orders;
use crate::pixel::{self, Told};

/// Events looked at in one transaction.
const BATCH: u64 = 500;

impl Job for Told {
    const NAME: &'static str = "pixel.told";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        loop {
            let txn = app.db.begin_write().await?;
            let events = pixel::unasked(&txn, shop, BATCH).await?;
            if events.is_empty() {
                return Ok(Next::Done);
            }
            let (ids, tokens) = events.into_iter().map(|event| (event.event_id, event.checkout_token)).unzip();
            let orders = orders::of_checkouts(&txn, shop, tokens).await?;
            ask(&txn, &app, shop, &orders, now).await?;
            pixel::mark_asked(&txn, shop, ids, now).await?;
            txn.commit().await?;
            app.bell.notify_one();
        }
    }
}
