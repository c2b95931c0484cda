//! Stages of orders by the instant they begin: what was booked on each day, beside Shopify's own figure of it.

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
        indexed_beside(manager, "conversions", &["shop_id", "policy", "effective_at"]).await
    }
}
