//! What this room knows of a person: showing it, forgetting it.
//!
//! Forgetting destroys the data key, and with it the contact; hashes make place for stand-ins, so that draws, counts
//! and verdicts stay.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::recipient::{COLUMN, Column, Entity, Model, RecipientId};
use crate::kernel::id::ShopId;
use crate::kernel::{Person, StandIn, Timestamp};

/// Recipients who are directly this person ([`super::Compared::same`]) and were known at `until`.
pub async fn recipients_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    person: &Person,
    until: Timestamp,
) -> Result<Vec<Model>, DbErr> {
    let any = Condition::any()
        .add(Column::PhoneHash.is_in(person.phones.iter().cloned()))
        .add(Column::EmailHash.is_in(person.emails.iter().cloned()))
        .add(Column::WhatsappHash.is_in(person.users.iter().cloned()))
        .add(Column::ShopifyCustomerId.is_in(person.customers.iter().copied()));
    Entity::find()
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.created_at.lte(until))
        .filter(any)
        .order_by_asc(COLUMN.id)
        .all(db)
        .await
}

/// Whether a recipient was forgotten.
pub async fn is_forgotten(db: &impl ConnectionTrait, shop: ShopId, id: RecipientId) -> Result<bool, DbErr> {
    Ok(Entity::find_by_id((shop, id)).one(db).await?.is_some_and(|person| person.forgotten_at.is_some()))
}

/// Forgets recipients. Safe to repeat.
pub async fn forget(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    recipients: &[Model],
    stand_in: &StandIn,
    now: Timestamp,
) -> Result<(), DbErr> {
    for one in recipients {
        let instead = |hash: &Option<String>| Expr::value(hash.as_deref().map(|hash| stand_in.of(hash)));
        Entity::update_many()
            .col_expr(Column::PhoneHash, instead(&one.phone_hash))
            .col_expr(Column::EmailHash, instead(&one.email_hash))
            .col_expr(Column::WhatsappHash, instead(&one.whatsapp_hash))
            .col_expr(Column::ShopifyCustomerId, Expr::value(one.shopify_customer_id.map(|id| stand_in.of_account(id))))
            .col_expr(Column::DataKeySealed, Expr::value(Option::<String>::None))
            .col_expr(Column::ContactSealed, Expr::value(Option::<Vec<u8>>::None))
            .col_expr(Column::ForgottenAt, Expr::value(now))
            .filter(COLUMN.shop_id.eq(shop))
            .filter(COLUMN.id.eq(one.id))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// Destroys the contacts of some recipients. Their hashes stay: they recognise the shopper behind an order.
pub async fn destroy_contacts(txn: &impl ConnectionTrait, shop: ShopId, ids: Vec<RecipientId>) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::DataKeySealed, Expr::value(Option::<String>::None))
        .col_expr(Column::ContactSealed, Expr::value(Option::<Vec<u8>>::None))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.id.is_in(ids))
        .exec(txn)
        .await
        .map(drop)
}
