//! Tracked links and the taps on them.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "links",
            &["shop_id", "slug"],
            vec![
                big("shop_id"),
                text("slug"),
                id("campaign_id"),
                maybe_id("redeem_code_id"),
                maybe_big("expires_at"),
                big("created_at"),
            ],
        )
        .await?;
        // Time stands in the key so that taps can be partitioned by time later.
        create(
            manager,
            "clicks",
            &["shop_id", "at", "id"],
            vec![big("shop_id"), big("at"), id("id"), text("slug"), flag("human"), text("reason")],
        )
        .await?;
        // A click id that comes back on an order.
        indexed(manager, "clicks", &["shop_id", "id"]).await?;
        // All taps on one message's link.
        indexed(manager, "clicks", &["shop_id", "slug", "at"]).await?;
        Ok(())
    }
}
