//! A click is found by its id's own time in the table's key, so no index of ids is written at every tap.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name("ix_clicks_shop_id_id").table("clicks").if_exists().to_owned();
        manager.drop_index(index).await
    }
}
