//! Something moved an order's money after its sales were read: they are read again now, not at the next hour.

use serde::{Deserialize, Serialize};

use super::journeys::Journeys;
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::news::Hears;
use crate::webhooks::SalesMoved;

/// Brings the standing reading forward.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReadSales(pub SalesMoved);

impl Hears for ReadSales {
    type News = SalesMoved;
}

impl Job for ReadSales {
    const NAME: &'static str = "catchup.sales_moved";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let txn = app.db.begin_write().await?;
        jobs::enqueue(&txn, &app.chance, shop, &Journeys {}, now, now).await?;
        txn.commit().await?;
        app.bell.notify_one();
        Ok(Next::Done)
    }
}
