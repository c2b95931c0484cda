//! How far a campaign's codes have come, cheap for a million of them: counts are read from an index and not from rows.

use std::collections::HashMap;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Serialize;

use super::discount;
use super::id::DiscountId;
use super::pool::reserve::{self, Slots};
use super::redeem_code::{COLUMN, Column, Entity, State};
use super::refill::Refill;
use crate::campaigns::{Campaign, CampaignAnnounced};
use crate::jobs::{self, Job};
use crate::kernel::Timestamp;
use crate::news::News;

/// Slots shown, the latest first.
const SLOTS: u64 = 50;

/// A pace measured longer ago says nothing about now.
const FRESH_SECONDS: i64 = 600;

/// Codes by where they stand now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(super) struct CodeCounts {
    /// Drawn here; Shopify was not asked yet.
    reserved: u64,
    /// Shopify was asked to import them.
    pushed: u64,
    /// Ready to be handed out.
    imported: u64,
    /// In recipients' hands.
    issued: u64,
    /// Used by an order.
    redeemed: u64,
    /// Their time is over.
    expired: u64,
    /// Taken back; Shopify has not confirmed yet.
    revoking: u64,
    /// Taken back, gone at Shopify.
    revoked: u64,
    /// Never given to anybody: they warn of leaks.
    canaries: u64,
}

impl CodeCounts {
    fn add(&mut self, state: State, codes: u64) {
        *match state {
            State::Reserved => &mut self.reserved,
            State::Pushed => &mut self.pushed,
            State::Imported => &mut self.imported,
            State::Canary => &mut self.canaries,
            State::Issued => &mut self.issued,
            State::Redeemed => &mut self.redeemed,
            State::Expired => &mut self.expired,
            State::Revoking => &mut self.revoking,
            State::Revoked => &mut self.revoked,
        } += codes;
    }

    const fn under_way(&self) -> u64 {
        self.reserved + self.pushed
    }
}

/// A discount of the campaign: one offer, until the end of a slot.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct CodeSlot {
    discount_id: DiscountId,
    /// Its name in Shopify's admin.
    title: String,
    #[schema(value_type = String, format = "date-time")]
    slot_ends_at: Timestamp,
    /// `planned`, `asked` or `live`.
    state: discount::State,
    shopify_discount_id: Option<String>,
    /// Why none of its codes is handed out any more.
    retired_because: Option<discount::Because>,
    /// Why Shopify does not want it.
    last_error: Option<String>,
    #[serde(flatten)]
    counts: CodeCounts,
}

/// How far a campaign's codes have come.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct CampaignCodes {
    /// How many there are to be: the announced audience without those who get none, or all that were drawn if those are more.
    wanted: u64,
    #[serde(flatten)]
    counts: CodeCounts,
    /// Promised to recipients and not live yet.
    pending: u64,
    /// Refused by Shopify and not live yet; they are sent again, under another text where theirs is taken.
    failed: u64,
    /// Why the latest of them was refused.
    failed_because: Option<String>,
    /// Codes that go live a minute, as measured lately.
    per_minute: Option<f64>,
    /// Until everything under way is live, at that pace.
    seconds_left: Option<u64>,
    /// The latest 50 slots, the latest end first.
    slots: Vec<CodeSlot>,
    /// What is in the way, in words.
    trouble: Option<String>,
}

#[derive(FromQueryResult)]
struct Count {
    discount_id: DiscountId,
    state: State,
    codes: i64,
}

/// Counts a campaign's codes.
pub(super) async fn progress(
    db: &impl ConnectionTrait,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<CampaignCodes, DbErr> {
    let (mut counts, mut by_slot) = (CodeCounts::default(), HashMap::<DiscountId, CodeCounts>::new());
    for count in counted(db, campaign).await? {
        let codes = u64::try_from(count.codes).unwrap_or(0);
        counts.add(count.state, codes);
        by_slot.entry(count.discount_id).or_default().add(count.state, codes);
    }
    let pending = reserve::waiting(db, campaign, Slots::All).await?;
    let refused = of_campaign(campaign)
        .filter(Expr::cust("last_error IS NOT NULL"))
        .filter(COLUMN.state.is_in([State::Reserved, State::Pushed]));
    let failed = refused.clone().count(db).await?;
    let latest = refused.order_by_desc(COLUMN.pushed_at).order_by_asc(COLUMN.id).limit(1).one(db).await?;
    let per_minute = pace(db, campaign, now).await?;
    let left = counts.under_way();
    Ok(CampaignCodes {
        wanted: wanted(campaign, &counts),
        counts,
        pending,
        failed,
        failed_because: latest.and_then(|code| code.last_error),
        per_minute,
        seconds_left: match per_minute {
            _ if left == 0 => Some(0),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a guess of seconds"
            )]
            Some(pace) if pace > 0.0 => Some((left as f64 * 60.0 / pace).ceil() as u64),
            _ => None,
        },
        slots: slots(db, campaign, &by_slot).await?,
        trouble: trouble(db, campaign).await?,
    })
}

