//! The job that keeps a campaign's pool filled: decides how many codes a slot needs, and pushes until they are live.

use sea_orm::sea_query::{CaseStatement, Expr, Query};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::discount;
use super::pool::canary;
use super::pool::restock;
use super::pool::retire;
use super::shopify::push::{self, Progress};
use crate::app::App;
use crate::campaigns::{Campaign, CampaignAnnounced, Campaigns};
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::news::Hears;
use crate::shops::Shops;

/// How soon an import is looked at again.
const POLL_SECONDS: i64 = 2;

/// How soon a run that got on before it met trouble is followed by the next.
const AFTER_TROUBLE_SECONDS: i64 = 3;

/// The job: a campaign gets the codes it needs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Refill(pub CampaignAnnounced);

impl Hears for Refill {
    type News = CampaignAnnounced;
}

impl Job for Refill {
    const NAME: &'static str = "codes.fill";
    /// However long Shopify is away, somebody waits for a code.
    const MAX_ATTEMPTS: i32 = i32::MAX;
    const LONGEST_WAIT: i64 = 30;

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let Some(campaign) = Campaigns::find_by_id((shop, self.0.0)).one(app.db.read()).await? else {
            return Ok(Next::Done);
        };
        let Some(shop) = Shops::find_by_id(shop).one(app.db.read()).await?.filter(|shop| shop.installed()) else {
            return Ok(Next::Done);
        };
        retire::rehome(&app, &campaign, now).await?;
        let again = restock::restock(&app, &campaign, now).await?;
        let push = push::Push::begin(&app, &shop, &campaign);
        let mut progress = Progress::Settled;
        for discount in unfinished(&app, &campaign, now).await? {
            canary::one_free(&app, &campaign, discount.id, now).await?;
            match push.advance(&discount, now).await {
                Ok(made) => progress = progress.max(made),
                // It answered before: whoever waits is not made to wait longer from one trouble to the next.
                Err(JobError::Retry(reason)) if push.got_on() => {
                    return Err(JobError::Pause(reason, AFTER_TROUBLE_SECONDS));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(match progress {
            Progress::More => Next::At(now),
            Progress::Waiting => Next::At(now.plus_seconds(POLL_SECONDS)),
            Progress::Settled => again.map_or(Next::Done, Next::At),
        })
    }
}

/// Discounts brought further in one run, at most.
const DISCOUNTS: u64 = 100;

/// Discounts with codes Shopify has not confirmed yet, those first of whose codes somebody was promised one; a slot that
/// is over is left to die.
async fn unfinished(app: &App, campaign: &Campaign, now: Timestamp) -> Result<Vec<discount::Model>, DbErr> {
    use sea_orm::ExprTrait;
    let code = |more: &'static str| {
        let code = Query::select()
            .expr(Expr::val(1))
            .from("redeem_codes")
            .and_where(Expr::col(("redeem_codes", "shop_id")).eq(campaign.shop_id))
            .and_where(Expr::col(("redeem_codes", "discount_id")).equals(("discounts", "id")))
            // As text and not as a value: only so do both engines see that the index of promised codes serves.
            .and_where(Expr::cust(more))
            .to_owned();
        Expr::exists(code)
    };
    let promised =
        code("state = 'reserved' AND promised_at IS NOT NULL").or(code("state = 'pushed' AND promised_at IS NOT NULL"));
    let first: Expr = CaseStatement::new().case(promised, 0).finally(1).into();
    discount::Entity::of(campaign.shop_id)
        .filter(discount::COLUMN.campaign_id.eq(campaign.id))
        // A code's own discount is made by another job.
        .filter(discount::Column::ForCodeId.is_null())
        .filter(discount::COLUMN.slot_ends_at.gt(now.plus_seconds(-discount::CLOCKS_APART_SECONDS)))
        .filter(code("state = 'reserved'").or(code("state = 'pushed'")))
        .order_by(first, Order::Asc)
        .order_by_asc(discount::COLUMN.slot_ends_at)
        .limit(DISCOUNTS)
        .all(app.db.read())
        .await
}
