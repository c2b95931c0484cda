//! A shop was installed: its taps are classified, and its link domain is looked at anew, since it was free while the app
//! was away.

use serde::{Deserialize, Serialize};

use super::classify::Classify;
use super::settings::Look;
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
    const NAME: &'static str = "links.installed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let txn = app.db.begin_write().await?;
        jobs::stand(&txn, &app.chance, shop, &Classify {}, now.plus_seconds(60), now).await?;
        Look::stand(&txn, &app, shop, now).await?;
        txn.commit().await?;
        Ok(Next::Done)
    }
}
