//! What this room knows of a person: showing it, forgetting it.
//!
//! Forgetting destroys the data key, and with it the contact; hashes make place for stand-ins, so that draws, counts
//! and verdicts stay. Whoever is drawn again later is somebody new to us: the platform says they agreed again.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use super::draw;
use super::recipient::{self, Column, Entity, Model as Recipient, RecipientId};
use crate::app::App;
use crate::db::INSERT_ROWS;
use crate::kernel::id::ShopId;
use crate::kernel::secret::SealError;
use crate::kernel::{Person, StandIn, Timestamp, Vault};

/// How to reach a recipient, opened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The platform's own key.
    pub key: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// Business-scoped user id.
    pub whatsapp_user_id: Option<String>,
    /// Normalised.
    pub email: Option<String>,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(***)")
    }
}

impl Recipient {
    /// The contact; `None` when it was forgotten or aged out.
    pub fn contact(&self, app: &App) -> Result<Option<Contact>, SealError> {
        let (Some(key), Some(contact)) = (&self.data_key_sealed, &self.contact_sealed) else { return Ok(None) };
        let key = app.vault.open(self.shop_id, "recipients.data_key", key)?;
        let key = key.try_into().map_err(|_| SealError::Form)?;
        let own = Vault::new(key, None, app.chance.clone());
        let document = own.open_bytes(self.shop_id, "recipients.contact", contact)?;
        serde_json::from_slice(&document).map(Some).map_err(|_| SealError::Form)
    }
}

/// Recipients who are this person and were known at `until`.
pub async fn recipients_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    person: &Person,
    until: Timestamp,
) -> Result<Vec<Recipient>, DbErr> {
    let any = Condition::any()
        .add(Column::PhoneHash.is_in(person.phones.iter().cloned()))
        .add(Column::EmailHash.is_in(person.emails.iter().cloned()))
        .add(Column::WhatsappHash.is_in(person.users.iter().cloned()))
        .add(Column::ShopifyCustomerId.is_in(person.customers.iter().copied()));
    Entity::find()
        .filter(recipient::COLUMN.shop_id.eq(shop))
        .filter(recipient::COLUMN.created_at.lte(until))
        .filter(any)
        .order_by_asc(recipient::COLUMN.id)
        .all(db)
        .await
}

/// Draws of some recipients, oldest first.
pub async fn draws_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    recipients: &[RecipientId],
) -> Result<Vec<draw::Model>, DbErr> {
    let find = draw::Entity::of(shop).filter(draw::COLUMN.recipient_id.is_in(recipients.to_vec()));
    find.order_by_asc(draw::COLUMN.drawn_at).order_by_asc(draw::COLUMN.id).all(db).await
}

/// Whether a recipient was forgotten.
pub async fn is_forgotten(db: &impl ConnectionTrait, shop: ShopId, id: RecipientId) -> Result<bool, DbErr> {
    Ok(Entity::find_by_id((shop, id)).one(db).await?.is_some_and(|person| person.forgotten_at.is_some()))
}

/// Forgets recipients and by what their platform called them. Safe to repeat.
pub async fn forget(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    recipients: &[Recipient],
    draws: &[draw::Model],
    stand_in: &StandIn,
    now: Timestamp,
) -> Result<(), DbErr> {
    for one in recipients {
        let instead = |hash: &Option<String>| Expr::value(hash.as_deref().map(|hash| stand_in.of(hash)));
        Entity::update_many()
            .col_expr(Column::PhoneHash, instead(&one.phone_hash))
            .col_expr(Column::EmailHash, instead(&one.email_hash))
            .col_expr(Column::WhatsappHash, Expr::value(Option::<String>::None))
            .col_expr(Column::ShopifyCustomerId, Expr::value(one.shopify_customer_id.map(|id| stand_in.of_account(id))))
            .col_expr(Column::DataKeySealed, Expr::value(Option::<String>::None))
            .col_expr(Column::ContactSealed, Expr::value(Option::<Vec<u8>>::None))
            .col_expr(Column::ForgottenAt, Expr::value(now))
            .filter(recipient::COLUMN.shop_id.eq(shop))
            .filter(recipient::COLUMN.id.eq(one.id))
            .exec(txn)
            .await?;
    }
    for one in draws {
        draw::Entity::update_many()
            .col_expr(draw::Column::RecipientKeyHash, Expr::value(stand_in.of(&one.recipient_key_hash)))
            .filter(draw::COLUMN.shop_id.eq(shop))
            .filter(draw::COLUMN.id.eq(one.id))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// Destroys contacts of people drawn for the last time before `before`; answers how many, at most [`INSERT_ROWS`].
/// Their hashes stay: they recognise the shopper behind an order.
pub async fn forget_old_contacts(txn: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    use sea_orm::sea_query::Query;
    use sea_orm::{ExprTrait, QuerySelect};
    let drawn_lately = Query::select()
        .expr(Expr::val(1))
        .from("draws")
        .and_where(Expr::col(("draws", "shop_id")).eq(shop))
        .and_where(Expr::col(("draws", "recipient_id")).equals(("recipients", "id")))
        .and_where(Expr::col(("draws", "drawn_at")).gte(before))
        .to_owned();
    let old: Vec<RecipientId> = Entity::find()
        .filter(recipient::COLUMN.shop_id.eq(shop))
        .filter(recipient::COLUMN.created_at.lt(before))
        .filter(Column::DataKeySealed.is_not_null())
        .filter(Expr::exists(drawn_lately).not())
        .select_only()
        .column(Column::Id)
        .limit(INSERT_ROWS as u64)
        .into_tuple()
        .all(txn)
        .await?;
    Entity::update_many()
        .col_expr(Column::DataKeySealed, Expr::value(Option::<String>::None))
        .col_expr(Column::ContactSealed, Expr::value(Option::<Vec<u8>>::None))
        .filter(recipient::COLUMN.shop_id.eq(shop))
        .filter(recipient::COLUMN.id.is_in(old.clone()))
        .exec(txn)
        .await?;
    Ok(old.len())
}
