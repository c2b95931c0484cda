//! What Shopify's own reports say was sold on each day of a shop, and how the reading of them stands.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "shop_days",
            &["shop_id", "day"],
            vec![big("shop_id"), int("day"), big("net_sales_minor"), text("currency"), big("read_at")],
        )
        .await?;
        create(
            manager,
            "shop_day_readings",
            &["shop_id"],
            vec![
                big("shop_id"),
                big("asked_at"),
                // Absent until it was answered for the first time.
                maybe_big("read_at"),
                // Since when Shopify refuses, though the scope was granted.
                maybe_big("refused_at"),
                maybe_text("trouble"),
            ],
        )
        .await
    }
}
