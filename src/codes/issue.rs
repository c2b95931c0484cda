//! Handing codes out: from the pool while it lasts, as promises when it is empty.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::discount;
use super::generate;
use super::id::{DiscountId, RedeemCodeId};
use super::pool::forecast;
use super::redeem_code::{self, COLUMN, Column, Entity, Model, State};
use super::shopify::exact;
use super::shopify::push;
use super::shopify::wanted;
use crate::app::App;
use crate::campaigns::{self, Announced, Campaign, Expiry};
use crate::db::{INSERT_ROWS, first_free};
use crate::kernel::Timestamp;

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
    let promise = Promise::of(&campaign.expiry, now);
    if campaign.expiry.exact {
        return exact::reserve(txn, app, campaign, count, promise).await;
    }
    let slot = campaign.expiry.slot_of(promise.ends_at);
    let discount = ensure_slot(txn, app, campaign, slot, now).await?;
    let mut codes = Vec::with_capacity(count);
    while codes.len() < count {
        let taken = take(txn, campaign, discount.id, (count - codes.len()).min(AT_ONCE), promise).await?;
        if taken.is_empty() {
            break;
        }
        codes.extend(taken);
    }
    codes.extend(claim(txn, campaign, discount.id, count - codes.len(), promise).await?);
    let promised = reserve(txn, app, campaign, discount.id, count - codes.len(), Some(promise), now).await?;
    codes.extend(promised);
    if running_low(txn, campaign, &discount).await? {
        Announced::enqueue(txn, app, campaign, now).await?;
    }
    Ok(codes)
}

