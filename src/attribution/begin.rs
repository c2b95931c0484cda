//! A shop was installed: its redemptions are looked at, and its history is judged by the policies of today.

use serde::{Deserialize, Serialize};

use super::radar::Radar;
use super::restate;
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
    const NAME: &'static str = "attribution.installed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let txn = app.db.begin_write().await?;
        jobs::stand(&txn, &app.chance, shop, &Radar {}, now.plus_seconds(3_600), now).await?;
        // Its history, if it has one, may have been judged by an earlier standard.
        restate::ask(&txn, &app, shop, now).await?;
        txn.commit().await?;
        Ok(Next::Done)
    }
}
