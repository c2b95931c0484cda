//! A code ends at another instant than was known: it counts for its own life and a grace, so its orders are judged by the
//! end that is known now.

use serde::{Deserialize, Serialize};

use super::reach;
use super::unsettled::mark_unsettled;
use crate::app::App;
use crate::codes::EndMoved;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::news::Hears;

/// Asks for the verdict of the orders that used a code.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnsettleByCode(pub EndMoved);

impl Hears for UnsettleByCode {
    type News = EndMoved;
}

impl Job for UnsettleByCode {
    const NAME: &'static str = "attribution.end_moved";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let txn = app.db.begin_write().await?;
        let orders = reach::of_code(&txn, shop, self.0.0).await?;
        mark_unsettled(&txn, &app, shop, orders, now).await?;
        txn.commit().await?;
        Ok(Next::Done)
    }
}
