//! Everything known of an order, for deriving a verdict.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::book::{self, Model as Book};
use super::contact;
use super::order::{self, Model as Order, OrderId};
use super::refund::{self, Model as Refund};
use super::sale::{self, Model as Sale};
use super::version::{self, Model as Version};
use super::visit::{self, Model as Visit};
use crate::checkouts;
use crate::kernel::id::ShopId;
use crate::kernel::{Contacts, Timestamp};

/// One order with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// As it stands.
    pub order: Order,
    /// Whom it names, as it stands.
    pub contacts: Contacts,
    /// Every state it was in, oldest first.
    pub versions: Vec<Version>,
    /// Every refund, oldest first, ties by id.
    pub refunds: Vec<Refund>,
    /// When its checkout was worked on, oldest first.
    pub activities: Vec<Timestamp>,
    /// Visits Shopify's customer journey tells, oldest first, ties by id.
    pub visits: Vec<Visit>,
    /// How the asking for its sales stands; `None`: a test order.
    pub book: Option<Book>,
    /// Its sales as Shopify's own book holds them, oldest first, ties by id.
    pub sales: Vec<Sale>,
}

/// The facts of some orders of a shop, in the order of their ids.
pub async fn facts(db: &impl ConnectionTrait, shop: ShopId, ids: &[OrderId]) -> Result<Vec<Facts>, DbErr> {
    let orders = order::Entity::of(shop).filter(order::COLUMN.shopify_order_id.is_in(ids.to_vec()));
    let orders = orders.order_by_asc(order::COLUMN.shopify_order_id).all(db).await?;
    let versions = version::Entity::find()
        .filter(version::COLUMN.shop_id.eq(shop))
        .filter(version::COLUMN.shopify_order_id.is_in(ids.to_vec()))
        .all(db)
        .await?;
    let refunds = refund::Entity::find()
        .filter(refund::COLUMN.shop_id.eq(shop))
        .filter(refund::COLUMN.shopify_order_id.is_in(ids.to_vec()))
        .all(db)
        .await?;
    let visits = visit::Entity::find()
        .filter(visit::COLUMN.shop_id.eq(shop))
        .filter(visit::COLUMN.shopify_order_id.is_in(ids.to_vec()))
        .all(db)
        .await?;
    let books = book::Entity::of(shop).filter(book::COLUMN.shopify_order_id.is_in(ids.to_vec())).all(db).await?;
    let sales = sale::Entity::of(shop).filter(sale::COLUMN.shopify_order_id.is_in(ids.to_vec())).all(db).await?;
    let tokens = orders.iter().filter_map(|order| order.checkout_token.clone());
    let steps = checkouts::steps_of(db, shop, tokens).await?;
    let mut named = contact::contacts_of(db, shop, &orders).await?;
    let mut by_order: HashMap<OrderId, (Vec<Version>, Vec<Refund>)> = HashMap::new();
    versions.into_iter().for_each(|row| by_order.entry(row.shopify_order_id).or_default().0.push(row));
    refunds.into_iter().for_each(|row| by_order.entry(row.shopify_order_id).or_default().1.push(row));
    let mut visited: HashMap<OrderId, Vec<Visit>> = HashMap::new();
    visits.into_iter().for_each(|row| visited.entry(row.shopify_order_id).or_default().push(row));
    let mut books: HashMap<OrderId, Book> = books.into_iter().map(|row| (row.shopify_order_id, row)).collect();
    let mut sold: HashMap<OrderId, Vec<Sale>> = HashMap::new();
    sales.into_iter().for_each(|row| sold.entry(row.shopify_order_id).or_default().push(row));
    Ok(orders
        .into_iter()
        .map(|order| {
            let (mut versions, mut refunds) = by_order.remove(&order.shopify_order_id).unwrap_or_default();
            versions.sort_by_key(Version::key);
            refunds.sort_by_key(|refund| (refund.at, refund.shopify_refund_id));
            let token = order.checkout_token.as_ref();
            let activities = token.and_then(|token| steps.get(token)).cloned().unwrap_or_default();
            let mut visits = visited.remove(&order.shopify_order_id).unwrap_or_default();
            visits.sort_by(|a, b| (a.at, &a.shopify_visit_id).cmp(&(b.at, &b.shopify_visit_id)));
            let contacts = named.remove(&order.shopify_order_id).unwrap_or_default();
            let book = books.remove(&order.shopify_order_id);
            let mut sales = sold.remove(&order.shopify_order_id).unwrap_or_default();
            sales.sort_by(|a, b| (a.happened_at, &a.shopify_sale_id).cmp(&(b.happened_at, &b.shopify_sale_id)));
            Facts { order, contacts, versions, refunds, activities, visits, book, sales }
        })
        .collect())
}

/// Ids of a shop's orders after `after`, ascending, at most `limit`: for going through all of them in pages.
pub async fn ids_after(
    db: &impl ConnectionTrait,
    shop: ShopId,
    after: OrderId,
    limit: u64,
) -> Result<Vec<OrderId>, DbErr> {
    order::Entity::of(shop)
        .filter(order::COLUMN.shopify_order_id.gt(after))
        .order_by_asc(order::COLUMN.shopify_order_id)
        .limit(limit)
        .select_only()
        .column(order::Column::ShopifyOrderId)
        .into_tuple()
        .all(db)
        .await
}

