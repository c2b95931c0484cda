//! The job that keeps a campaign's pool filled: decides how many codes a slot needs, and pushes until they are live.

use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::ahead;
use super::canary;
use super::discount::{self, DiscountId};
use super::push::{self, Progress};
use super::redeem_code::{COLUMN, Entity, State};
use super::retire;
use crate::app::App;
use crate::campaigns::{Announced, Campaign, Campaigns};
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shops::Shops;

/// How soon an import is looked at again.
const POLL_SECONDS: i64 = 2;

impl Job for Announced {
    const NAME: &'static str = "codes.fill";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let Some(campaign) = Campaigns::find_by_id((shop, self.0)).one(app.db.read()).await? else {
            return Ok(Next::Done);
        };
        let Some(shop) = Shops::find_by_id(shop).one(app.db.read()).await?.filter(|shop| shop.installed()) else {
            return Ok(Next::Done);
        };
        retire::rehome(&app, &campaign, now).await?;
        let again = ahead::stock_up(&app, &campaign, now).await?;
        let mut waiting = false;
        for discount in unfinished(&app, &campaign, now).await? {
            let push = push::Push { app: &app, shop: &shop, campaign: &campaign };
            let slot = discount.id;
            waiting |= push.advance(discount, now).await? == Progress::Waiting;
            canary::set_aside(&app, &campaign, slot).await?;
        }
        if waiting {
            return Ok(Next::At(now.plus_seconds(POLL_SECONDS)));
        }
        Ok(again.map_or(Next::Done, Next::At))
    }
}

/// Discounts with codes Shopify has not confirmed yet; a slot that is over is left to die.
async fn unfinished(app: &App, campaign: &Campaign, now: Timestamp) -> Result<Vec<discount::Model>, DbErr> {
    use sea_orm::QuerySelect;
    let open: Vec<DiscountId> = Entity::of(campaign.shop_id)
        .filter(COLUMN.campaign_id.eq(campaign.id))
        .filter(COLUMN.state.is_in([State::Reserved, State::Pushed]))
        .filter(super::redeem_code::Column::DiscountId.in_subquery(discount::of_slots(campaign.shop_id, campaign.id)))
        .select_only()
        .column(super::redeem_code::Column::DiscountId)
        .distinct()
        .into_tuple()
        .all(app.db.read())
        .await?;
    use sea_orm::QueryOrder;
    discount::Entity::of(campaign.shop_id)
        .filter(discount::COLUMN.id.is_in(open))
        .filter(discount::COLUMN.slot_ends_at.gt(now.plus_seconds(-discount::CLOCKS_APART_SECONDS)))
        .order_by_asc(discount::COLUMN.slot_ends_at)
        .all(app.db.read())
        .await
}