fn wanted(campaign: &Campaign, counts: &CodeCounts) -> u64 {
    let expected = u64::try_from(campaign.expected_recipients.unwrap_or(0)).unwrap_or(0);
    let drawn = counts.under_way() + counts.imported + counts.issued + counts.redeemed + counts.expired;
    drawn.max(campaign.with_codes(expected))
}

fn of_campaign(campaign: &Campaign) -> sea_orm::Select<Entity> {
    Entity::of(campaign.shop_id).filter(Slots::All.of(campaign))
}

async fn counted(db: &impl ConnectionTrait, campaign: &Campaign) -> Result<Vec<Count>, DbErr> {
    use sea_orm::ExprTrait;
    of_campaign(campaign)
        .select_only()
        .column(Column::DiscountId)
        .column(Column::State)
        .column_as(Expr::col(Column::Id).count(), "codes")
        .group_by(Column::DiscountId)
        .group_by(Column::State)
        .into_model()
        .all(db)
        .await
}

/// Codes a minute, over the slots that have gone live lately.
async fn pace(db: &impl ConnectionTrait, campaign: &Campaign, now: Timestamp) -> Result<Option<f64>, DbErr> {
    use discount::Column as C;
    let lately: Vec<(Option<Timestamp>, Option<Timestamp>, Option<i64>)> = discount::Entity::of(campaign.shop_id)
        .filter(discount::COLUMN.campaign_id.eq(campaign.id))
        .filter(C::PaceUntil.gt(now.plus_seconds(-FRESH_SECONDS)))
        .select_only()
        .columns([C::PaceSince, C::PaceUntil, C::PaceCodes])
        .into_tuple()
        .all(db)
        .await?;
    let (mut since, mut until, mut codes) = (Timestamp::FOREVER, Timestamp::default(), 0);
    for (from, to, some) in lately {
        since = since.min(from.unwrap_or(now));
        until = until.max(to.unwrap_or(now));
        codes += some.unwrap_or(0);
    }
    #[expect(clippy::cast_precision_loss, reason = "a pace, not money")]
    Ok((codes > 0).then(|| codes as f64 * 60.0 / until.seconds_since(since).max(1) as f64))
}

async fn slots(
    db: &impl ConnectionTrait,
    campaign: &Campaign,
    counts: &HashMap<DiscountId, CodeCounts>,
) -> Result<Vec<CodeSlot>, DbErr> {
    let rows = discount::Entity::of(campaign.shop_id)
        .filter(discount::COLUMN.campaign_id.eq(campaign.id))
        .order_by_desc(discount::COLUMN.slot_ends_at)
        .order_by_desc(discount::COLUMN.series)
        .limit(SLOTS)
        .all(db)
        .await?;
    let view = |row: discount::Model| CodeSlot {
        discount_id: row.id,
        title: row.title,
        slot_ends_at: row.slot_ends_at,
        state: row.state,
        shopify_discount_id: row.shopify_discount_id,
        retired_because: row.retired_because,
        last_error: row.last_error,
        counts: counts.get(&row.id).copied().unwrap_or_default(),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// What keeps codes waiting: Shopify's objection to the offer, or why the last try to reach it failed.
async fn trouble(db: &impl ConnectionTrait, campaign: &Campaign) -> Result<Option<String>, DbErr> {
    if let Some(trouble) = campaign.trouble() {
        return Ok(Some(trouble.words));
    }
    let fill = jobs::Entity::find()
        .filter(jobs::COLUMN.shop_id.eq(campaign.shop_id))
        .filter(jobs::COLUMN.kind.eq(Refill::NAME))
        .filter(jobs::COLUMN.dedup_key.eq(CampaignAnnounced(campaign.id).key()))
        .one(db)
        .await?;
    Ok(fill.and_then(|fill| fill.last_error))
}
