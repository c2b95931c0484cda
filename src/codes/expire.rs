//! Codes end: a standing job writes down what time has already decided.
//!
//! Nothing waits for it. The redirect, the pool and every answer look at the instants themselves; an order that used a
//! code after its end still redeems it, because facts outrank our book-keeping.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};

use super::discount;
use super::doubted::doubt_codes;
use super::id::RedeemCodeId;
use super::leaks::alarm;
use super::redeem_code::{COLUMN, Column, Entity, State};
use crate::app::App;
use crate::db::INSERT_ROWS;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// How often a shop's ended codes are put away.
const EVERY_SECONDS: i64 = 3_600;

/// A slot that has been over for so long has no leftovers any more, unless no worker ran for a week; then they stay
/// where they are, in a slot nobody draws from.
const LOOK_BACK_SECONDS: i64 = 7 * 86_400;

/// The job: puts away codes whose time is over. It goes on after an uninstall, because codes end all the same.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Expire {}

impl Job for Expire {
    const NAME: &'static str = "codes.expire";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let over = now.plus_seconds(-discount::CLOCKS_APART_SECONDS);
        while ended(&app, shop, over).await? {}
        while left_over(&app, shop, over).await? {}
        alarm::close_over(app.db.write(), shop, over).await?;
        Ok(Next::At(now.plus_seconds(EVERY_SECONDS)))
    }
}

/// Codes in people's hands whose exact end has come. `true`: there may be more.
async fn ended(app: &App, shop: ShopId, now: Timestamp) -> Result<bool, DbErr> {
    let ids: Vec<RedeemCodeId> = Entity::of(shop)
        // As text and not as a value: only so do both engines see that the index of ending codes serves.
        .filter(Expr::cust("state = 'issued'"))
        .filter(COLUMN.expires_at.lte(now))
        .select_only()
        .column(Column::Id)
        .limit(INSERT_ROWS as u64)
        .into_tuple()
        .all(app.db.read())
        .await?;
    expire(app, shop, &ids, &[State::Issued], Expr::col(Column::ExpiresAt)).await
}

/// What nobody was given before its slot was over. `true`: there may be more.
async fn left_over(app: &App, shop: ShopId, now: Timestamp) -> Result<bool, DbErr> {
    const UNUSED: [State; 4] = [State::Reserved, State::Pushed, State::Imported, State::Canary];
    let over = Query::select()
        .column(discount::Column::Id)
        .from(discount::Entity)
        .and_where(discount::Column::ShopId.eq(shop))
        .and_where(discount::Column::SlotEndsAt.gt(now.plus_seconds(-LOOK_BACK_SECONDS)))
        .and_where(discount::Column::SlotEndsAt.lte(now))
        .to_owned();
    let ids: Vec<RedeemCodeId> = Entity::of(shop)
        .filter(Column::DiscountId.in_subquery(over))
        .filter(COLUMN.state.is_in(UNUSED))
        .select_only()
        .column(Column::Id)
        .limit(INSERT_ROWS as u64)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let slot_end = Query::select()
        .column(("discounts", "slot_ends_at"))
        .from("discounts")
        .and_where(Expr::col(("discounts", "shop_id")).eq(shop))
        .and_where(Expr::col(("discounts", "id")).equals(("redeem_codes", "discount_id")))
        .to_owned();
    expire(app, shop, &ids, &UNUSED, Expr::from(slot_end)).await
}

/// `true`: a whole batch ended, there may be more.
async fn expire(app: &App, shop: ShopId, ids: &[RedeemCodeId], from: &[State], at: Expr) -> Result<bool, DbErr> {
    if ids.is_empty() {
        return Ok(false);
    }
    let txn = app.db.begin_write().await?;
    Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Expired))
        .col_expr(Column::ExpiredAt, at)
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.id.is_in(ids.to_vec()))
        .filter(COLUMN.state.is_in(from.to_vec()))
        .exec(&txn)
        .await?;
    doubt_codes(&txn, shop, ids).await?;
    txn.commit().await?;
    Ok(ids.len() == INSERT_ROWS)
}
