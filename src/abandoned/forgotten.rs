//! A person was forgotten: what they left is offered to nobody any more.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect};

use super::abandonment::{COLUMN, Column, Entity, State};
use super::review::{Touched, review};
use crate::app::App;
use crate::db::INSERT_ROWS;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Looks again at checkouts that were made nameless. What was over stays what it was: rows name nobody. Safe to repeat.
pub async fn forget(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    nameless: &[String],
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut tokens = BTreeSet::new();
    for some in nameless.chunks(INSERT_ROWS) {
        let not_over = Entity::of(shop).filter(COLUMN.state.is_in([State::Working, State::Open]));
        let theirs = not_over.filter(COLUMN.token.is_in(some.to_vec())).select_only().column(Column::Token);
        tokens.extend(theirs.into_tuple::<String>().all(txn).await?);
    }
    review(txn, app, shop, Touched { checkouts: tokens, ..Touched::default() }, now).await
}
