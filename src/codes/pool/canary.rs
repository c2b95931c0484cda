//! Canary codes: imported at Shopify, never given to anybody. One that turns up says that a whole list got out.
//!
//! A canary is any code of the pool, set aside by compare-and-set, so that nothing at Shopify tells it from the others.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::reserve::{self, in_state};
use crate::app::App;
use crate::campaigns::Campaign;
use crate::codes::id::{DiscountId, RedeemCodeId};
use crate::codes::redeem_code::{COLUMN, Column, Entity, State};
use crate::kernel::Timestamp;

/// One canary for so many codes, but at most [`MOST`].
const CODES_EACH: u64 = 1_000;
const MOST: u64 = 10;

/// How many canaries a slot of so many codes wants: the smallest has one, too, for its list gets out as easily.
const fn wanted(codes: u64) -> u64 {
    if codes == 0 {
        return 0;
    }
    let many = 1 + codes / CODES_EACH;
    if many < MOST { many } else { MOST }
}

/// How many codes a slot that is to hold `codes` needs besides, so that its canaries are no stock of anybody's.
pub(in crate::codes) async fn besides(
    db: &impl ConnectionTrait,
    campaign: &Campaign,
    discount: DiscountId,
    codes: u64,
) -> Result<u64, DbErr> {
    Ok(wanted(codes).saturating_sub(set_aside_already(db, campaign, discount).await?))
}

async fn set_aside_already(db: &impl ConnectionTrait, campaign: &Campaign, discount: DiscountId) -> Result<u64, DbErr> {
    in_state(campaign, discount, State::Canary).count(db).await
}

/// A slot whose codes are all promised has nothing to set aside: it gets one code more, which nobody is promised.
pub(in crate::codes) async fn one_free(
    app: &App,
    campaign: &Campaign,
    discount: DiscountId,
    now: Timestamp,
) -> Result<(), DbErr> {
    let db = app.db.read();
    if in_state(campaign, discount, State::Canary).one(db).await?.is_some()
        || reserve::ready(db, campaign, discount).await? > 0
    {
        return Ok(());
    }
    let txn = app.db.begin_write().await?;
    reserve::reserve(&txn, app, campaign, discount, 1, None, now).await?;
    txn.commit().await
}

/// Sets canaries aside from what a slot's import brought; a slot that is drawn empty at once waits for the next import.
pub(in crate::codes) async fn set_aside(app: &App, campaign: &Campaign, discount: DiscountId) -> Result<(), DbErr> {
    let of_slot = Entity::of(campaign.shop_id).filter(COLUMN.discount_id.eq(discount));
    // A state at a time: the index by slot and state answers each.
    let mut codes = 0;
    for state in [State::Imported, State::Issued, State::Redeemed, State::Canary] {
        codes += of_slot.clone().filter(COLUMN.state.eq(state)).count(app.db.read()).await?;
    }
    let lacking = wanted(codes).saturating_sub(set_aside_already(app.db.read(), campaign, discount).await?);
    if lacking == 0 {
        return Ok(());
    }
    // The last of the pool: those in front are about to be handed out.
    let ids: Vec<RedeemCodeId> = in_state(campaign, discount, State::Imported)
        .select_only()
        .column(Column::Id)
        .order_by_desc(COLUMN.id)
        .limit(lacking)
        .into_tuple()
        .all(app.db.read())
        .await?;
    if ids.is_empty() {
        return Ok(());
    }
    Entity::still((campaign.shop_id, discount), ids, &[State::Imported])
        .col_expr(Column::State, Expr::value(State::Canary))
        .exec(app.db.write())
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_has_one_and_large_ones_a_few() {
        assert_eq!([0, 1, 9, 999, 1_000, 100_000].map(wanted), [0, 1, 1, 1, 2, 10]);
    }
}
