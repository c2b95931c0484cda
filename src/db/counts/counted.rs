//! Which books of a shop are whole.

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel};

use crate::db::insert_once;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "counted_books")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub book: String,
    pub counted_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Says that all there is of a shop is in these books; from here on they are read.
pub async fn mark_counted(
    db: &impl ConnectionTrait,
    shop: ShopId,
    books: &[&'static str],
    now: Timestamp,
) -> Result<(), DbErr> {
    let row = |book: &&str| Model { shop_id: shop, book: (*book).to_owned(), counted_at: now }.into_active_model();
    insert_once(db, books.iter().map(row)).await.map(drop)
}

/// Whether a book is whole.
pub(super) async fn is_counted(db: &impl ConnectionTrait, shop: ShopId, book: &str) -> Result<bool, DbErr> {
    Ok(Entity::find_by_id((shop, book.to_owned())).one(db).await?.is_some())
}

/// Whether all of these books are whole.
pub async fn all_counted(db: &impl ConnectionTrait, shop: ShopId, books: &[&'static str]) -> Result<bool, DbErr> {
    let known = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.book.is_in(books.iter().copied()));
    Ok(known.all(db).await?.len() == books.len())
}