/// Issues the code that takes another one's place. It has a discount of its own, whatever the campaign's terms, and its
/// clock starts now: its message was delivered long ago, or another one goes out at once.
pub async fn replacement(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<Option<Model>, DbErr> {
    let promise = Promise::of(&campaign.expiry.of_replacement(), now);
    Ok(exact::reserve(txn, app, campaign, 1, promise).await?.pop())
}

/// What a recipient is promised.
#[derive(Clone, Copy, Debug)]
pub(super) struct Promise {
    /// When the code ends; at the latest, when its clock starts with the delivery.
    pub ends_at: Timestamp,
    /// How long it lives from the delivery.
    pub life_seconds: Option<i64>,
    /// When it was promised.
    pub at: Timestamp,
}

impl Promise {
    fn of(expiry: &Expiry, now: Timestamp) -> Self {
        Self { ends_at: expiry.ends_at(now), life_seconds: expiry.life_seconds(), at: now }
    }
}

/// The discount row of a slot, of the present offer; made when there is none, or none that may still be used.
pub(super) async fn ensure_slot(
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
    let id = DiscountId(app.chance.uuid_of(crate::kernel::Stream::Codes, now));
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
pub(super) fn planned(
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
        for_code_id: Set(None),
        ends_changed_at: Set(None),
        low_water: Set(i32::try_from(forecast::FEW).unwrap_or(i32::MAX)),
    }
}

/// Whether a slot's pool is to be filled again: it has no code at the low-water mark.
async fn running_low(
    db: &impl ConnectionTrait,
    campaign: &Campaign,
    discount: &discount::Model,
) -> Result<bool, DbErr> {
    let mark = u64::try_from(discount.low_water).unwrap_or_default().saturating_sub(1);
    let at_mark = in_order(campaign, discount.id, State::Imported).select_only().column(Column::Id);
    let at_mark = at_mark.offset(mark).limit(1);
    Ok(at_mark.into_tuple::<RedeemCodeId>().one(db).await?.is_none())
}

pub(super) fn in_state(campaign: &Campaign, discount: DiscountId, state: State) -> sea_orm::Select<Entity> {
    Entity::of(campaign.shop_id).filter(COLUMN.discount_id.eq(discount)).filter(COLUMN.state.eq(state))
}

/// [`in_state`], by id. The state is named as a range, and leads the order: with a plain one PostgreSQL reads the codes
/// of the shop by id, past all that were handed out, because every code it hears of seems to be in this state.
pub(super) fn in_order(campaign: &Campaign, discount: DiscountId, state: State) -> sea_orm::Select<Entity> {
    Entity::of(campaign.shop_id)
        .filter(COLUMN.discount_id.eq(discount))
        .filter(COLUMN.state.gte(state))
        .filter(COLUMN.state.lte(state))
        .order_by_asc(COLUMN.state)
        .order_by_asc(COLUMN.id)
}

/// Codes taken in one statement: what it changes is in memory twice until it ends.
const AT_ONCE: usize = 2_500;

/// Takes codes out of the pool in one statement; none: it is empty, or other nodes are taking what is left.
async fn take(
    txn: &impl ConnectionTrait,
    campaign: &Campaign,
    discount: DiscountId,
    count: usize,
    promise: Promise,
) -> Result<Vec<Model>, DbErr> {
    let pool = in_order(campaign, discount, State::Imported);
    let mut taken = Entity::standing((campaign.shop_id, discount), &[State::Imported])
        .filter(first_free(txn.get_database_backend(), pool, Column::Id, count))
        .col_expr(Column::State, Expr::value(State::Issued))
        .col_expr(Column::IssuedAt, Expr::value(promise.at))
        .col_expr(Column::ExpiresAt, Expr::value(promise.ends_at))
        .col_expr(Column::LifeSeconds, Expr::value(promise.life_seconds))
        .exec_with_returning(txn)
        .await?;
    taken.sort_by_key(|code| code.id);
    Ok(taken)
}

/// Promises codes of the pool that Shopify was not asked for yet: with fresh ones instead, a large audience drawn at once
/// would be imported twice. In the order of their ids, so that what comes after the last promise is free.
async fn claim(
    txn: &impl ConnectionTrait,
    campaign: &Campaign,
    discount: DiscountId,
    count: usize,
    promise: Promise,
) -> Result<Vec<Model>, DbErr> {
    let mut claimed = Vec::with_capacity(count);
    while claimed.len() < count {
        let last = push::promised(campaign, discount).select_only().column(Column::Id).order_by_desc(COLUMN.id);
        let last: Option<RedeemCodeId> = last.limit(1).into_tuple().one(txn).await?;
        let mut free = in_state(campaign, discount, State::Reserved).select_only().column(Column::Id);
        if let Some(last) = last {
            free = free.filter(COLUMN.id.gt(last));
        }
        let wanted = (count - claimed.len()).min(INSERT_ROWS) as u64;
        let ids: Vec<RedeemCodeId> = free.order_by_asc(COLUMN.id).limit(wanted).into_tuple().all(txn).await?;
        if ids.is_empty() {
            break;
        }
        // Whatever another node was faster with is promised or pushed when we look again.
        let promised = Entity::still((campaign.shop_id, discount), ids, &[State::Reserved])
            .col_expr(Column::PromisedAt, Expr::value(promise.at))
            .col_expr(Column::ExpiresAt, Expr::value(promise.ends_at))
            .col_expr(Column::LifeSeconds, Expr::value(promise.life_seconds))
            .filter(Column::PromisedAt.is_null());
        claimed.extend(promised.exec_with_returning(txn).await?);
    }
    Ok(claimed)
}

/// Writes fresh codes, unique in the shop; with a `promise` they are somebody's already.
pub(super) async fn reserve(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    discount: DiscountId,
    count: usize,
    promise: Option<Promise>,
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

pub(super) fn fresh(
    app: &App,
    campaign: &Campaign,
    discount: DiscountId,
    promise: Option<Promise>,
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
        expires_at: Set(promise.map(|promise| promise.ends_at)),
        reserved_at: Set(now),
        promised_at: Set(promise.map(|promise| promise.at)),
        pushed_at: Set(None),
        imported_at: Set(None),
        issued_at: Set(None),
        redeemed_at: Set(None),
        expired_at: Set(None),
        revoked_at: Set(None),
        last_error: Set(None),
        life_seconds: Set(promise.and_then(|promise| promise.life_seconds)),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, QueryTrait};

    use super::*;

    #[test]
    fn taking_a_few_passes_over_what_another_transaction_holds() {
        let first = |backend, count| {
            let pool = Entity::find().filter(COLUMN.state.eq(State::Imported)).order_by_asc(COLUMN.id);
            let taking = Entity::update_many().col_expr(Column::State, Expr::value(State::Issued));
            taking.filter(first_free(backend, pool, Column::Id, count)).build(backend).to_string()
        };
        let choice = r#"SELECT "redeem_codes"."id" FROM "redeem_codes" WHERE "redeem_codes"."state" = 'imported' ORDER BY "redeem_codes"."id" ASC LIMIT"#;
        let taking = r#"UPDATE "redeem_codes" SET "state" = 'issued' WHERE "#;
        let locked = format!(r#"{taking}"id" = ANY(ARRAY ({choice} 3 FOR UPDATE SKIP LOCKED))"#);
        assert_eq!(first(DbBackend::Postgres, 3), locked);
        assert_eq!(first(DbBackend::Postgres, 2_500), format!(r#"{taking}"id" = ANY(ARRAY ({choice} 2500))"#));
        assert_eq!(first(DbBackend::Sqlite, 3), format!(r#"{taking}"redeem_codes"."id" IN ({choice} 3)"#));
    }
}
