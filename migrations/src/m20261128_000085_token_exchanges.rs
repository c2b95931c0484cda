//! Of several first loads of a shop, over however many nodes, one exchanges at a time: a second exchange voids what the
//! first one brought.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![big("shop_id"), text("domain"), id("holder"), big("lease_until")];
        create(manager, "token_exchanges", &["shop_id", "domain"], columns).await
    }
}
