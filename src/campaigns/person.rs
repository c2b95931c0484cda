//! What this room knows of a person, by what they were drawn into: showing it, forgetting it, letting it age.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::draw::{self, Entity as Draws, Model as Draw};
use super::program;
use crate::db::INSERT_ROWS;
use crate::kernel::id::ShopId;
use crate::kernel::{StandIn, Timestamp};
use crate::people::{self, RECIPIENT, RecipientColumn, RecipientId, Recipients};

/// Draws of some recipients, oldest first.
pub async fn draws_of(db: &impl ConnectionTrait, shop: ShopId, recipients: &[RecipientId]) -> Result<Vec<Draw>, DbErr> {
    let find = Draws::of(shop).filter(draw::COLUMN.recipient_id.is_in(recipients.to_vec()));
    find.order_by_asc(draw::COLUMN.drawn_at).order_by_asc(draw::COLUMN.id).all(db).await
}

/// Forgets by what their platform called those who were drawn. Safe to repeat.
pub async fn forget(txn: &impl ConnectionTrait, shop: ShopId, draws: &[Draw], stand_in: &StandIn) -> Result<(), DbErr> {
    for one in draws {
        Draws::update_many()
            .col_expr(draw::Column::RecipientKeyHash, Expr::value(stand_in.of(&one.recipient_key_hash)))
            .filter(draw::COLUMN.shop_id.eq(shop))
            .filter(draw::COLUMN.id.eq(one.id))
            .exec(txn)
            .await?;
        program::forget(txn, shop, &one.recipient_key_hash, &stand_in.of(&one.recipient_key_hash)).await?;
    }
    Ok(())
}

/// Destroys contacts of people drawn for the last time before `before`; answers how many, at most [`INSERT_ROWS`].
pub async fn forget_old_contacts(txn: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    let drawn_lately = Query::select()
        .expr(Expr::val(1))
        .from(Draws)
        .and_where(Expr::col((Draws, draw::Column::ShopId)).eq(shop))
        .and_where(Expr::col((Draws, draw::Column::RecipientId)).equals((Recipients, RecipientColumn::Id)))
        .and_where(Expr::col((Draws, draw::Column::DrawnAt)).gte(before))
        .to_owned();
    let old: Vec<RecipientId> = Recipients::find()
        .filter(RECIPIENT.shop_id.eq(shop))
        .filter(RECIPIENT.created_at.lt(before))
        .filter(RecipientColumn::DataKeySealed.is_not_null())
        .filter(Expr::exists(drawn_lately).not())
        .select_only()
        .column(RecipientColumn::Id)
        .limit(INSERT_ROWS as u64)
        .into_tuple()
        .all(txn)
        .await?;
    let count = old.len();
    people::destroy_contacts(txn, shop, old).await?;
    Ok(count)
}
