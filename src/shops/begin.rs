//! A shop was installed: its tokens are kept alive from now on.

use serde::{Deserialize, Serialize};

use super::installed::ShopInstalled;
use super::keep_alive::KeepAlive;
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::news::Hears;

/// Begins this room's standing work.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Begin(ShopInstalled);

impl Hears for Begin {
    type News = ShopInstalled;
}

impl Job for Begin {
    const NAME: &'static str = "shops.installed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        jobs::stand(app.db.write(), &app.chance, shop, &KeepAlive {}, now.plus_seconds(86_400), now).await?;
        Ok(Next::Done)
    }
}
