//! How far a shop's hits have been classified, and by which rules.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, IntoActiveModel};

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "judgings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    /// The version of the rules; when ours is newer, everything is classified again.
    pub rules: i32,
    /// Hits from here on are still to be looked at.
    pub through: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Writes down how far it went.
pub async fn note(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let instead = OnConflict::column(Column::ShopId).update_columns([Column::Rules, Column::Through]).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(instead).exec_without_returning(db).await.map(drop)
}
