//! A shop was installed: what is held of its shoppers ages from now on. So does what belongs to nobody.

use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

use super::keep::AgeOut;
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::news::Hears;
use crate::shops::{self, ShopInstalled};

/// Begins this room's standing work.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Begin(ShopInstalled);

impl Hears for Begin {
    type News = ShopInstalled;
}

impl Job for Begin {
    const NAME: &'static str = "rights.installed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        jobs::stand(app.db.write(), &app.chance, shop, &AgeOut {}, now.plus_seconds(86_400), now).await?;
        Ok(Next::Done)
    }
}

/// What came for nobody ages as well, and so do shops that left. Called when a worker begins.
pub async fn stand(app: &App) -> Result<(), DbErr> {
    let now = app.clock.now();
    for shop in shops::left(app.db.read()).await?.into_iter().chain([ShopId::NOBODY]) {
        jobs::stand(app.db.write(), &app.chance, shop, &AgeOut {}, now.plus_seconds(86_400), now).await?;
    }
    Ok(())
}
