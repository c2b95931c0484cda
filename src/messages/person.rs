//! What this room knows of a person: showing it, forgetting it.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::message::{self, Model as Message};
use super::meta_click;
use super::status;
use crate::db::INSERT_ROWS;
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::links;

/// Messages by their ids (those of their draws), oldest first.
pub async fn messages_of(db: &impl ConnectionTrait, shop: ShopId, ids: &[MessageId]) -> Result<Vec<Message>, DbErr> {
    let find = message::Entity::of(shop).filter(message::COLUMN.id.is_in(ids.to_vec()));
    find.order_by_asc(message::COLUMN.issued_at).order_by_asc(message::COLUMN.id).all(db).await
}

/// What was reported of some messages, oldest first.
pub async fn statuses_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    ids: &[MessageId],
) -> Result<Vec<status::Model>, DbErr> {
    status::Entity::find()
        .filter(status::COLUMN.shop_id.eq(shop))
        .filter(status::COLUMN.message_id.is_in(ids.to_vec()))
        .order_by_asc(status::COLUMN.at)
        .all(db)
        .await
}

/// Forgets by what WhatsApp called some messages (its ids contain the recipient), and with what their links were opened.
/// Safe to repeat.
pub async fn forget(txn: &impl ConnectionTrait, shop: ShopId, ids: &[MessageId]) -> Result<(), DbErr> {
    for ids in ids.chunks(INSERT_ROWS) {
        let rows = messages_of(txn, shop, ids).await?;
        let slugs: Vec<String> = rows.iter().map(|message| message.link_slug.clone()).collect();
        links::let_signs_go(txn, shop, &slugs).await?;
        meta_click::Entity::update_many()
            .col_expr(meta_click::Column::WamidHash, Expr::value(Option::<String>::None))
            .filter(meta_click::COLUMN.shop_id.eq(shop))
            .filter(meta_click::COLUMN.wamid_hash.is_in(rows.into_iter().filter_map(|message| message.wamid_hash)))
            .exec(txn)
            .await?;
        message::Entity::update_many()
            .col_expr(message::Column::WamidHash, Expr::value(Option::<String>::None))
            .filter(message::COLUMN.shop_id.eq(shop))
            .filter(message::COLUMN.id.is_in(ids.to_vec()))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// Drops reports from before `before`; what they said stays in the message. Answers how many, at most [`INSERT_ROWS`].
pub async fn drop_old_statuses(txn: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    let of_shop = status::COLUMN.shop_id.eq(shop);
    let last: Option<Timestamp> = status::Entity::find()
        .filter(of_shop.clone())
        .filter(status::COLUMN.at.lt(before))
        .select_only()
        .column(status::Column::At)
        .order_by_asc(status::COLUMN.at)
        .limit(INSERT_ROWS as u64)
        .into_tuple::<Timestamp>()
        .all(txn)
        .await?
        .pop();
    let Some(last) = last else { return Ok(0) };
    // Everything up to the thousandth instant: a few more rows when many share it.
    let gone = status::Entity::delete_many().filter(of_shop).filter(status::COLUMN.at.lte(last)).exec(txn).await?;
    Ok(usize::try_from(gone.rows_affected).unwrap_or(INSERT_ROWS))
}
