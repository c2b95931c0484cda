//! Handing codes out: from the pool while it lasts, as promises when it is empty.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::discount::{self, DiscountId};
use super::generate;
use super::redeem_code::{self, COLUMN, Column, Entity, Model, RedeemCodeId, State};
use super::wanted;
use crate::app::App;
use crate::campaigns::{self, Announced, Campaign};
use crate::db::INSERT_ROWS;
use crate::kernel::Timestamp;

/// A pool of fewer codes than this is filled again.
pub(super) const LOW_WATER: u64 = 10;

/// Issues `count` codes of a campaign that has an offer, all ending at the same instant. Codes from the pool are
/// `issued`; for the rest fresh codes are reserved and promised, and pushed at once by the job promised here.
pub async fn issue(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    count: usize,
    now: Timestamp,
) -> Result<Vec<Model>, DbErr> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let ends_at = campaign.expiry.ends_at(now);
    let discount = ensure_discount(txn, app, campaign, now).await?;
    let mut codes = Vec::with_capacity(count);
    while codes.len() < count {
        match take(txn, app, campaign, discount, count - codes.len(), ends_at, now).await? {
            Some(taken) => codes.extend(taken),
            None => break,
        }
    }
    let promised = reserve(txn, app, campaign, discount, count - codes.len(), Some((ends_at, now)), now).await?;
    codes.extend(promised);
    if running_low(txn, campaign, discount).await? {
        Announced::enqueue(txn, app, campaign, now).await?;
    }
    Ok(codes)
}

/// The discount row of the slot in which codes issued now end; made when it is new.
pub(super) async fn ensure_discount(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<DiscountId, DbErr> {
    ensure_slot(txn, app, campaign, campaign.expiry.slot_of(campaign.expiry.ends_at(now)), now).await
}

/// The discount row of a slot, of the present offer; made when there is none, or none that may still be used.
pub(super) async fn ensure_slot(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    slot: Timestamp,
    now: Timestamp,
) -> Result<DiscountId, DbErr> {
    // Read in this transaction: the caller may have read the campaign before its offer changed.
    let revision = campaigns::offer_revision(txn, campaign.shop_id, campaign.id).await?;
    let revision = revision.unwrap_or(campaign.offer_revision);
    let in_slot = discount::Entity::of(campaign.shop_id)
        .filter(discount::COLUMN.campaign_id.eq(campaign.id))
        .filter(discount::COLUMN.slot_ends_at.eq(slot));
    let find = in_slot
        .clone()
        .filter(discount::COLUMN.offer_revision.eq(revision))
        .filter(discount::Column::RetiredAt.is_null())
        .order_by_desc(discount::COLUMN.series);
    if let Some(row) = find.clone().one(txn).await? {
        return Ok(row.id);
    }
    let last = in_slot.order_by_desc(discount::COLUMN.series).one(txn).await?;
    let row = discount::ActiveModel {
        shop_id: Set(campaign.shop_id),
        id: Set(DiscountId(app.chance.uuid_of(crate::kernel::Stream::Codes, now))),
        campaign_id: Set(campaign.id),
        slot_ends_at: Set(slot),
        series: Set(last.map_or(0, |last| last.series + 1)),
        offer_revision: Set(revision),
        state: Set(discount::State::Planned),
        title: Set(campaign.title().to_owned()),
        tags: Set(Some(wanted::tags(campaign))),
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
    };
    use discount::Column as C;
    let once = OnConflict::columns([C::ShopId, C::CampaignId, C::SlotEndsAt, C::Series]).do_nothing().to_owned();
    discount::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    let row = find.one(txn).await?;
    row.map(|row| row.id).ok_or_else(|| DbErr::Custom("a discount vanished between insert and read".into()))
}

/// Whether a slot's pool is to be filled again. Looks at no more codes than it needs to know that.
async fn running_low(db: &impl ConnectionTrait, campaign: &Campaign, discount: DiscountId) -> Result<bool, DbErr> {
    let some = in_state(campaign, discount, State::Imported).select_only().column(Column::Id).limit(LOW_WATER);
    Ok((some.into_tuple::<RedeemCodeId>().all(db).await?.len() as u64) < LOW_WATER)
}

pub(super) fn in_state(campaign: &Campaign, discount: DiscountId, state: State) -> sea_orm::Select<Entity> {
    Entity::of(campaign.shop_id).filter(COLUMN.discount_id.eq(discount)).filter(COLUMN.state.eq(state))
}

/// How far apart callers of the same instant reach into the pool, so that they rarely reach for the same code.
const APART: usize = 64;

/// Takes codes out of the pool by compare-and-set; another node may be faster with some of them. `None`: it is empty.
async fn take(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    discount: DiscountId,
    count: usize,
    ends_at: Timestamp,
    now: Timestamp,
) -> Result<Option<Vec<Model>>, DbErr> {
    let wanted = count.min(INSERT_ROWS);
    let mut ids: Vec<RedeemCodeId> = in_state(campaign, discount, State::Imported)
        .select_only()
        .column(Column::Id)
        .order_by_asc(COLUMN.id)
        .limit((wanted + APART) as u64)
        .into_tuple()
        .all(txn)
        .await?;
    if ids.is_empty() {
        return Ok(None);
    }
    let spare = ids.len().saturating_sub(wanted);
    let skip = app.chance.below(crate::kernel::Stream::Ids, spare as u64 + 1);
    ids.drain(..usize::try_from(skip).unwrap_or(0));
    ids.truncate(wanted);
    let mut taken = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Issued))
        .col_expr(Column::IssuedAt, Expr::value(now))
        .col_expr(Column::ExpiresAt, Expr::value(ends_at))
        .filter(COLUMN.shop_id.eq(campaign.shop_id))
        .filter(COLUMN.id.is_in(ids))
        .filter(COLUMN.state.eq(State::Imported))
        .exec_with_returning(txn)
        .await?;
    taken.sort_by_key(|code| code.id);
    Ok(Some(taken))
}

