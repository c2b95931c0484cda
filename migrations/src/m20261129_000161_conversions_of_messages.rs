//! The orders of a message are found without going through all of them.

use sea_orm_migration::prelude::*;

use crate::beside::indexed_beside;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Whether a message has orders, when one of them is judged; a message's life.
        indexed_beside(manager, "conversions", &["shop_id", "message_id"]).await
    }
}
