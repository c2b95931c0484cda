//! A slot: the discount in which codes handed out now end. It is made here; Shopify hears of it with its first code.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::forecast;
use crate::app::App;
use crate::campaigns::{self, Campaign};
use crate::codes::discount;
use crate::codes::id::DiscountId;
use crate::kernel::{Stream, Timestamp};

/// The discount row of a slot, of the present offer; made when there is none, or none that may still be used.
pub(in crate::codes) async fn ensure_slot(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    slot: Timestamp,
    now: Timestamp,
) -> Result<discount::Model, DbErr> {
    let in_slot = discount::Entity::of(campaign.shop_id)
        .filter(discount::COLUMN.campaign_id.eq(campaign.id))
        .filter(discount::Column::ForCodeId.is_null())
        .filter(discount::COLUMN.slot_ends_at.eq(slot));
    let usable = in_slot.clone().filter(discount::Column::RetiredAt.is_null()).order_by_desc(discount::COLUMN.series);
    // Read in this transaction: the caller may have read the campaign before its offer changed.
    let present = campaigns::present_revision(campaign.shop_id, campaign.id);
    if let Some(row) = usable.clone().filter(discount::Column::OfferRevision.in_subquery(present)).one(txn).await? {
        return Ok(row);
    }
    let revision = campaigns::offer_revision(txn, campaign.shop_id, campaign.id).await?;
    let revision = revision.unwrap_or(campaign.offer_revision);
    let find = usable.filter(discount::COLUMN.offer_revision.eq(revision));
    let last = in_slot.order_by_desc(discount::COLUMN.series).one(txn).await?;
    let id = DiscountId(app.chance.uuid_of(Stream::Codes, now));
    let series = last.map_or(0, |last| last.series + 1);
    let row = planned(campaign, id, slot, series, revision, now);
    use discount::Column as C;
    let once = OnConflict::columns([C::ShopId, C::CampaignId, C::SlotEndsAt, C::Series])
        .target_and_where(Expr::cust("for_code_id IS NULL"))
        .do_nothing()
        .to_owned();
    discount::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    let row = find.one(txn).await?;
    row.ok_or_else(|| DbErr::Custom("a discount vanished between insert and read".into()))
}

/// A discount that Shopify is to be asked for.
pub(in crate::codes) fn planned(
    campaign: &Campaign,
    id: DiscountId,
    ends_at: Timestamp,
    series: i32,
    revision: i32,
    now: Timestamp,
) -> discount::ActiveModel {
    discount::ActiveModel {
        shop_id: Set(campaign.shop_id),
        id: Set(id),
        campaign_id: Set(campaign.id),
        slot_ends_at: Set(ends_at),
        series: Set(series),
        offer_revision: Set(revision),
        state: Set(discount::State::Planned),
        title: Set(campaign.title().to_owned()),
        tags: Set(Some(discount::tags(campaign))),
        shopify_discount_id: Set(None),
        last_error: Set(None),
        retired_at: Set(None),
        retired_because: Set(None),
        ending_at: Set(None),
        ended_at: Set(None),
        deleted_at: Set(None),
        differs_since: Set(None),
        differs: Set(None),
        pace_since: Set(None),
        pace_until: Set(None),
        pace_codes: Set(None),
        created_at: Set(now),
        for_code_id: Set(None),
        ends_changed_at: Set(None),
        low_water: Set(i32::try_from(forecast::FEW).unwrap_or(i32::MAX)),
    }
}
