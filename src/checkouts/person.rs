//! What this room knows of a person: showing it, forgetting it. Checkouts stay, with their amounts and times; only who
//! began them goes.

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::checkout::{COLUMN, Column, Entity, Model as Checkout};
use super::contact;
use crate::db::INSERT_ROWS;
use crate::kernel::id::ShopId;
use crate::kernel::{Person, Timestamp};

/// Checkouts that name this person or are among `tokens`, begun at `until` or before; oldest first.
pub async fn checkouts_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    person: &Person,
    tokens: &BTreeSet<String>,
    until: Timestamp,
) -> Result<Vec<Checkout>, DbErr> {
    let find = || Entity::of(shop).filter(COLUMN.created_at.lte(until));
    let named = Condition::any()
        .add(Column::ShopifyCustomerId.is_in(person.customers.iter().copied()))
        .add(Column::PhoneHash.is_in(person.phones.iter().cloned()))
        .add(Column::EmailHash.is_in(person.emails.iter().cloned()));
    let mut found = find().filter(named).all(db).await?;
    let beside = contact::naming(db, shop, person.hashes()).await?;
    for states in beside.chunks(INSERT_ROWS) {
        let rows = find().filter(COLUMN.token.is_in(states.iter().map(|(token, _)| token.clone()))).all(db).await?;
        found.extend(
            rows.into_iter().filter(|row| states.iter().any(|(t, at)| *t == row.token && *at == row.contact_key)),
        );
    }
    let tokens: Vec<String> = tokens.iter().cloned().collect();
    for tokens in tokens.chunks(INSERT_ROWS) {
        found.extend(find().filter(COLUMN.token.is_in(tokens.to_vec())).all(db).await?);
    }
    found.sort_by(|a, b| (a.created_at, &a.token).cmp(&(b.created_at, &b.token)));
    found.dedup_by(|a, b| a.token == b.token);
    Ok(found)
}

/// Makes `own` checkouts nameless, and takes what names this person from whichever named them. Safe to repeat.
pub async fn forget(txn: &impl ConnectionTrait, shop: ShopId, person: &Person, own: &[String]) -> Result<(), DbErr> {
    contact::forget(txn, shop, own, person.hashes()).await?;
    for tokens in own.chunks(INSERT_ROWS) {
        Entity::update_many()
            .col_expr(Column::EmailHash, Expr::value(Option::<String>::None))
            .col_expr(Column::PhoneHash, Expr::value(Option::<String>::None))
            .col_expr(Column::ShopifyCustomerId, Expr::value(Option::<i64>::None))
            .col_expr(Column::RecoveryUrlSealed, Expr::value(Option::<Vec<u8>>::None))
            .col_expr(Column::CartItems, Expr::value(Option::<String>::None))
            .filter(COLUMN.shop_id.eq(shop))
            .filter(COLUMN.token.is_in(tokens.to_vec()))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// Destroys recovery addresses of checkouts quiet since before `before`; answers how many, at most [`INSERT_ROWS`].
pub async fn forget_old_recovery_urls(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    before: Timestamp,
) -> Result<usize, DbErr> {
    let old: Vec<String> = Entity::of(shop)
        .filter(Column::RecoveryUrlSealed.is_not_null())
        .filter(COLUMN.updated_at.lt(before))
        .select_only()
        .column(Column::Token)
        .limit(INSERT_ROWS as u64)
        .into_tuple()
        .all(txn)
        .await?;
    Entity::update_many()
        .col_expr(Column::RecoveryUrlSealed, Expr::value(Option::<Vec<u8>>::None))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.token.is_in(old.clone()))
        .exec(txn)
        .await?;
    Ok(old.len())
}
