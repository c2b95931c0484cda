//! What a message cost as it was told, to the digit: fractions of a cent are lost in minor units.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // An exact decimal as text: neither engine reckons with it, and none may round it.
        add(manager, "messages", maybe_text("cost_amount")).await
    }
}
