//! The daily job that lets data go when its time is over.

use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use super::retention::CLASSES;
use crate::app::App;
use crate::db::INSERT_ROWS;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::shops::Shops;

/// Lets data of a shop go. Standing work: it goes on after a shop left, for its data must still age out.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AgeOut {}

/// Batches of one class per run; what is left waits a minute, so that others have their turn.
const BATCHES: usize = 20;

impl Job for AgeOut {
    const NAME: &'static str = "rights.age_out";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        // Nobody's deliveries age as well; an erased shop has nothing left.
        if shop != ShopId::NOBODY && Shops::find_by_id(shop).one(app.db.read()).await?.is_none() {
            return Ok(Next::Done);
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
