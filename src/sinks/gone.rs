//! What still waits to be told of some checkouts, when their shopper was forgotten: it names them by Shopify's number.

use std::collections::HashSet;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::delivery::{COLUMN, Column, DeliveryId, Entity, State};
use super::endpoint::Event;
use crate::db::INSERT_ROWS;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// What deliveries about a checkout are kept under: its kind, the checkout, and what tells them apart.
pub(super) fn subject(kind: &str, token: &str, apart: &str) -> String {
    format!("{kind}:{token}:{apart}")
}

/// Gives up deliveries about some checkouts that nobody has taken yet, with their bodies. Safe to repeat.
pub async fn forget_checkouts(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    tokens: &[String],
    now: Timestamp,
) -> Result<(), DbErr> {
    let names = [Event::CheckoutAbandoned.name(), Event::CheckoutWithdrawn.name()];
    let waiting = Entity::of(shop).filter(COLUMN.state.eq(State::Waiting)).filter(COLUMN.event.is_in(names));
    let waiting = waiting.select_only().columns([Column::Id, Column::Subject]);
    let waiting: Vec<(DeliveryId, String)> = waiting.into_tuple().all(txn).await?;
    let tokens: HashSet<&str> = tokens.iter().map(String::as_str).collect();
    // A token may hold colons; what stands around it does not.
    let about = |subject: &str| {
        let rest = subject.split_once(':')?.1;
        Some(rest.rsplit_once(':')?.0).filter(|token| tokens.contains(token)).map(drop)
    };
    let theirs = waiting.into_iter().filter(|(_, subject)| about(subject).is_some()).map(|(id, _)| id);
    for ids in theirs.collect::<Vec<_>>().chunks(INSERT_ROWS) {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Dead))
            .col_expr(Column::Reason, Expr::value("The shopper asked to be forgotten."))
            .col_expr(Column::Body, Expr::value(Option::<String>::None))
            .col_expr(Column::DoneAt, Expr::value(now))
            .filter(COLUMN.shop_id.eq(shop))
            .filter(COLUMN.id.is_in(ids.to_vec()))
            .exec(txn)
            .await?;
    }
    Ok(())
}
