//! How full pools are, for whoever watches: codes ready in the slot in which codes handed out now end.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Asterisk, Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::campaigns::{CAMPAIGN, Campaign, CampaignColumn, CampaignId, Campaigns, Kind};
use crate::codes::discount;
use crate::codes::id::DiscountId;
use crate::codes::redeem_code::{Column, Entity, State};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// The most codes of a pool that are counted: more of them say nothing more.
pub const MOST_COUNTED: u64 = 1_000;

/// Pools that are looked at: of a shop, and over all shops the ones begun last.
const OF_SHOP: u64 = 50;
const OVER_ALL: usize = 500;

/// Slots that are read to find these pools: of a campaign there may be several.
const SLOTS: u64 = 2_000;

/// A slot is made at most half a slot before its time, and the longest is a day.
const BEGUN_SECONDS: i64 = 2 * 86_400;

/// How full a pool is.
#[derive(Clone, Debug)]
pub struct Level {
    /// Whose codes.
    pub campaign_id: CampaignId,
    /// The campaign's name.
    pub campaign: String,
    /// When its codes end at Shopify.
    pub ends_at: Timestamp,
    /// Codes that can be handed out at once, [`MOST_COUNTED`] at most.
    pub ready: u64,
    /// With fewer it is filled again.
    pub low_water: u64,
    /// Nothing is kept ready beyond an announced audience: it runs down as it should.
    pub runs_down: bool,
}

impl Level {
    /// Whether it has fewer codes than it should.
    pub const fn low(&self) -> bool {
        !self.runs_down && self.ready < self.low_water
    }
}

/// Pools of a shop, those of the newest campaigns first.
pub async fn levels(db: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<Vec<Level>, DbErr> {
    let open = Campaigns::of(shop).filter(CampaignColumn::ArchivedAt.is_null());
    let open = open.order_by_desc(CAMPAIGN.created_at).order_by_desc(CAMPAIGN.id).limit(OF_SHOP).all(db).await?;
    of_campaigns(db, shop, open, now).await
}

/// Pools of all shops that were begun last (operator totals).
pub async fn levels_of_all(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Level>, DbErr> {
    let begun: Vec<(ShopId, CampaignId)> = discount::Entity::find()
        .filter(discount::Column::ForCodeId.is_null())
        .filter(discount::Column::RetiredAt.is_null())
        .filter(discount::COLUMN.created_at.gt(now.plus_seconds(-BEGUN_SECONDS)))
        .order_by_desc(discount::COLUMN.created_at)
        .limit(SLOTS)
        .select_only()
        .columns([discount::Column::ShopId, discount::Column::CampaignId])
        .into_tuple()
        .all(db)
        .await?;
    let mut shops: BTreeMap<ShopId, BTreeSet<CampaignId>> = BTreeMap::new();
    for (count, (shop, campaign)) in begun.into_iter().collect::<BTreeSet<_>>().into_iter().enumerate() {
        if count < OVER_ALL {
            shops.entry(shop).or_default().insert(campaign);
        }
    }
    let mut levels = Vec::new();
    for (shop, ids) in shops {
        let campaigns = Campaigns::of(shop).filter(CAMPAIGN.id.is_in(ids)).all(db).await?;
        levels.extend(of_campaigns(db, shop, campaigns, now).await?);
    }
    Ok(levels)
}

async fn of_campaigns(
    db: &impl ConnectionTrait,
    shop: ShopId,
    campaigns: Vec<Campaign>,
    now: Timestamp,
) -> Result<Vec<Level>, DbErr> {
    let stocked = |one: &Campaign| one.archived_at.is_none() && one.offer.is_some() && !one.expiry.exact;
    let stocked: Vec<Campaign> = campaigns.into_iter().filter(stocked).collect();
    if stocked.is_empty() {
        return Ok(Vec::new());
    }
    let slots = discount::Entity::of(shop)
        .filter(discount::COLUMN.campaign_id.is_in(stocked.iter().map(|campaign| campaign.id)))
        .filter(discount::Column::ForCodeId.is_null())
        .filter(discount::Column::RetiredAt.is_null())
        .filter(discount::COLUMN.slot_ends_at.gt(now))
        .order_by_desc(discount::COLUMN.series)
        .limit(SLOTS)
        .all(db)
        .await?;
    let mut levels = Vec::with_capacity(stocked.len());
    for campaign in stocked {
        let ends_at = campaign.expiry.slot_of(campaign.expiry.ends_at(now));
        let here = |slot: &&discount::Model| slot.campaign_id == campaign.id && slot.slot_ends_at == ends_at;
        let Some(slot) = slots.iter().find(here) else { continue };
        levels.push(Level {
            campaign_id: campaign.id,
            campaign: campaign.name,
            ends_at,
            ready: ready(db, shop, slot.id).await?,
            low_water: u64::try_from(slot.low_water).unwrap_or(0),
            runs_down: campaign.kind == Kind::Broadcast,
        });
    }
    Ok(levels)
}

/// Imported codes of a slot, counted no further than it says anything.
async fn ready(db: &impl ConnectionTrait, shop: ShopId, slot: DiscountId) -> Result<u64, DbErr> {
    let some = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Expr::col(Column::ShopId).eq(shop))
        .and_where(Expr::col(Column::DiscountId).eq(slot))
        .and_where(Expr::col(Column::State).eq(State::Imported))
        .limit(MOST_COUNTED)
        .to_owned();
    let count = Query::select().expr(Expr::col(Asterisk).count()).from_subquery(some, "some_codes").to_owned();
    let counted: Option<i64> = db.query_one(&count).await?.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(counted.and_then(|counted| u64::try_from(counted).ok()).unwrap_or(0))
}
