//! A campaign's own page: its messages, newest first, and its alarms.

use sea_orm_migration::prelude::*;

use crate::beside::{dropped_beside, indexed_beside};
use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A page of a campaign's messages: without the id a hundred thousand would be sorted for fifty. It serves the
        // campaign's funnel as well.
        indexed_beside(manager, "messages", &["shop_id", "campaign_id", "id"]).await?;
        let old = "ix_messages_shop_id_campaign_id";
        dropped_beside(manager, "messages", old).await?;
        // A campaign's alarms.
        indexed(manager, "code_alarms", &["shop_id", "campaign_id", "id"]).await
    }
}
