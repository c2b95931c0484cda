//! Pools of codes over all shops: which were begun lately, for whoever watches how full they are.

use sea_orm_migration::prelude::*;

use crate::beside::created_beside;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The slots of pools in use, the newest first. Discounts of a single code are many and no pool.
        let begun = Index::create()
            .table("discounts")
            .col("created_at")
            .and_where(Expr::cust("for_code_id IS NULL AND retired_at IS NULL"))
            .take();
        created_beside(manager, "ix_discounts_pools", begun).await
    }
}
