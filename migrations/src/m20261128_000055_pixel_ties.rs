//! What a pixel ties: by its click, and whether an order rests on it alone.

use sea_orm_migration::prelude::*;

use crate::beside::created_beside;
use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Every checkout a click was told with: it ties the first of them only.
        let by_click = Index::create()
            .table("pixel_events")
            .col("shop_id")
            .col("click_id")
            .and_where(Expr::col("click_id").is_not_null())
            .to_owned();
        created_beside(manager, "ix_pixel_events_shop_id_click_id", by_click).await?;
        // Said where it is so, and absent otherwise.
        add(manager, "conversions", ColumnDef::new("by_pixel").boolean().null().take()).await
    }
}
