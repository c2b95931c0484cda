//! Facts that may not be counted as they are now: whoever changes one says so in the same transaction, and whoever counts
//! looks what became of it. For facts that several rooms know something of, where no writer alone knows the difference.
//!
//! A doubt that stands there is raised once more, so that whoever counts waits for the one who raises it, and sees what
//! they wrote.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder, QuerySelect};

use super::counted;
use crate::kernel::id::ShopId;

/// Of orders, by their ids.
pub const ORDERS: &str = "order";

/// Of the orders of checkouts, by their tokens.
pub const CHECKOUTS: &str = "checkout";

/// Of codes, by their ids.
pub const CODES: &str = "code";

/// Of abandoned checkouts, by their tokens.
pub const LEFT: &str = "left";

/// Rows per statement.
const ROWS: usize = 500;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "count_doubts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub again: i64,
}

impl ActiveModelBehavior for ActiveModel {}

/// What is doubted, by kind.
pub type Doubted = BTreeMap<String, BTreeSet<String>>;

/// These may be counted wrong from here on. In the order of the key, so that no two who doubt wait for each other in a
/// circle.
pub async fn doubt(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    kind: &'static str,
    keys: Vec<String>,
) -> Result<(), DbErr> {
    let keys: Vec<String> = keys.into_iter().collect::<BTreeSet<String>>().into_iter().collect();
    let once_more = OnConflict::columns([Column::ShopId, Column::Kind, Column::Key])
        .value(Column::Again, Expr::col((Entity, Column::Again)).add(1))
        .to_owned();
    for some in keys.chunks(ROWS) {
        let row = |key: &String| ActiveModel {
            shop_id: Set(shop),
            kind: Set(kind.into()),
            key: Set(key.clone()),
            again: Set(0),
        };
        let insert = Entity::insert_many(some.iter().map(row)).on_conflict(once_more.clone());
        insert.exec_without_returning(txn).await?;
    }
    Ok(())
}

/// What is doubted of one kind.
pub async fn doubted(db: &impl ConnectionTrait, shop: ShopId, kind: &'static str) -> Result<Doubted, DbErr> {
    Ok(by_kind(&Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.kind.eq(kind)).all(db).await?))
}

/// Takes some doubts of these kinds away, for one who counts a book; nobody else counts it until the end of the transaction. `None`: the
/// book is not counted, or nothing is doubted.
pub async fn take_doubts(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    book: &str,
    kinds: &[&'static str],
) -> Result<Option<Doubted>, DbErr> {
    if counted::Entity::find_by_id((shop, book.to_owned())).lock_exclusive().one(txn).await?.is_none() {
        return Ok(None);
    }
    let some = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.kind.is_in(kinds.iter().copied()));
    let some = some.order_by_asc(COLUMN.kind).order_by_asc(COLUMN.key);
    let some = some.limit(ROWS as u64).lock_exclusive().all(txn).await?;
    let taken = by_kind(&some);
    for (kind, keys) in &taken {
        let these = Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.kind.eq(kind));
        these.filter(COLUMN.key.is_in(keys)).exec(txn).await?;
    }
    Ok(Some(taken).filter(|taken| !taken.is_empty()))
}

/// Shops in which something is doubted.
pub async fn shops_in_doubt(db: &impl ConnectionTrait, most: u64) -> Result<Vec<ShopId>, DbErr> {
    let shops = Entity::find().select_only().column(Column::ShopId).distinct().order_by_asc(COLUMN.shop_id);
    shops.limit(most).into_tuple().all(db).await
}

fn by_kind(rows: &[Model]) -> Doubted {
    let mut kinds = Doubted::new();
    for row in rows {
        kinds.entry(row.kind.clone()).or_default().insert(row.key.clone());
    }
    kinds
}
