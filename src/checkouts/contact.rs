//! Whom a checkout names: keyed hashes of every phone and e-mail address on it. Those of its newest telling that has
//! any are current.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ExprTrait};

use super::checkout::Model as Checkout;
use crate::kernel::id::ShopId;
use crate::kernel::{ContactKind, Contacts};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checkout_contacts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: ContactKind,
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    pub contact_key: i64,
}

impl ActiveModelBehavior for ActiveModel {}

/// Records whom a state of a checkout names. Safe to repeat, in any order.
pub(super) async fn record(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    token: &str,
    contacts: &Contacts,
    contact_key: i64,
) -> Result<(), DbErr> {
    if contacts.is_empty() {
        return Ok(());
    }
    let newest = OnConflict::columns([Column::ShopId, Column::Token, Column::Kind, Column::Hash])
        .update_column(Column::ContactKey)
        .action_and_where(Expr::col(("checkout_contacts", "contact_key")).lt(Expr::col(("excluded", "contact_key"))))
        .to_owned();
    let rows = contacts.each().map(|(kind, hash)| ActiveModel {
        shop_id: Set(shop),
        token: Set(token.to_owned()),
        kind: Set(kind),
        hash: Set(hash.clone()),
        contact_key: Set(contact_key),
    });
    Entity::insert_many(rows).on_conflict(newest).exec_without_returning(txn).await.map(drop)
}

/// Whom some checkouts name as they stand, by token.
pub async fn contacts_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    checkouts: &[Checkout],
) -> Result<HashMap<String, Contacts>, DbErr> {
    let current: HashMap<&str, i64> = checkouts.iter().map(|one| (one.token.as_str(), one.contact_key)).collect();
    let mut named: HashMap<String, Contacts> = HashMap::with_capacity(checkouts.len());
    for one in checkouts {
        let contacts = named.entry(one.token.clone()).or_default();
        contacts.phones.extend(one.phone_hash.clone());
        contacts.emails.extend(one.email_hash.clone());
    }
    for some in checkouts.chunks(crate::db::INSERT_ROWS) {
        let tokens = some.iter().map(|one| one.token.clone());
        let find = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.token.is_in(tokens));
        for row in find.all(db).await? {
            if current.get(row.token.as_str()) == Some(&row.contact_key) {
                named.entry(row.token).or_default().add(row.kind, row.hash);
            }
        }
    }
    Ok(named)
}

/// Tokens of checkouts one of whose states named one of these, with that state.
pub(super) async fn naming(
    db: &impl ConnectionTrait,
    shop: ShopId,
    hashes: Vec<String>,
) -> Result<Vec<(String, i64)>, DbErr> {
    let rows = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.hash.is_in(hashes)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.token, row.contact_key)).collect())
}

/// Forgets whom some checkouts named, and these hashes in whichever named them.
pub(super) async fn forget(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    tokens: &[String],
    hashes: Vec<String>,
) -> Result<(), DbErr> {
    let of_shop = || Entity::delete_many().filter(COLUMN.shop_id.eq(shop));
    for tokens in tokens.chunks(crate::db::INSERT_ROWS) {
        of_shop().filter(COLUMN.token.is_in(tokens.to_vec())).exec(txn).await?;
    }
    of_shop().filter(COLUMN.hash.is_in(hashes)).exec(txn).await.map(drop)
}
