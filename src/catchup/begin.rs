//! A shop was installed: its past is read, and whatever no webhook will tell.

use serde::{Deserialize, Serialize};

use super::cycle::CatchUp;
use super::fill::Backfill;
use super::journeys::Journeys;
use super::shop_days::ReadDays;
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::news::Hears;
use crate::shops::ShopInstalled;

/// Begins this room's standing work.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Begin(ShopInstalled);

impl Hears for Begin {
    type News = ShopInstalled;
}

impl Job for Begin {
    const NAME: &'static str = "catchup.installed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let txn = app.db.begin_write().await?;
        Backfill::stand(&txn, &app, shop, now).await?;
        CatchUp::stand(&txn, &app, shop, now).await?;
        jobs::stand(&txn, &app.chance, shop, &Journeys {}, now.plus_seconds(300), now).await?;
        jobs::stand(&txn, &app.chance, shop, &ReadDays {}, now.plus_seconds(300), now).await?;
        txn.commit().await?;
        Ok(Next::Done)
    }
}
