//! What nodes that remember links ask for: which codes were taken back lately, and which links carry another code.

use sea_orm_migration::prelude::*;

use crate::beside::indexed_beside;
use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, "carried_links", &["shop_id", "at", "slug"], vec![big("shop_id"), big("at"), text("slug")])
            .await?;
        // Codes of one shop taken back since a time.
        indexed_beside(manager, "revocations", &["shop_id", "asked_at"]).await
    }
}
