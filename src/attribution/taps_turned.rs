//! Taps turned: they became a person's, or ceased to be one, or are told late. The orders they may have led to are weighed
//! again.

use serde::{Deserialize, Serialize};

use super::unsettled::mark_unsettled_by_taps;
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
        let taps = self.0.taps.into_iter().map(|(_, at)| at).collect();
        mark_unsettled_by_taps(&txn, &app, shop, taps, app.clock.now()).await?;
        txn.commit().await?;
        Ok(Next::Done)
    }
}
