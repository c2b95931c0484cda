//! How long a campaign waits for checkouts to lie quiet; and the ways from a shopper to their orders and checkouts, and
//! from a checkout to whoever was drawn for it.

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
        add(manager, "campaigns", ColumnDef::new("abandoned_after_seconds").integer().null().take()).await?;
        // Whoever was drawn for a checkout.
        indexed_beside(manager, "draws", &["shop_id", "checkout_token"]).await?;
        // A shopper's orders and checkouts, by Shopify's number of them.
        indexed_beside(manager, "orders", &["shop_id", "shopify_customer_id"]).await?;
        indexed_beside(manager, "checkouts", &["shop_id", "shopify_customer_id"]).await
    }
}
