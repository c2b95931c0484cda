//! Since when an order waits for its verdict: how long a verdict takes is what an operator asks first.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "unsettled_orders", maybe_big("since")).await
    }
}
