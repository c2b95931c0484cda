//! Restocking: the present slot, and the next one before its time, so that nobody waits at the boundary.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

use super::bulk_reserve;
use super::canary;
use super::forecast::{self, HOURS, Wanted};
use super::reserve::{self, Slots};
use super::slot;
use crate::app::App;
use crate::campaigns::{Campaign, DRAW, Draws, Kind};
use crate::codes::discount;
use crate::codes::redeem_code::{COLUMN, Column, Entity, State};
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;

/// What a campaign keeps ready whose recipients come one by one.
const STOCK: u64 = 25;

/// An announced audience is kept ready in this slot and the next; after that the pool follows demand. Codes belong to
/// the slot in which they end, so keeping thousands ready for ever would mean importing them anew every slot.
const ANNOUNCED_SLOTS: i64 = 2;

/// Reserves what the present slot lacks, and the next one when its time is near. Answers when to look again; `None`:
/// this campaign keeps no stock.
pub(in crate::codes) async fn restock(
    app: &App,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbErr> {
    if campaign.archived_at.is_some() || campaign.offer.is_none() || campaign.expiry.exact {
        return Ok(None);
    }
    let rate = forecast::rate(&drawn_in_hours(app, campaign, now).await?);
    let waiting = not_drawn_yet(app, campaign).await?;
    let slot = campaign.expiry.slot_of(campaign.expiry.ends_at(now));
    let over = boundary(campaign, slot);
    let present = wanted(campaign, rate, waiting, now, over.seconds_since(now));
    let whole = restock_slot(app, campaign, slot, present, now).await?;
    let next = wanted(campaign, rate, waiting, over, campaign.expiry.slot_seconds);
    let lead = forecast::lead_seconds(next.codes, campaign.expiry.slot_seconds);
    let due = over.plus_seconds(-lead);
    if !whole {
        return Ok(Some(now));
    }
    if now < due {
        return Ok((present.codes > 0 || next.codes > 0).then_some(due));
    }
    if !restock_slot(app, campaign, slot.plus_seconds(campaign.expiry.slot_seconds), next, now).await? {
        return Ok(Some(now));
    }
    Ok((next.codes > 0).then_some(due.plus_seconds(campaign.expiry.slot_seconds)))
}

/// From when on codes end in the slot after this one. Ends are whole seconds.
fn boundary(campaign: &Campaign, slot: Timestamp) -> Timestamp {
    Timestamp::from_seconds(slot.seconds() + 1 - campaign.expiry.reach_seconds())
}

/// What a slot should hold that hands codes out from `at` on.
fn wanted(campaign: &Campaign, rate: u64, waiting: u64, at: Timestamp, seconds: i64) -> Wanted {
    // A broadcast says whom it is for; who was drawn before says nothing about who comes next.
    let (rate, floor) = if campaign.kind == Kind::Broadcast { (0, 0) } else { (rate, STOCK) };
    let kept_ready = ANNOUNCED_SLOTS * campaign.expiry.slot_seconds;
    let fresh = campaign.announced_at.is_some_and(|announced| at.seconds_since(announced) <= kept_ready);
    forecast::wanted(rate, seconds, floor, if fresh { waiting } else { 0 })
}

/// Reserves what a slot lacks, a step at most: whoever is drawn meanwhile may need less of it. Whether it is all.
async fn restock_slot(
    app: &App,
    campaign: &Campaign,
    slot: Timestamp,
    wanted: Wanted,
    now: Timestamp,
) -> Result<bool, DbErr> {
    if wanted.codes == 0 {
        return Ok(true);
    }
    let txn = app.db.begin_write().await?;
    let discount = slot::ensure_slot(&txn, app, campaign, slot, now).await?;
    keep_mark(&txn, &discount, wanted.low_water).await?;
    let ready = reserve::ready(&txn, campaign, discount.id).await?;
    if ready < wanted.codes {
        let besides = canary::besides(&txn, campaign, discount.id, wanted.codes).await?;
        let lacking = usize::try_from(wanted.codes - ready + besides).unwrap_or(0);
        if lacking >= bulk_reserve::MANY {
            txn.commit().await?;
            bulk_reserve::in_slot(app, campaign, discount.id, lacking.min(bulk_reserve::STEP), now).await?;
            return Ok(lacking <= bulk_reserve::STEP);
        }
        reserve::reserve(&txn, app, campaign, discount.id, lacking, None, now).await?;
    }
    txn.commit().await?;
    Ok(true)
}

/// Whoever draws reads the mark with the slot.
async fn keep_mark(txn: &impl ConnectionTrait, discount: &discount::Model, mark: u64) -> Result<(), DbErr> {
    let mark = i32::try_from(mark).unwrap_or(i32::MAX);
    if discount.low_water == mark {
        return Ok(());
    }
    discount::Entity::update_many()
        .col_expr(discount::Column::LowWater, sea_orm::sea_query::Expr::value(mark))
        .filter(discount::COLUMN.shop_id.eq(discount.shop_id))
        .filter(discount::COLUMN.id.eq(discount.id))
        .exec(txn)
        .await
        .map(drop)
}

/// How many recipients were drawn in each of the last hours, the latest first. Draws have ids in the order of time, so
/// the shop's latest are read and no others.
async fn drawn_in_hours(app: &App, campaign: &Campaign, now: Timestamp) -> Result<[u64; HOURS], DbErr> {
    let mut hours = [0; HOURS];
    if campaign.kind == Kind::Broadcast {
        return Ok(hours);
    }
    for (hour, drawn) in (1..).zip(&mut hours) {
        let since = now.plus_seconds(-3_600 * hour);
        *drawn = Draws::of(campaign.shop_id)
            .filter(DRAW.id.gte(first_id(since)))
            .filter(DRAW.id.lt(first_id(since.plus_seconds(3_600))))
            .filter(DRAW.campaign_id.eq(campaign.id))
            .filter(DRAW.held_out.eq(false))
            .count(app.db.read())
            .await?;
    }
    Ok(hours)
}

/// Not later than any id made at this instant.
fn first_id(at: Timestamp) -> MessageId {
    let millis = u64::try_from(at.micros() / 1_000).unwrap_or(0);
    MessageId(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}

/// How many of the announced recipients were not drawn yet.
async fn not_drawn_yet(app: &App, campaign: &Campaign) -> Result<u64, DbErr> {
    let Some(expected) = campaign.expected_recipients else { return Ok(0) };
    let of_campaign = || Entity::of(campaign.shop_id).filter(Slots::All.of(campaign));
    let db = app.db.read();
    let given = of_campaign().filter(COLUMN.state.is_in([State::Issued, State::Redeemed])).count(db).await?;
    // Leftovers of a slot that is over or was retired ended too, and nobody got them.
    let ended = of_campaign()
        .filter(COLUMN.state.is_in([State::Expired, State::Revoked]))
        .filter(Column::IssuedAt.is_not_null());
    let drawn = given + ended.count(db).await? + reserve::waiting(db, campaign, Slots::All).await?;
    Ok(campaign.with_codes(u64::try_from(expected).unwrap_or(0)).saturating_sub(drawn))
}
