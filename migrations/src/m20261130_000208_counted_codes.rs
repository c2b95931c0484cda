//! What the code of each message was counted as.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![big("shop_id"), id("redeem_code_id"), text("counted")];
        create(manager, "counted_codes", &["shop_id", "redeem_code_id"], columns).await
    }
}
