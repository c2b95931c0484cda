//! Orders used the codes of messages.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::counted::count_message;
use super::message::{COLUMN, Column, Entity, Model as Message};
use crate::app::App;
use crate::codes::RedeemCodeId;
use crate::db::counts::Changes;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Notes with the messages that carry them that codes were used, each at its earliest use; and counts it. Messages are held
/// before anybody holds their codes, as where a status is recorded.
pub async fn codes_used(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    used: &[(RedeemCodeId, Timestamp)],
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut first: BTreeMap<RedeemCodeId, Timestamp> = BTreeMap::new();
    for (code, at) in used {
        first.entry(*code).and_modify(|known| *known = Ord::min(*known, *at)).or_insert(*at);
    }
    if first.is_empty() {
        return Ok(());
    }
    let carriers = Entity::of(shop).filter(Column::RedeemCodeId.is_in(first.keys().copied()));
    let mut changes = Changes::default();
    for message in carriers.order_by_asc(COLUMN.id).lock_exclusive().all(txn).await? {
        let at = message.redeem_code_id.and_then(|code| first.get(&code)).copied();
        carries(txn, &mut changes, &message, [message.code_redeemed_at, at].into_iter().flatten().min()).await?;
    }
    changes.append(txn, &app.chance, shop, now).await
}

/// Its code was used then, or it has another that was not.
pub(super) async fn carries(
    txn: &impl ConnectionTrait,
    changes: &mut Changes,
    message: &Message,
    redeemed_at: Option<Timestamp>,
) -> Result<(), DbErr> {
    let changed = Message { code_redeemed_at: redeemed_at, ..message.clone() };
    if changed == *message {
        return Ok(());
    }
    // What it costs is the same before and after, in whichever zone.
    count_message(changes, message, Tz::UTC, -1);
    count_message(changes, &changed, Tz::UTC, 1);
    Entity::update_many()
        .col_expr(Column::CodeRedeemedAt, Expr::value(redeemed_at))
        .filter(COLUMN.shop_id.eq(message.shop_id))
        .filter(COLUMN.id.eq(message.id))
        .exec(txn)
        .await
        .map(drop)
}
