//! The daily job that lets data go when its time is over.

use sea_orm::{DbErr, EntityTrait};
use serde::{Deserialize, Serialize};

use super::retention::{CLASSES, GONE_DAYS};
use crate::app::App;
use crate::db::INSERT_ROWS;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shops::{Shop, Shops};
use crate::tombstones::{self, Asked, Kind};

/// Lets data of a shop go. Standing work: it goes on after a shop left, for its data must still age out.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AgeOut {}

/// Batches of one class per run; what is left waits a minute, so that others have their turn.
const BATCHES: usize = 20;

/// Asks ourselves what Shopify should have asked.
async fn erase(app: &App, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
    let id = format!("left-{GONE_DAYS}-days-ago");
    let asked = Asked { id, kind: Kind::ShopRedact, received_at: now, payload: b"{}".to_vec() };
    let txn = app.db.begin_write().await?;
    tombstones::record(&txn, app, shop, &asked, now).await?;
    txn.commit().await
}

impl Job for AgeOut {
    const NAME: &'static str = "rights.age_out";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        // Nobody's deliveries age as well; an erased shop has nothing left.
        match Shops::find_by_id(shop).one(app.db.read()).await? {
            None if shop != ShopId::NOBODY => return Ok(Next::Done),
            Some(Shop { uninstalled_at: Some(left), .. }) if left.plus_seconds(GONE_DAYS * 86_400) <= now => {
                erase(&app, shop, now).await?;
            }
            _ => {}
        }
        let (mut went, mut more) = (0, false);
        for class in CLASSES {
            let (Some(ages), Some(days)) = (class.ages, class.days) else { continue };
            let before = now.plus_seconds(-days * 86_400);
            for batch in 1..=BATCHES {
                let count = ages.let_go(&app, shop, before).await?;
                went += count;
                if count < INSERT_ROWS {
                    break;
                }
                more |= batch == BATCHES;
            }
        }
        if went > 0 {
            app.db.scrub_log().await;
            tracing::info!(shop.id = %shop, rows = went, "data whose time was over was let go");
        }
        Ok(Next::At(now.plus_seconds(if more { 60 } else { 86_400 })))
    }
}
