//! Registers every room's jobs. A job that is not in this list waits for a node that knows it.

use sea_orm::DbErr;

use crate::app::App;
use crate::attribution::{Judge, Radar, Settle};
use crate::campaigns::{Announced, Changed};
use crate::catchup::{Backfill, CatchUp, Journeys};
use crate::codes::{Alarmed, DriftCheck, EndMoved, Expire, OwnDiscounts, Revoke, WentLive};
use crate::jobs::{self, Job, JobError, Next, Worker, registered};
use crate::kernel::id::ShopId;
use crate::links::Look;
use crate::pixel::{SwitchOn, Told};
use crate::privacy::Fulfil;
use crate::rights::AgeOut;
use crate::rotation::{self, Reseal};
use crate::shops::{self, Installed, KeepAlive, Left};
use crate::sinks::Deliver;
use crate::webhooks::{Edited, Translate};

/// A worker that knows every kind of job.
pub fn worker(app: App) -> Worker {
    Worker::new(
        app,
        vec![
            registered::<Installed>(),
            registered::<KeepAlive>(),
            registered::<Left>(),
            registered::<Translate>(),
            registered::<Edited>(),
            registered::<CatchUp>(),
            registered::<Backfill>(),
            registered::<Journeys>(),
            registered::<Announced>(),
            registered::<Changed>(),
            registered::<OwnDiscounts>(),
            registered::<DriftCheck>(),
            registered::<Expire>(),
            registered::<Revoke>(),
            registered::<EndMoved>(),
            registered::<Look>(),
            registered::<SwitchOn>(),
            registered::<Told>(),
            registered::<Settle>(),
            registered::<Radar>(),
            registered::<WentLive>(),
            registered::<Alarmed>(),
            registered::<Deliver>(),
            registered::<Judge>(),
            registered::<Fulfil>(),
            registered::<AgeOut>(),
            registered::<Reseal>(),
        ],
    )
}

impl Job for Installed {
    const NAME: &'static str = "shops.installed";

    /// Begins the work every installed shop has for as long as it is installed. Each kind comes back by itself.
    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let txn = app.db.begin_write().await?;
        jobs::stand(&txn, &app.chance, shop, &KeepAlive {}, now.plus_seconds(86_400), now).await?;
        Backfill::stand(&txn, &app, shop, now).await?;
        CatchUp::stand(&txn, &app, shop, now).await?;
        jobs::stand(&txn, &app.chance, shop, &Journeys {}, now.plus_seconds(300), now).await?;
        jobs::stand(&txn, &app.chance, shop, &AgeOut {}, now.plus_seconds(86_400), now).await?;
        jobs::stand(&txn, &app.chance, shop, &Expire {}, now.plus_seconds(3_600), now).await?;
        jobs::stand(&txn, &app.chance, shop, &Radar {}, now.plus_seconds(3_600), now).await?;
        jobs::stand(&txn, &app.chance, shop, &SwitchOn {}, now, now).await?;
        jobs::stand(&txn, &app.chance, shop, &Judge {}, now.plus_seconds(60), now).await?;
        // A shop that comes back is asked for its link domain anew: it was free meanwhile.
        Look::stand(&txn, &app, shop, now).await?;
        // What was taken back while the app was away is still good at Shopify.
        Revoke::resume(&txn, &app, shop, now).await?;
        // Who was promised a code of their own still waits for it.
        OwnDiscounts::resume(&txn, &app, shop, now).await?;
        txn.commit().await?;
        Ok(Next::Done)
    }
}

/// Makes sure that every installed shop has its standing work, also what an update added. Called when a worker begins.
pub async fn stand(app: &App) -> Result<(), DbErr> {
    for shop in shops::installed(app.db.read()).await? {
        Installed::enqueue(app.db.write(), app, shop, app.clock.now()).await?;
    }
    // What came for nobody ages as well, and so do shops that left.
    let now = app.clock.now();
    for shop in shops::left(app.db.read()).await?.into_iter().chain([ShopId::NOBODY]) {
        jobs::stand(app.db.write(), &app.chance, shop, &AgeOut {}, now.plus_seconds(86_400), now).await?;
    }
    rotation::stand(app).await
}
