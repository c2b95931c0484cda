//! Taps are classified by other rules than before: every verdict is derived again.

use serde::{Deserialize, Serialize};

use super::unsettled::mark_unsettled;
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::links::classify::RulesChanged;
use crate::news::Hears;
use crate::orders::{self, OrderId};

/// Orders marked in one transaction.
const PAGE: u64 = 1_000;

/// Asks for every verdict of a shop.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnsettleAll(pub RulesChanged);

impl Hears for UnsettleAll {
    type News = RulesChanged;
}

impl Job for UnsettleAll {
    const NAME: &'static str = "attribution.rules_changed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let mut after = OrderId(i64::MIN);
        loop {
            let txn = app.db.begin_write().await?;
            let ids = orders::ids_after(&txn, shop, after, PAGE).await?;
            let Some(last) = ids.last() else { return Ok(Next::Done) };
            after = *last;
            mark_unsettled(&txn, &app, shop, ids, app.clock.now()).await?;
            txn.commit().await?;
        }
    }
}
