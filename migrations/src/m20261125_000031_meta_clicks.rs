//! Clicks as Meta counts them: a second witness beside our own redirect.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Keyed hashes only: of Meta's click id, and of the message's WhatsApp id where Meta names it.
        create(
            manager,
            "meta_clicks",
            &["shop_id", "at", "meta_click"],
            vec![big("shop_id"), big("at"), big("meta_click"), text("component"), maybe_text("wamid_hash")],
        )
        .await?;
        // From our hit to Meta's click.
        indexed(manager, "meta_clicks", &["shop_id", "meta_click"]).await?;
        // From a message to the clicks that name it.
        indexed(manager, "meta_clicks", &["shop_id", "wamid_hash"]).await
    }
}