/// Writes fresh codes, unique in the shop. `promise`: the end and instant of the promise to a recipient.
pub(super) async fn reserve(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    discount: DiscountId,
    count: usize,
    promise: Option<(Timestamp, Timestamp)>,
    now: Timestamp,
) -> Result<Vec<Model>, DbErr> {
    let mut reserved = Vec::with_capacity(count);
    while reserved.len() < count {
        let wanted = (count - reserved.len()).min(INSERT_ROWS);
        let rows = (0..wanted).map(|_| fresh(app, campaign, discount, promise, now));
        let once = OnConflict::columns([Column::ShopId, Column::Code]).do_nothing().to_owned();
        // A clash with a code of this shop is a draw in 10^17; the loop simply draws again.
        reserved.extend(Entity::insert_many(rows).on_conflict(once).exec_with_returning(txn).await?);
    }
    Ok(reserved)
}

fn fresh(
    app: &App,
    campaign: &Campaign,
    discount: DiscountId,
    promise: Option<(Timestamp, Timestamp)>,
    now: Timestamp,
) -> redeem_code::ActiveModel {
    redeem_code::ActiveModel {
        shop_id: Set(campaign.shop_id),
        id: Set(RedeemCodeId(app.chance.uuid_of(crate::kernel::Stream::Codes, now))),
        campaign_id: Set(campaign.id),
        discount_id: Set(discount),
        code: Set(generate::draw(&app.chance, &campaign.code)),
        state: Set(State::Reserved),
        bulk_creation_id: Set(None),
        shopify_redeem_code_id: Set(None),
        expires_at: Set(promise.map(|(ends_at, _)| ends_at)),
        reserved_at: Set(now),
        promised_at: Set(promise.map(|(_, at)| at)),
        pushed_at: Set(None),
        imported_at: Set(None),
        issued_at: Set(None),
        redeemed_at: Set(None),
        expired_at: Set(None),
        revoked_at: Set(None),
        last_error: Set(None),
    }
}
