//! A platform reported what became of messages: the orders they may have led to are weighed again.

use serde::{Deserialize, Serialize};

use super::unsettled::mark_unsettled_by_messages;
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::messages::StatusesReported;
use crate::news::Hears;

/// Asks for the verdicts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnsettleByStatuses(pub StatusesReported);

impl Hears for UnsettleByStatuses {
    type News = StatusesReported;
}

impl Job for UnsettleByStatuses {
    const NAME: &'static str = "attribution.statuses_reported";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let txn = app.db.begin_write().await?;
        mark_unsettled_by_messages(&txn, &app, shop, self.0.messages, app.clock.now()).await?;
        txn.commit().await?;
        Ok(Next::Done)
    }
}
