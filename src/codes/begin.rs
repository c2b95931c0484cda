//! A shop was installed: its codes end in time, and what was left open while the app was away goes on.

use serde::{Deserialize, Serialize};

use super::expire::Expire;
use super::revocation::Revoke;
use super::shopify::own_discount::OwnDiscounts;
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
    const NAME: &'static str = "codes.installed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let txn = app.db.begin_write().await?;
        jobs::stand(&txn, &app.chance, shop, &Expire {}, now.plus_seconds(3_600), now).await?;
        // What was taken back while the app was away is still good at Shopify.
        Revoke::resume(&txn, &app, shop, now).await?;
        // Who was promised a code of their own still waits for it.
        OwnDiscounts::resume(&txn, &app, shop, now).await?;
        txn.commit().await?;
        Ok(Next::Done)
    }
}
