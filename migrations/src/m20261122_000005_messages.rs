//! One row per WhatsApp message, and what became of it.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "messages",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                id("id"),
                id("campaign_id"),
                id("recipient_id"),
                maybe_id("redeem_code_id"),
                text("link_slug"),
                maybe_text("checkout_token"),
                maybe_text("wamid_hash"),
                big("issued_at"),
                maybe_big("expires_at"),
                maybe_big("sent_at"),
                maybe_big("delivered_at"),
                maybe_big("read_at"),
                maybe_big("failed_at"),
                maybe_big("failure_code"),
                maybe_big("cost_minor"),
                maybe_text("cost_currency"),
            ],
        )
        .await?;
        unique(manager, "messages", &["shop_id", "link_slug"]).await?;
        unique(manager, "messages", &["shop_id", "redeem_code_id"]).await?;
        // A status that names only WhatsApp's own id.
        indexed(manager, "messages", &["shop_id", "wamid_hash"]).await?;
        // The messages about a checkout, when its order arrives.
        indexed(manager, "messages", &["shop_id", "checkout_token"]).await?;
        // A campaign's funnel.
        indexed(manager, "messages", &["shop_id", "campaign_id"]).await?;
        // A period's funnel.
        indexed(manager, "messages", &["shop_id", "issued_at"]).await?;
        create(
            manager,
            "statuses",
            &["shop_id", "at", "message_id", "status"],
            vec![big("shop_id"), big("at"), id("message_id"), text("status"), maybe_big("error_code")],
        )
        .await?;
        // One message's history.
        indexed(manager, "statuses", &["shop_id", "message_id"]).await?;
        Ok(())
    }
}
