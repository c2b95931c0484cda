//! What is in a checkout: where Shopify tells no recovery address, a link leads back to a cart of the same items.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "checkouts", maybe_text("cart_items")).await?;
        add(manager, "checkouts", maybe_big("cart_items_at")).await
    }
}
