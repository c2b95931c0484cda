//! Which shop a WhatsApp business number belongs to: a small directory, copied to every node.
//!
//! What a merchant writes into the settings is a *claim*, and any shop may claim any number. The number is a shop's when
//! its claim is proven: a status that Meta signed came from that number with callback data we made for a message of that
//! shop, so the shop does send through it. Or the operator says so (`recoup number`), for senders who give WhatsApp no
//! callback data. The first proof holds; until there is one, what names no message of ours is nobody's.

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use super::claim;
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

/// The shop behind a `phone_number_id`, if one has proven it is its own.
pub async fn shop_of_number(db: &impl ConnectionTrait, number: &str) -> Result<Option<ShopId>, DbErr> {
    Ok(Entity::find_by_id(number.to_owned()).one(db).await?.map(|row| row.shop_id))
}

/// These numbers sent messages of this shop, as Meta has signed. Whichever of them it claimed, and nobody proved before,
/// are its own from now on.
pub async fn sends_through(db: &impl ConnectionTrait, shop: ShopId, numbers: BTreeSet<String>) -> Result<(), DbErr> {
    for number in claim::unproven(db, shop, numbers).await? {
        let row = ActiveModel { phone_number_id: Set(number.clone()), shop_id: Set(shop) };
        let nothing = OnConflict::column(Column::PhoneNumberId).do_nothing().to_owned();
        Entity::insert(row).on_conflict(nothing).exec_without_returning(db).await?;
        if shop_of_number(db, &number).await? == Some(shop) {
            claim::mark(db, shop, &number, true).await?;
        }
    }
    Ok(())
}

/// The operator gives a number to a shop, whoever had it.
pub async fn give(db: &impl ConnectionTrait, shop: ShopId, number: &str) -> Result<(), DbErr> {
    let row = ActiveModel { phone_number_id: Set(number.to_owned()), shop_id: Set(shop) };
    let take = OnConflict::column(Column::PhoneNumberId).update_column(Column::ShopId).to_owned();
    if let Some(before) = shop_of_number(db, number).await?.filter(|before| *before != shop) {
        claim::mark(db, before, number, false).await?;
    }
    Entity::insert(row).on_conflict(take).exec_without_returning(db).await?;
    claim::make(db, shop, number).await?;
    claim::mark(db, shop, number, true).await
}

/// Takes back every number of a shop that is not in `keep`.
pub(super) async fn keep_only(db: &impl ConnectionTrait, shop: ShopId, keep: &[String]) -> Result<(), DbErr> {
    let gone = Entity::delete_many().filter(COLUMN.shop_id.eq(shop));
    gone.filter(COLUMN.phone_number_id.is_not_in(keep.to_vec())).exec(db).await.map(drop)
}
