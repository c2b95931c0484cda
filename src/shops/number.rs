//! Which shop a WhatsApp business number belongs to: a small directory, copied to every node.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "whatsapp_numbers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub phone_number_id: String,
    pub shop_id: ShopId,
}

impl ActiveModelBehavior for ActiveModel {}

/// The shop behind a `phone_number_id`, if somebody registered it.
pub async fn shop_of_number(db: &impl ConnectionTrait, number: &str) -> Result<Option<ShopId>, DbErr> {
    Ok(Entity::find_by_id(number.to_owned()).one(db).await?.map(|row| row.shop_id))
}

/// The numbers of a shop, sorted.
pub(super) async fn of_shop(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<String>, DbErr> {
    let rows = Entity::find().filter(COLUMN.shop_id.eq(shop)).all(db).await?;
    let mut numbers: Vec<String> = rows.into_iter().map(|row| row.phone_number_id).collect();
    numbers.sort();
    Ok(numbers)
}

/// Registers a number for a shop. `false`: another shop has it.
pub(super) async fn register(db: &impl ConnectionTrait, shop: ShopId, number: &str) -> Result<bool, DbErr> {
    let row = ActiveModel { phone_number_id: Set(number.to_owned()), shop_id: Set(shop) };
    let nothing = OnConflict::column(Column::PhoneNumberId).do_nothing().to_owned();
    Entity::insert(row).on_conflict(nothing).exec_without_returning(db).await?;
    Ok(shop_of_number(db, number).await? == Some(shop))
}

/// Takes back every number of a shop that is not in `keep`.
pub(super) async fn keep_only(db: &impl ConnectionTrait, shop: ShopId, keep: &[String]) -> Result<(), DbErr> {
    let gone = Entity::delete_many().filter(COLUMN.shop_id.eq(shop));
    gone.filter(COLUMN.phone_number_id.is_not_in(keep.to_vec())).exec(db).await.map(drop)
}
