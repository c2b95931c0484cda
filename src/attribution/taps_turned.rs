//! Taps turned: they became a person's, or ceased to be one, or are told late. The orders they may have led to are weighed
//! again.

use serde::{Deserialize, Serialize};

use super::reach;
use super::unsettled::mark_unsettled;
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::links::classify::TapsTurned;
use crate::news::Hears;

/// Asks for the verdicts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnsettleByTaps(pub TapsTurned);

impl Hears for UnsettleByTaps {
    type News = TapsTurned;
}

impl Job for UnsettleByTaps {
    const NAME: &'static str = "attribution.taps_turned";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let txn = app.db.begin_write().await?;
        let orders = reach::of_taps(&txn, shop, &self.0.taps).await?;
        mark_unsettled(&txn, &app, shop, orders, app.clock.now()).await?;
        txn.commit().await?;
        Ok(Next::Done)
    }
}
