//! The orders of a shopper, by Shopify's number of them: news of a message finds the orders it can touch.

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
        indexed_beside(manager, "orders", &["shop_id", "shopify_customer_id"]).await
    }
}
