//! Taking codes back. From the commit on nothing of ours gives the code away: no redirect, no answer, no pool. That it is
//! gone at Shopify, a job sees to (`shopify/delete.rs`).

use sea_orm::sea_query::{Expr, OnConflict, Query, SelectStatement};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::discount;
use super::doubted::doubt_codes;
use super::id::RedeemCodeId;
use super::redeem_code::{COLUMN, Column, Entity, Model, State};
use super::revocation::{self, Reason, Revoke};
use crate::app::App;
use crate::campaigns::{Campaign, CampaignAnnounced};
use crate::kernel::Timestamp;

/// States from which a code can be taken back.
const REVOCABLE: [State; 6] =
    [State::Reserved, State::Pushed, State::Imported, State::Canary, State::Issued, State::Expired];

/// Why a code is not taken back.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// An order used it.
    #[error("an order used it")]
    Used,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Takes one code back. `false`: it was taken back before.
pub async fn revoke(
    txn: &impl ConnectionTrait,
    app: &App,
    code: &Model,
    reason: Reason,
    now: Timestamp,
) -> Result<bool, RevokeError> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Revoking))
        .filter(COLUMN.shop_id.eq(code.shop_id))
        .filter(COLUMN.id.eq(code.id))
        .filter(COLUMN.state.is_in(REVOCABLE));
    if update.exec(txn).await?.rows_affected == 0 {
        let used = Entity::find_by_id((code.shop_id, code.id)).one(txn).await?;
        return match used {
            Some(code) if code.state == State::Redeemed => Err(RevokeError::Used),
            _ => Ok(false),
        };
    }
    doubt_codes(txn, code.shop_id, &[code.id]).await?;
    let row = revocation::ActiveModel {
        shop_id: Set(code.shop_id),
        redeem_code_id: Set(code.id),
        discount_id: Set(code.discount_id),
        reason: Set(reason),
        asked_at: Set(now),
        shopify_job_id: Set(None),
        confirmed_at: Set(None),
    };
    revocation::Entity::insert(row).on_conflict(once()).exec_without_returning(txn).await?;
    Revoke::enqueue(txn, app, code.shop_id, now).await?;
    Ok(true)
}

/// Takes back every code of a campaign that still works somewhere: in people's hands, in the pool, the canaries.
/// Answers how many. What is drawn from now on gets fresh codes.
pub async fn revoke_campaign(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<u64, DbErr> {
    let shop = campaign.shop_id;
    let rows = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Revoking))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(Column::DiscountId.in_subquery(living(campaign, now)))
        .filter(COLUMN.state.is_in(REVOCABLE))
        .exec(txn)
        .await?
        .rows_affected;
    let taken = Query::select()
        .columns([Column::ShopId, Column::Id, Column::DiscountId])
        .expr(Expr::value(Reason::Campaign))
        .expr(Expr::value(now))
        .from(Entity)
        .and_where(Column::ShopId.eq(shop))
        .and_where(Column::DiscountId.in_subquery(living(campaign, now)))
        .and_where(Column::State.eq(State::Revoking))
        .to_owned();
    use revocation::Column as C;
    let insert = Query::insert()
        .into_table(revocation::Entity)
        .columns([C::ShopId, C::RedeemCodeId, C::DiscountId, C::Reason, C::AskedAt])
        .select_from(taken)
        .map_err(|error| DbErr::Custom(error.to_string()))?
        .on_conflict(once())
        .to_owned();
    txn.execute(&insert).await?;
    let revoked = Entity::of(shop)
        .filter(Column::DiscountId.in_subquery(living(campaign, now)))
        .filter(COLUMN.state.eq(State::Revoking));
    let revoked = revoked.select_only().column(Column::Id).into_tuple::<RedeemCodeId>().all(txn).await?;
    doubt_codes(txn, shop, &revoked).await?;
    Revoke::enqueue(txn, app, shop, now).await?;
    if campaign.archived_at.is_none() {
        CampaignAnnounced::tell(txn, app, campaign, now).await?;
    }
    Ok(rows)
}

/// The discounts of a campaign whose slots are not over.
fn living(campaign: &Campaign, now: Timestamp) -> SelectStatement {
    Query::select()
        .column(discount::Column::Id)
        .from(discount::Entity)
        .and_where(discount::Column::ShopId.eq(campaign.shop_id))
        .and_where(discount::Column::CampaignId.eq(campaign.id))
        .and_where(discount::Column::SlotEndsAt.gt(now))
        .to_owned()
}

fn once() -> OnConflict {
    OnConflict::columns([revocation::Column::ShopId, revocation::Column::RedeemCodeId]).do_nothing().to_owned()
}
