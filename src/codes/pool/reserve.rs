//! The codes of a slot's pool, as its verbs read and write them: what is free, what was promised, what is on its way.

use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};

use crate::app::App;
use crate::campaigns::{Campaign, Expiry};
use crate::codes::discount;
use crate::codes::generate;
use crate::codes::id::{DiscountId, RedeemCodeId};
use crate::codes::redeem_code::{self, COLUMN, Column, Entity, Model, State};
use crate::db::INSERT_ROWS;
use crate::kernel::{Stream, Timestamp};

/// What a recipient is promised.
#[derive(Clone, Copy, Debug)]
pub(in crate::codes) struct Promise {
    /// When the code ends; at the latest, when its clock starts with the delivery.
    pub ends_at: Timestamp,
    /// How long it lives from the delivery.
    pub life_seconds: Option<i64>,
    /// When it was promised.
    pub at: Timestamp,
}

impl Promise {
    /// What codes of this campaign that are handed out now promise.
    pub(in crate::codes) fn of(expiry: &Expiry, now: Timestamp) -> Self {
        Self { ends_at: expiry.ends_at(now), life_seconds: expiry.life_seconds(), at: now }
    }
}

/// Writes fresh codes, unique in the shop; with a `promise` they are somebody's already.
pub(in crate::codes) async fn reserve(
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

/// One of them, not written yet.
pub(in crate::codes) fn fresh(
    app: &App,
    campaign: &Campaign,
    discount: DiscountId,
    promise: Option<Promise>,
    now: Timestamp,
) -> redeem_code::ActiveModel {
    redeem_code::ActiveModel {
        shop_id: Set(campaign.shop_id),
        id: Set(RedeemCodeId(app.chance.uuid_of(Stream::Codes, now))),
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

/// The codes of a slot in one state.
pub(in crate::codes) fn in_state(campaign: &Campaign, discount: DiscountId, state: State) -> sea_orm::Select<Entity> {
    Entity::of(campaign.shop_id).filter(COLUMN.discount_id.eq(discount)).filter(COLUMN.state.eq(state))
}

/// [`in_state`], by id. The state is named as a range, and leads the order: with a plain one PostgreSQL reads the codes
/// of the shop by id, past all that were handed out, because every code it hears of seems to be in this state.
pub(in crate::codes) fn in_order(campaign: &Campaign, discount: DiscountId, state: State) -> sea_orm::Select<Entity> {
    Entity::of(campaign.shop_id)
        .filter(COLUMN.discount_id.eq(discount))
        .filter(COLUMN.state.gte(state))
        .filter(COLUMN.state.lte(state))
        .order_by_asc(COLUMN.state)
        .order_by_asc(COLUMN.id)
}

/// Codes somebody was promised, and of which Shopify was not told.
pub(in crate::codes) fn promised(campaign: &Campaign, discount: DiscountId) -> sea_orm::Select<Entity> {
    Entity::of(campaign.shop_id)
        .filter(COLUMN.discount_id.eq(discount))
        // As text and not as a value: only so do both engines see that the index of promised codes serves.
        .filter(Expr::cust("state = 'reserved'"))
        .filter(Column::PromisedAt.is_not_null())
}

/// Which of a campaign's discounts.
#[derive(Clone, Copy, Debug)]
pub(in crate::codes) enum Slots {
    One(DiscountId),
    All,
}

impl Slots {
    /// Their codes. By discount and not by campaign: so the index by slot and state serves.
    pub(in crate::codes) fn of(self, campaign: &Campaign) -> Expr {
        let all = Query::select()
            .column(discount::Column::Id)
            .from(discount::Entity)
            .and_where(discount::Column::ShopId.eq(campaign.shop_id))
            .and_where(discount::Column::CampaignId.eq(campaign.id))
            .to_owned();
        match self {
            Self::One(discount) => COLUMN.discount_id.eq(discount),
            Self::All => Column::DiscountId.in_subquery(all),
        }
    }
}

/// How many recipients were promised a code that is not live yet.
pub(in crate::codes) async fn waiting(
    db: &impl ConnectionTrait,
    campaign: &Campaign,
    slots: Slots,
) -> Result<u64, DbErr> {
    let mut waiting = 0;
    for state in ["state = 'reserved'", "state = 'pushed'"] {
        // As text and not as a value: only so do both engines see that the index of promised codes serves.
        let codes = Entity::of(campaign.shop_id).filter(slots.of(campaign)).filter(Expr::cust(state));
        waiting += codes.filter(Column::PromisedAt.is_not_null()).count(db).await?;
    }
    Ok(waiting)
}

/// How many unpromised codes of a slot are ready or on their way. Counted in indexes: the slot may hold a hundred
/// thousand, and this is asked at every run.
pub(in crate::codes) async fn ready(
    db: &impl ConnectionTrait,
    campaign: &Campaign,
    discount: DiscountId,
) -> Result<u64, DbErr> {
    let all = Entity::of(campaign.shop_id).filter(COLUMN.discount_id.eq(discount)).filter(COLUMN.state.is_in([
        State::Reserved,
        State::Pushed,
        State::Imported,
    ]));
    Ok(all.count(db).await?.saturating_sub(waiting(db, campaign, Slots::One(discount)).await?))
}
