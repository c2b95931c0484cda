//! A click is found by its id's own time in the table's key, so no index of ids is written at every tap.

use sea_orm_migration::prelude::*;

use crate::beside::dropped_beside;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dropped_beside(manager, "clicks", "ix_clicks_shop_id_id").await
    }
}
