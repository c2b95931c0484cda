//! What is looked up by its name: an order by the one the shop gives it, and a recipient by the platform's own key,
//! whatever campaigns they were drawn into.

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
        // `GET /api/search`: orders of this name.
        indexed_beside(manager, "orders", &["shop_id", "name"]).await?;
        // The same: draws of this key.
        indexed_beside(manager, "draws", &["shop_id", "recipient_key_hash"]).await
    }
}
