//! What this room knows of a person: showing it, forgetting it. Orders stay, with every amount; only who ordered goes.

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::order::{self, Column, Model as Order, OrderId};
use super::{contact, journey};
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
    let beside = contact::naming(db, shop, person.hashes()).await?;
    let any = Condition::any()
        .add(order::COLUMN.shopify_order_id.is_in(named.iter().copied().map(OrderId).chain(beside)))
        .add(Column::ShopifyCustomerId.is_in(person.customers.iter().copied()))
        .add(Column::PhoneHash.is_in(person.phones.iter().cloned()))
        .add(Column::EmailHash.is_in(person.emails.iter().cloned()));
    let find = order::Entity::of(shop).filter(order::COLUMN.ordered_at.lte(until)).filter(any);
    find.order_by_asc(order::COLUMN.ordered_at).order_by_asc(order::COLUMN.shopify_order_id).all(db).await
}

/// Ids of orders that name one of these phones or e-mail addresses, hashed.
pub async fn ids_naming(db: &impl ConnectionTrait, shop: ShopId, hashes: Vec<String>) -> Result<Vec<OrderId>, DbErr> {
    let mut found = Vec::new();
    for hashes in hashes.chunks(INSERT_ROWS) {
        found.extend(contact::naming(db, shop, hashes.to_vec()).await?);
        let own = Condition::any()
            .add(Column::PhoneHash.is_in(hashes.to_vec()))
            .add(Column::EmailHash.is_in(hashes.to_vec()));
        let own = order::Entity::of(shop).filter(own).select_only().column(Column::ShopifyOrderId);
        found.extend(own.into_tuple::<OrderId>().all(db).await?);
    }
    Ok(found)
}

/// Makes orders nameless: `own` orders whole, in all others only what names this person. Safe to repeat.
pub async fn forget(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    person: &Person,
    own: &[OrderId],
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
    let named = contact::naming(txn, shop, person.hashes()).await?;
    let before = order::Entity::of(shop).filter(order::COLUMN.ordered_at.lte(until));
    let before = before.select_only().column(Column::ShopifyOrderId);
    let mut beside: Vec<OrderId> = Vec::new();
    for ids in named.chunks(INSERT_ROWS) {
        let of_these = before.clone().filter(order::COLUMN.shopify_order_id.is_in(ids.to_vec()));
        beside.extend(of_these.into_tuple::<OrderId>().all(txn).await?);
    }
    for hash in person.hashes() {
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
    Ok(())
}
