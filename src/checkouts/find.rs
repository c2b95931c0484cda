//! Finding checkouts by what others know of them.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::checkout::{COLUMN, Column, Entity, Model as Checkout};
use super::contact;
use crate::db::INSERT_ROWS;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// One checkout as it stands.
pub async fn find(db: &impl ConnectionTrait, shop: ShopId, token: &str) -> Result<Option<Checkout>, DbErr> {
    Entity::find_by_id((shop, token.to_owned())).one(db).await
}

/// Checkouts of a cart, by token: one cart may have had several.
pub async fn of_cart(db: &impl ConnectionTrait, shop: ShopId, cart: &str) -> Result<Vec<Checkout>, DbErr> {
    Entity::of(shop).filter(Column::CartToken.eq(cart)).order_by_asc(COLUMN.token).all(db).await
}

/// Checkouts that a customer began from one instant until before another, by token.
pub async fn begun_by(
    db: &impl ConnectionTrait,
    shop: ShopId,
    customer: i64,
    (from, before): (Timestamp, Timestamp),
) -> Result<Vec<Checkout>, DbErr> {
    let of_customer = Entity::of(shop).filter(Column::ShopifyCustomerId.eq(customer));
    let begun = of_customer.filter(COLUMN.created_at.gte(from)).filter(COLUMN.created_at.lt(before));
    begun.order_by_asc(COLUMN.token).all(db).await
}

/// Some checkouts, by token.
pub async fn these(
    db: &impl ConnectionTrait,
    shop: ShopId,
    tokens: impl IntoIterator<Item = String>,
) -> Result<Vec<Checkout>, DbErr> {
    Entity::of(shop).filter(COLUMN.token.is_in(tokens)).order_by_asc(COLUMN.token).all(db).await
}

/// By what checkouts may be somebody's.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// Carts that were bought.
    pub carts: BTreeSet<String>,
    /// Shopify's numbers of shoppers.
    pub customers: BTreeSet<i64>,
    /// Hashes of phones and e-mail addresses.
    pub hashes: BTreeSet<String>,
}

/// How many checkouts of the same people are looked at, the latest first: an account that a whole office shares has
/// thousands.
const MOST: u64 = 200;

/// Tokens of checkouts that any of some marks leads to, begun between two instants.
pub async fn marked(
    db: &impl ConnectionTrait,
    shop: ShopId,
    marks: &Marks,
    (from, until): (Timestamp, Timestamp),
) -> Result<BTreeSet<String>, DbErr> {
    let mut found = BTreeSet::new();
    let begun = || {
        let of_shop = Entity::of(shop).filter(COLUMN.created_at.gte(from)).filter(COLUMN.created_at.lte(until));
        of_shop.order_by_desc(COLUMN.created_at).limit(MOST).select_only().column(Column::Token)
    };
    if !marks.carts.is_empty() {
        let of_carts = begun().filter(Column::CartToken.is_in(marks.carts.iter().cloned()));
        found.extend(of_carts.into_tuple::<String>().all(db).await?);
    }
    if !marks.customers.is_empty() {
        let theirs = begun().filter(Column::ShopifyCustomerId.is_in(marks.customers.iter().copied()));
        found.extend(theirs.into_tuple::<String>().all(db).await?);
    }
    let named = contact::naming(db, shop, marks.hashes.iter().cloned().collect()).await?;
    let named: BTreeSet<String> = named.into_iter().map(|(token, _)| token).collect();
    let named: Vec<String> = named.into_iter().collect();
    for tokens in named.chunks(INSERT_ROWS) {
        found.extend(begun().filter(COLUMN.token.is_in(tokens.to_vec())).into_tuple::<String>().all(db).await?);
    }
    Ok(found)
}

/// Tokens of checkouts last worked on at `from` or later, after `after`, ascending, at most `limit`.
pub async fn worked_on_since(
    db: &impl ConnectionTrait,
    shop: ShopId,
    from: Timestamp,
    after: &str,
    limit: u64,
) -> Result<Vec<String>, DbErr> {
    let recent = Entity::of(shop).filter(COLUMN.updated_at.gte(from)).filter(COLUMN.token.gt(after));
    recent.order_by_asc(COLUMN.token).limit(limit).select_only().column(Column::Token).into_tuple().all(db).await
}
