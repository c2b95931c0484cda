//! A shop was installed: its web pixel is switched on.

use serde::{Deserialize, Serialize};

use super::switch::SwitchOn;
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
    const NAME: &'static str = "pixel.installed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        jobs::stand(app.db.write(), &app.chance, shop, &SwitchOn {}, now, now).await?;
        Ok(Next::Done)
    }
}
