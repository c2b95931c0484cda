//! Handing codes out: from the pool while it lasts, as promises when it is empty.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};

use super::discount::Model as Discount;
use super::id::{DiscountId, RedeemCodeId};
use super::pool::reserve::{self, Promise, in_order, in_state, reserve};
use super::pool::slot;
use super::redeem_code::{COLUMN, Column, Entity, Model, State};
use super::shopify::own_discount;
use crate::app::App;
use crate::campaigns::{Campaign, CampaignAnnounced};
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
        return own_discount::reserve(txn, app, campaign, count, promise).await;
    }
    let slot = campaign.expiry.slot_of(promise.ends_at);
    let discount = slot::ensure_slot(txn, app, campaign, slot, now).await?;
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
        CampaignAnnounced::tell(txn, app, campaign, now).await?;
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
    Ok(own_discount::reserve(txn, app, campaign, 1, promise).await?.pop())
}

/// Whether a slot's pool is to be filled again: it has no code at the low-water mark.
async fn running_low(db: &impl ConnectionTrait, campaign: &Campaign, discount: &Discount) -> Result<bool, DbErr> {
    let mark = u64::try_from(discount.low_water).unwrap_or_default().saturating_sub(1);
    let at_mark = in_order(campaign, discount.id, State::Imported).select_only().column(Column::Id);
    let at_mark = at_mark.offset(mark).limit(1);
    Ok(at_mark.into_tuple::<RedeemCodeId>().one(db).await?.is_none())
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
        let last = reserve::promised(campaign, discount).select_only().column(Column::Id).order_by_desc(COLUMN.id);
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

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, EntityTrait, QueryTrait};

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
