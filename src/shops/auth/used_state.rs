//! States that came back: each counts once, on whichever node.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use crate::db::insert_or;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// A state is good for a minute; its row stays a day.
const KEPT_SECONDS: i64 = 86_400;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "used_states")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub state: String,
    pub used_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Uses a state. `false`: it was used before. Kept under nobody, because the shop's number is not known yet.
pub(super) async fn once(db: &impl ConnectionTrait, state: &str, now: Timestamp) -> Result<bool, DbErr> {
    let old = Entity::delete_many().filter(COLUMN.shop_id.eq(ShopId::NOBODY));
    old.filter(COLUMN.used_at.lt(now.plus_seconds(-KEPT_SECONDS))).exec(db).await?;
    let row = ActiveModel { shop_id: Set(ShopId::NOBODY), state: Set(state.to_owned()), used_at: Set(now) };
    let nothing = OnConflict::columns([Column::ShopId, Column::State]).do_nothing().to_owned();
    Ok(insert_or(db, Entity::insert(row).on_conflict(nothing)).await? == 1)
}
