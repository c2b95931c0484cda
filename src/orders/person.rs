//! What this room knows of a person: showing it, forgetting it. Orders stay, with every amount; only who ordered goes.

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::order::{self, Column, Model as Order, OrderId};
use super::{Checkout, Checkouts, checkout, checkout_contact, contact, journey};
use crate::db::INSERT_ROWS;
use crate::kernel::id::ShopId;
use crate::kernel::{Person, StandIn, Timestamp};

/// Orders that name this person or are among `named`, placed at `until` or before; oldest first.
pub async fn orders_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    person: &Person,
    named: &BTreeSet<i64>,
    until: Timestamp,
) -> Result<Vec<Order>, DbErr> {
    let beside = contact::naming(db, shop, hashes(person)).await?;
    let any = Condition::any()
        .add(order::COLUMN.shopify_order_id.is_in(named.iter().copied().map(OrderId).chain(beside)))
        .add(Column::ShopifyCustomerId.is_in(person.customers.iter().copied()))
        .add(Column::PhoneHash.is_in(person.phones.iter().cloned()))
        .add(Column::EmailHash.is_in(person.emails.iter().cloned()));
    let find = order::Entity::of(shop).filter(order::COLUMN.ordered_at.lte(until)).filter(any);
    find.order_by_asc(order::COLUMN.ordered_at).order_by_asc(order::COLUMN.shopify_order_id).all(db).await
}

fn hashes(person: &Person) -> Vec<String> {
    person.phones.iter().chain(&person.emails).cloned().collect()
}

/// Checkouts that name this person or are among `tokens`, begun at `until` or before; oldest first.
pub async fn checkouts_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    person: &Person,
    tokens: &BTreeSet<String>,
    until: Timestamp,
) -> Result<Vec<Checkout>, DbErr> {
    use checkout::Column as C;
    let find = || {
        let of_shop = Checkouts::find().filter(checkout::COLUMN.shop_id.eq(shop));
        of_shop.filter(checkout::COLUMN.created_at.lte(until))
    };
    let named = Condition::any()
        .add(C::ShopifyCustomerId.is_in(person.customers.iter().copied()))
        .add(C::PhoneHash.is_in(person.phones.iter().cloned()))
        .add(C::EmailHash.is_in(person.emails.iter().cloned()));
    let mut found = find().filter(named).all(db).await?;
    let beside = checkout_contact::naming(db, shop, hashes(person)).await?;
    for states in beside.chunks(INSERT_ROWS) {
        let rows =
            find().filter(checkout::COLUMN.token.is_in(states.iter().map(|(token, _)| token.clone()))).all(db).await?;
        found.extend(
            rows.into_iter().filter(|row| states.iter().any(|(t, at)| *t == row.token && *at == row.contact_key)),
        );
    }
    let tokens: Vec<String> = tokens.iter().cloned().collect();
    for tokens in tokens.chunks(INSERT_ROWS) {
        found.extend(find().filter(checkout::COLUMN.token.is_in(tokens.to_vec())).all(db).await?);
    }
    found.sort_by(|a, b| (a.created_at, &a.token).cmp(&(b.created_at, &b.token)));
    found.dedup_by(|a, b| a.token == b.token);
    Ok(found)
}

/// Makes orders and checkouts nameless: `own` orders whole, in all others only what names this person. Safe to repeat.
pub async fn forget(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    person: &Person,
    own: &[OrderId],
    checkouts: &[String],
    stand_in: &StandIn,
    until: Timestamp,
) -> Result<(), DbErr> {
    let account = |instead: Option<i64>| {
        order::Entity::update_many()
            .col_expr(Column::ShopifyCustomerId, Expr::value(instead))
            .filter(order::COLUMN.shop_id.eq(shop))
            .filter(order::COLUMN.ordered_at.lte(until))
    };
    // A verdict may rest on the account being the recipient's: the two still agree.
    for id in &person.customers {
        let instead = Some(stand_in.of_account(*id));
        account(instead).filter(Column::ShopifyCustomerId.eq(*id)).exec(txn).await?;
    }
    for ids in own.chunks(INSERT_ROWS) {
        let named = account(None).filter(Column::ShopifyCustomerId.gte(0));
        named.filter(order::COLUMN.shopify_order_id.is_in(ids.to_vec())).exec(txn).await?;
    }
    journey::forget(txn, shop, own).await?;
    let named = contact::naming(txn, shop, hashes(person)).await?;
    let before = order::Entity::of(shop).filter(order::COLUMN.ordered_at.lte(until));
    let before = before.select_only().column(Column::ShopifyOrderId);
    let mut beside: Vec<OrderId> = Vec::new();
    for ids in named.chunks(INSERT_ROWS) {
        let of_these = before.clone().filter(order::COLUMN.shopify_order_id.is_in(ids.to_vec()));
        beside.extend(of_these.into_tuple::<OrderId>().all(txn).await?);
    }
    for hash in hashes(person) {
        contact::replace(txn, shop, &beside, &hash, &stand_in.of(&hash)).await?;
    }
    for (column, hashes) in [(Column::PhoneHash, &person.phones), (Column::EmailHash, &person.emails)] {
        for hash in hashes {
            order::Entity::update_many()
                .col_expr(column, Expr::value(stand_in.of(hash)))
                .filter(order::COLUMN.shop_id.eq(shop))
                .filter(order::COLUMN.ordered_at.lte(until))
                .filter(column.eq(hash.as_str()))
                .exec(txn)
                .await?;
        }
    }
    checkout_contact::forget(txn, shop, checkouts, hashes(person)).await?;
    for tokens in checkouts.chunks(INSERT_ROWS) {
        use checkout::Column as C;
        Checkouts::update_many()
            .col_expr(C::EmailHash, Expr::value(Option::<String>::None))
            .col_expr(C::PhoneHash, Expr::value(Option::<String>::None))
            .col_expr(C::ShopifyCustomerId, Expr::value(Option::<i64>::None))
            .col_expr(C::RecoveryUrlSealed, Expr::value(Option::<Vec<u8>>::None))
            .col_expr(C::CartItems, Expr::value(Option::<String>::None))
            .filter(checkout::COLUMN.shop_id.eq(shop))
            .filter(checkout::COLUMN.token.is_in(tokens.to_vec()))
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
    use checkout::Column as C;
    let old: Vec<String> = Checkouts::find()
        .filter(checkout::COLUMN.shop_id.eq(shop))
        .filter(C::RecoveryUrlSealed.is_not_null())
        .filter(checkout::COLUMN.updated_at.lt(before))
        .select_only()
        .column(C::Token)
        .limit(INSERT_ROWS as u64)
        .into_tuple()
        .all(txn)
        .await?;
    Checkouts::update_many()
        .col_expr(C::RecoveryUrlSealed, Expr::value(Option::<Vec<u8>>::None))
        .filter(checkout::COLUMN.shop_id.eq(shop))
        .filter(checkout::COLUMN.token.is_in(old.clone()))
        .exec(txn)
        .await?;
    Ok(old.len())
}
