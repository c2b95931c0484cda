//! The job that keeps a campaign's pool filled: decides how many codes a slot needs, and pushes until they are live.

use sea_orm::sea_query::{CaseStatement, Expr, Query};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::canary;
use super::discount::{self, DiscountId};
use super::issue::{self, LOW_WATER};
use super::push::{self, Progress, Slots};
use super::redeem_code::{COLUMN, Entity, State};
use super::retire;
use super::stock;
use crate::app::App;
use crate::campaigns::{Announced, Campaign, Campaigns, Kind};
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shops::Shops;

/// What a campaign without an announced audience keeps ready.
const STOCK: u64 = 25;

/// An announced audience is kept ready in this slot and the next; after that the pool follows demand. Codes belong to
/// the slot in which they end, so keeping thousands ready for ever would mean importing them anew every slot.
const ANNOUNCED_SLOTS: i64 = 2;

/// How soon an import is looked at again.
const POLL_SECONDS: i64 = 2;

impl Job for Announced {
    const NAME: &'static str = "codes.fill";
    /// However long Shopify is away, somebody waits for a code.
    const MAX_ATTEMPTS: i32 = i32::MAX;
    const LONGEST_WAIT: i64 = 30;

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let Some(campaign) = Campaigns::find_by_id((shop, self.0)).one(app.db.read()).await? else {
            return Ok(Next::Done);
        };
        let Some(shop) = Shops::find_by_id(shop).one(app.db.read()).await?.filter(|shop| shop.installed()) else {
            return Ok(Next::Done);
        };
        retire::rehome(&app, &campaign, now).await?;
        let wanted = stock_up(&app, &campaign, now).await?;
        let push = push::Push::begin(&app, &shop, &campaign);
        let mut progress = Progress::Settled;
        for discount in unfinished(&app, &campaign, now).await? {
            progress = progress.max(push.advance(&discount, now).await?);
        }
        Ok(match progress {
            Progress::More => Next::At(now),
            Progress::Waiting => Next::At(now.plus_seconds(POLL_SECONDS)),
            Progress::Settled if wanted => Next::At(next_slot(&campaign, now)),
            Progress::Settled => Next::Done,
        })
    }
}

/// Reserves what the present slot lacks. `true`: the next slot will want codes too.
async fn stock_up(app: &App, campaign: &Campaign, now: Timestamp) -> Result<bool, DbErr> {
    let target = target(app, campaign, now).await?;
    if target == 0 {
        return Ok(false);
    }
    let txn = app.db.begin_write().await?;
    let discount = issue::ensure_discount(&txn, app, campaign, now).await?;
    let ready = ready(&txn, campaign, discount).await?;
    if ready < target.max(LOW_WATER) {
        let besides = canary::besides(&txn, campaign, discount, target).await?;
        let lacking = usize::try_from(target.saturating_sub(ready) + besides).unwrap_or(0);
        if lacking >= stock::MANY {
            txn.commit().await?;
            stock::fill(app, campaign, discount, lacking, now).await?;
            return Ok(true);
        }
        issue::reserve(&txn, app, campaign, discount, lacking, None, now).await?;
    }
    txn.commit().await?;
    Ok(true)
}

/// How many unpromised codes of the present slot are ready or on their way. Counted in indexes: the slot may hold a
/// hundred thousand, and this is asked at every run.
async fn ready(db: &impl sea_orm::ConnectionTrait, campaign: &Campaign, discount: DiscountId) -> Result<u64, DbErr> {
    let all = Entity::of(campaign.shop_id).filter(COLUMN.discount_id.eq(discount)).filter(COLUMN.state.is_in([
        State::Reserved,
        State::Pushed,
        State::Imported,
    ]));
    Ok(all.count(db).await?.saturating_sub(push::waiting(db, campaign, Slots::One(discount)).await?))
}

/// How many codes the present slot should hold: what was announced and is not drawn yet, or a small stock.
async fn target(app: &App, campaign: &Campaign, now: Timestamp) -> Result<u64, DbErr> {
    if campaign.archived_at.is_some() || campaign.offer.is_none() {
        return Ok(0);
    }
    let follow_demand = if campaign.kind == Kind::Broadcast { 0 } else { STOCK };
    let (Some(expected), Some(announced_at)) = (campaign.expected_recipients, campaign.announced_at) else {
        return Ok(follow_demand);
    };
    if now.seconds_since(announced_at) > ANNOUNCED_SLOTS * campaign.expiry.slot_seconds {
        return Ok(follow_demand);
    }
    let of_campaign = || Entity::of(campaign.shop_id).filter(Slots::All.of(campaign));
    let db = app.db.read();
    let given = of_campaign().filter(COLUMN.state.is_in([State::Issued, State::Redeemed])).count(db).await?;
    // Leftovers of a slot that is over or was retired ended too, and nobody got them.
    let ended = of_campaign()
        .filter(COLUMN.state.is_in([State::Expired, State::Revoked]))
        .filter(super::redeem_code::Column::IssuedAt.is_not_null());
    let drawn = given + ended.count(db).await? + push::waiting(db, campaign, Slots::All).await?;
    let held_back = u64::try_from(expected).unwrap_or(0) * u64::try_from(campaign.holdout_ppm).unwrap_or(0) / 1_000_000;
    let expected = u64::try_from(expected).unwrap_or(0).saturating_sub(held_back);
    Ok(expected.saturating_sub(drawn))
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
        .filter(discount::COLUMN.slot_ends_at.gt(now))
        .filter(code("state = 'reserved'").or(code("state = 'pushed'")))
        .order_by(first, Order::Asc)
        .order_by_asc(discount::COLUMN.slot_ends_at)
        .limit(DISCOUNTS)
        .all(app.db.read())
        .await
}

/// When codes issued then would end in the next slot.
fn next_slot(campaign: &Campaign, now: Timestamp) -> Timestamp {
    let slot = campaign.expiry.slot_of(campaign.expiry.ends_at(now));
    let at = slot.plus_seconds(1 - campaign.expiry.after_seconds);
    if at > now { at } else { now.plus_seconds(campaign.expiry.slot_seconds) }
}
