//! Draws about a checkout are found by its token also in a shop that hardly ever draws because of one.

use sea_orm_migration::prelude::*;

use crate::beside::{created_beside, dropped_beside};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // An index of mostly nothing looks useless to SQLite's statistics, and it reads all draws instead.
        let mut of_checkouts = Index::create().table("draws").col("shop_id").col("checkout_token").to_owned();
        let of_checkouts = of_checkouts.and_where(Expr::cust("checkout_token IS NOT NULL")).take();
        created_beside(manager, "ix_draws_of_checkouts", of_checkouts).await?;
        dropped_beside(manager, "draws", "ix_draws_shop_id_checkout_token").await
    }
}
