//! A discount none of whose codes is handed out any more: what becomes of the rest of them, and who holds one.

use sea_orm::sea_query::{Expr, Func};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::slot;
use crate::app::App;
use crate::campaigns::{Campaign, CampaignAnnounced, Campaigns};
use crate::codes::discount::{self, Because};
use crate::codes::redeem_code::{COLUMN, Column, Entity, State};
use crate::kernel::Timestamp;

/// Retires a discount: none of its codes is handed out any more, and what nobody was promised is revoked. A code that is
/// being handed out at this moment goes to one of the two, never to both.
pub(in crate::codes) async fn retire(
    txn: &impl ConnectionTrait,
    discount: &discount::Model,
    because: Because,
    now: Timestamp,
) -> Result<(), DbErr> {
    let first = Func::coalesce([Expr::col(discount::Column::RetiredAt), Expr::value(now)]);
    discount::Entity::update_many()
        .col_expr(discount::Column::RetiredAt, first.into())
        .col_expr(discount::Column::RetiredBecause, Expr::value(because))
        .filter(discount::COLUMN.shop_id.eq(discount.shop_id))
        .filter(discount::COLUMN.id.eq(discount.id))
        .exec(txn)
        .await?;
    Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Revoked))
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(COLUMN.shop_id.eq(discount.shop_id))
        .filter(COLUMN.discount_id.eq(discount.id))
        .filter(COLUMN.state.is_in([State::Reserved, State::Pushed, State::Imported]))
        .filter(Column::PromisedAt.is_null())
        .exec(txn)
        .await
        .map(drop)
}

/// How many people hold a code of a discount that is still good, or wait for one.
pub(in crate::codes) async fn held(
    db: &impl ConnectionTrait,
    discount: &discount::Model,
    now: Timestamp,
) -> Result<u64, DbErr> {
    let good = Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(now));
    let issued = Condition::all().add(COLUMN.state.eq(State::Issued)).add(good);
    let promised = Condition::all()
        .add(COLUMN.state.is_in([State::Reserved, State::Pushed]))
        .add(Column::PromisedAt.is_not_null());
    Entity::of(discount.shop_id)
        .filter(COLUMN.discount_id.eq(discount.id))
        .filter(Condition::any().add(issued).add(promised))
        .count(db)
        .await
}

/// A discount was lost: the pool and whoever waits need another one.
pub(in crate::codes) async fn refill(
    txn: &impl ConnectionTrait,
    app: &App,
    discount: &discount::Model,
    now: Timestamp,
) -> Result<(), DbErr> {
    let campaign = Campaigns::find_by_id((discount.shop_id, discount.campaign_id)).one(txn).await?;
    match campaign {
        Some(campaign) => CampaignAnnounced::tell(txn, app, &campaign, now).await,
        None => Ok(()),
    }
}

/// Codes promised under a discount that is lost come from another one of the same slot.
pub(in crate::codes) async fn rehome(app: &App, campaign: &Campaign, now: Timestamp) -> Result<(), DbErr> {
    let lost = discount::Entity::of(campaign.shop_id)
        .filter(discount::COLUMN.campaign_id.eq(campaign.id))
        .filter(discount::COLUMN.slot_ends_at.gt(now))
        .filter(discount::Column::ForCodeId.is_null())
        .filter(discount::Column::RetiredBecause.is_in([Because::OfferChanged, Because::Deleted, Because::Ended]))
        .order_by_asc(discount::COLUMN.id)
        .all(app.db.read())
        .await?;
    for discount in lost {
        let waiting = Entity::of(campaign.shop_id)
            .filter(COLUMN.discount_id.eq(discount.id))
            .filter(COLUMN.state.is_in([State::Reserved, State::Pushed]))
            .filter(Column::PromisedAt.is_not_null());
        if waiting.limit(1).one(app.db.read()).await?.is_none() {
            continue;
        }
        let txn = app.db.begin_write().await?;
        let home = slot::ensure_slot(&txn, app, campaign, discount.slot_ends_at, now).await?;
        Entity::update_many()
            .col_expr(Column::DiscountId, Expr::value(home.id))
            .col_expr(Column::State, Expr::value(State::Reserved))
            .col_expr(Column::BulkCreationId, Expr::value(Option::<String>::None))
            .col_expr(Column::PushedAt, Expr::value(Option::<Timestamp>::None))
            .filter(COLUMN.shop_id.eq(campaign.shop_id))
            .filter(COLUMN.discount_id.eq(discount.id))
            .filter(COLUMN.state.is_in([State::Reserved, State::Pushed]))
            .filter(Column::PromisedAt.is_not_null())
            .exec(&txn)
            .await?;
        txn.commit().await?;
    }
    Ok(())
}
