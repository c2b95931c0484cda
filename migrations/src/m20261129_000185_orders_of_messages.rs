//! The orders that go back to a message: its page, the list of messages and a recipient's life ask for them by it.

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
        // `GET /api/messages`, `GET /api/messages/{id}/timeline`, `GET /api/recipients/{id}`.
        indexed_beside(manager, "conversions", &["shop_id", "message_id"]).await
    }
}