/// The first order, by id, that a cart became.
pub async fn of_cart(db: &impl ConnectionTrait, shop: ShopId, cart: &str) -> Result<Option<Order>, DbErr> {
    let became = order::Entity::of(shop).filter(order::Column::CartToken.eq(cart));
    became.order_by_asc(order::COLUMN.shopify_order_id).one(db).await
}

/// Whether an order completed the checkout with this token, of a query about something else.
pub fn completed(shop: ShopId, token: Expr) -> Expr {
    let order = Query::select()
        .expr(Expr::val(1))
        .from(order::Entity)
        .and_where(Expr::col((order::Entity, order::Column::ShopId)).eq(shop))
        .and_where(Expr::col((order::Entity, order::Column::CheckoutToken)).eq(token))
        .to_owned();
    Expr::exists(order)
}

/// Ids of the orders that completed a checkout.
pub async fn of_checkout(db: &impl ConnectionTrait, shop: ShopId, token: &str) -> Result<Vec<OrderId>, DbErr> {
    order::Entity::of(shop)
        .filter(order::Column::CheckoutToken.eq(token))
        .select_only()
        .column(order::Column::ShopifyOrderId)
        .into_tuple()
        .all(db)
        .await
}

/// Ids of the orders that completed some checkouts.
pub async fn of_checkouts(db: &impl ConnectionTrait, shop: ShopId, tokens: Vec<String>) -> Result<Vec<OrderId>, DbErr> {
    order::Entity::of(shop)
        .filter(order::Column::CheckoutToken.is_in(tokens))
        .select_only()
        .column(order::Column::ShopifyOrderId)
        .into_tuple()
        .all(db)
        .await
}

/// Orders placed at `from` or later that one of these shoppers or contacts may have placed, with whom each names.
pub async fn placed_by(
    db: &impl ConnectionTrait,
    shop: ShopId,
    (customers, hashes): (Vec<i64>, Vec<String>),
    from: Timestamp,
) -> Result<Vec<(Order, Contacts)>, DbErr> {
    named(db, shop, contact::ids_placed_by(db, shop, hashes, customers, from).await?).await
}

/// Some orders, with whom each names, the oldest first.
pub async fn named(
    db: &impl ConnectionTrait,
    shop: ShopId,
    ids: impl IntoIterator<Item = OrderId>,
) -> Result<Vec<(Order, Contacts)>, DbErr> {
    let of_shop = order::Entity::of(shop).filter(order::COLUMN.shopify_order_id.is_in(ids));
    let found = of_shop.order_by_asc(order::COLUMN.ordered_at).order_by_asc(order::COLUMN.shopify_order_id);
    with_contacts(db, shop, found.all(db).await?).await
}

async fn with_contacts(
    db: &impl ConnectionTrait,
    shop: ShopId,
    orders: Vec<Order>,
) -> Result<Vec<(Order, Contacts)>, DbErr> {
    let mut named = contact::contacts_of(db, shop, &orders).await?;
    let with = |order: Order| {
        let contacts = named.remove(&order.shopify_order_id).unwrap_or_default();
        (order, contacts)
    };
    Ok(orders.into_iter().map(with).collect())
}

/// Orders that completed some checkouts, or their carts, the oldest first.
pub async fn completing(
    db: &impl ConnectionTrait,
    shop: ShopId,
    tokens: Vec<String>,
    carts: Vec<String>,
) -> Result<Vec<Order>, DbErr> {
    let of_shop = || order::Entity::of(shop);
    let mut found = of_shop().filter(order::Column::CheckoutToken.is_in(tokens)).all(db).await?;
    found.extend(of_shop().filter(order::Column::CartToken.is_in(carts)).all(db).await?);
    found.sort_by_key(|order| (order.ordered_at, order.shopify_order_id));
    found.dedup_by_key(|order| order.shopify_order_id);
    Ok(found)
}

/// A shop's orders placed at `from` or after it and before some place, the latest first, at most `limit`: for going through
/// them from the latest back. A place is an instant and, of orders of that instant, an id.
pub async fn latest_before(
    db: &impl ConnectionTrait,
    shop: ShopId,
    from: Timestamp,
    (before, id): (Timestamp, OrderId),
    limit: u64,
) -> Result<Vec<(Timestamp, OrderId)>, DbErr> {
    let earlier = Condition::any()
        .add(order::COLUMN.ordered_at.lt(before))
        .add(order::COLUMN.ordered_at.eq(before).and(order::COLUMN.shopify_order_id.lt(id)));
    order::Entity::of(shop)
        .filter(order::COLUMN.ordered_at.between(from, before))
        .filter(earlier)
        .order_by_desc(order::COLUMN.ordered_at)
        .order_by_desc(order::COLUMN.shopify_order_id)
        .limit(limit)
        .select_only()
        .columns([order::Column::OrderedAt, order::Column::ShopifyOrderId])
        .into_tuple()
        .all(db)
        .await
}
