//! The pixel told something: orders that were here before it are weighed again, of those checkouts and of others that
//! their clicks were told with: a click ties the first of them only, and that may be another one now.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::unsettled::mark_unsettled;
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::news::Hears;
use crate::orders;
use crate::pixel::{self, PixelArrived};

/// Events looked at in one transaction.
const BATCH: u64 = 500;

/// Asks for the verdicts of the orders that the pixel told of.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnsettleByPixel(pub PixelArrived);

impl Hears for UnsettleByPixel {
    type News = PixelArrived;
}

impl Job for UnsettleByPixel {
    const NAME: &'static str = "pixel.told";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        loop {
            let txn = app.db.begin_write().await?;
            let events = pixel::unasked(&txn, shop, BATCH).await?;
            if events.is_empty() {
                return Ok(Next::Done);
            }
            let ties = pixel::ties_of(&txn, shop, events.iter().filter_map(|event| event.click_id)).await?;
            let (ids, told): (_, Vec<String>) =
                events.into_iter().map(|event| (event.event_id, event.checkout_token)).unzip();
            let tokens: BTreeSet<String> =
                told.into_iter().chain(ties.into_iter().map(|tie| tie.checkout_token)).collect();
            let orders = orders::of_checkouts(&txn, shop, tokens.into_iter().collect()).await?;
            mark_unsettled(&txn, &app, shop, orders, now).await?;
            pixel::mark_asked(&txn, shop, ids, now).await?;
            txn.commit().await?;
            app.bell.notify_one();
        }
    }
}
