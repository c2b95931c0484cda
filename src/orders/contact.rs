//! Whom an order names: keyed hashes of every phone and e-mail address on it.
//!
//! Contacts follow the newest state of their order: those told with it are current, whoever told them and in which
//! order. What stands in the place of somebody who was forgotten stays.

use std::collections::{BTreeMap, HashMap};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ExprTrait};

use super::order::{self, Entity as Orders, Model as Order, OrderId};
use super::snapshot::Snapshot;
use crate::db::each;
use crate::kernel::id::ShopId;
use crate::kernel::{ContactKind, Contacts, StandIn, Timestamp};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_contacts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: ContactKind,
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    pub version_key: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// Records whom states of orders name, each with its state's key; each order once. Safe to repeat, in any order.
pub(super) async fn record(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    keyed: &[(&Snapshot, String)],
) -> Result<(), DbErr> {
    let row = |order: OrderId, key: &str, kind: ContactKind, hash: &str| Model {
        shop_id: shop,
        shopify_order_id: order,
        kind,
        hash: hash.to_owned(),
        version_key: key.to_owned(),
    };
    // Whoever names one contact twice in one state names it once.
    let mut rows: BTreeMap<(OrderId, ContactKind, &str), Model> = BTreeMap::new();
    for (snapshot, key) in keyed {
        let order = snapshot.order;
        let named = snapshot.contacts.each();
        rows.extend(named.map(|(kind, hash)| ((order, kind, hash.as_str()), row(order, key, kind, hash))));
    }
    insert(txn, rows.into_values().collect()).await
}

async fn insert(txn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let newest = OnConflict::columns([Column::ShopId, Column::ShopifyOrderId, Column::Kind, Column::Hash])
        .update_column(Column::VersionKey)
        .action_and_where(Expr::col(("order_contacts", "version_key")).lt(Expr::col(("excluded", "version_key"))))
        .to_owned();
    let rows = rows.into_iter().map(|row| ActiveModel {
        shop_id: Set(row.shop_id),
        shopify_order_id: Set(row.shopify_order_id),
        kind: Set(row.kind),
        hash: Set(row.hash),
        version_key: Set(row.version_key),
    });
    Entity::insert_many(rows).on_conflict(newest).exec_without_returning(txn).await.map(drop)
}

/// Whom some orders name as they stand.
pub async fn contacts_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    orders: &[Order],
) -> Result<HashMap<OrderId, Contacts>, DbErr> {
    let mut named: HashMap<OrderId, Contacts> = HashMap::with_capacity(orders.len());
    let mut newest: HashMap<OrderId, &str> = HashMap::with_capacity(orders.len());
    for order in orders {
        newest.insert(order.shopify_order_id, &order.version_key);
        let contacts = named.entry(order.shopify_order_id).or_default();
        contacts.phones.extend(order.phone_hash.clone());
        contacts.emails.extend(order.email_hash.clone());
    }
    let ids: Vec<OrderId> = newest.keys().copied().collect();
    for ids in ids.chunks(crate::db::INSERT_ROWS) {
        let find = Entity::find().filter(COLUMN.shop_id.eq(shop));
        for row in find.filter(COLUMN.shopify_order_id.is_in(ids.to_vec())).all(db).await? {
            let current = newest.get(&row.shopify_order_id) == Some(&row.version_key.as_str());
            if current || StandIn::is_one(&row.hash) {
                named.entry(row.shopify_order_id).or_default().add(row.kind, row.hash);
            }
        }
    }
    // Rows come in any order, and verdicts are compared.
    for contacts in named.values_mut() {
        [&mut contacts.phones, &mut contacts.emails, &mut contacts.delivery].into_iter().for_each(|all| all.sort());
    }
    Ok(named)
}

/// Orders that name any of some people, by keyed hashes of their contacts or by Shopify's numbers of shoppers, placed at an
/// instant or after it.
pub async fn ids_placed_by(
    db: &impl ConnectionTrait,
    shop: ShopId,
    hashes: Vec<String>,
    shoppers: Vec<i64>,
    since: Timestamp,
) -> Result<Vec<OrderId>, DbErr> {
    let contacts: Vec<Model> = each(db, Entity::find().filter(COLUMN.shop_id.eq(shop)), Column::Hash, hashes).await?;
    let mut orders: Vec<Order> = Vec::new();
    // What is too early is left out here: with the instant in the condition, SQLite reads all orders since it for each.
    let of_shop = || Orders::of(shop);
    let named: Vec<OrderId> = contacts.into_iter().map(|row| row.shopify_order_id).collect();
    orders.extend(each::<_, Order, _>(db, of_shop(), order::Column::ShopifyOrderId, named).await?);
    orders.extend(each::<_, Order, _>(db, of_shop(), order::Column::ShopifyCustomerId, shoppers).await?);
    Ok(orders.into_iter().filter(|order| order.ordered_at >= since).map(|order| order.shopify_order_id).collect())
}

/// Ids of orders one of whose states named one of these.
pub(super) async fn naming(
    db: &impl ConnectionTrait,
    shop: ShopId,
    hashes: Vec<String>,
) -> Result<Vec<OrderId>, DbErr> {
    if hashes.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.hash.is_in(hashes)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.shopify_order_id).collect())
}

/// Puts a stand-in where a hash stood, in every order there was at the time. Safe to repeat: the stand-in may be there
/// already.
pub(super) async fn replace(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    orders: &[OrderId],
    hash: &str,
    instead: &str,
) -> Result<(), DbErr> {
    for ids in orders.chunks(crate::db::INSERT_ROWS) {
        let of = |ids: &[OrderId]| COLUMN.shop_id.eq(shop).and(COLUMN.shopify_order_id.is_in(ids.to_vec()));
        let rows = Entity::find().filter(of(ids)).filter(COLUMN.hash.eq(hash)).all(txn).await?;
        let anew = rows.into_iter().map(|row| Model { hash: instead.to_owned(), ..row });
        insert(txn, anew.collect()).await?;
        Entity::delete_many().filter(of(ids)).filter(COLUMN.hash.eq(hash)).exec(txn).await?;
    }
    Ok(())
}
