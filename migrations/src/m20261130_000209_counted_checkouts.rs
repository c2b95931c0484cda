//! What each abandoned checkout was counted as.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![big("shop_id"), text("token"), text("counted")];
        create(manager, "counted_checkouts", &["shop_id", "token"], columns).await
    }
}
