//! Work promised in the same transaction as the reason for it.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "jobs",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                id("id"),
                text("kind"),
                maybe_text("dedup_key"),
                json("payload"),
                text("state"),
                big("run_at"),
                big("lease_no"),
                maybe_big("lease_until"),
                int("attempts"),
                int("max_attempts"),
                big("again"),
                maybe_text("last_error"),
                big("created_at"),
            ],
        )
        .await?;
        unique(manager, "jobs", &["shop_id", "dedup_key"]).await?;
        // The sweep for due work, over all shops.
        indexed(manager, "jobs", &["state", "run_at"]).await?;
        Ok(())
    }
}
