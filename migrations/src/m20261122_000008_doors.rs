//! What came in through the doors, exactly as it came.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "deliveries",
            &["shop_id", "source", "delivery_id"],
            vec![
                big("shop_id"),
                text("source"),
                text("delivery_id"),
                text("topic"),
                text("shop_domain"),
                maybe_text("event_id"),
                maybe_text("api_version"),
                maybe_big("triggered_at"),
                big("received_at"),
                bytes("body_sealed"),
                text("state"),
                int("attempts"),
                maybe_text("reason"),
                maybe_big("done_at"),
            ],
        )
        .await?;
        // What still waits to be translated, oldest first.
        indexed(manager, "deliveries", &["shop_id", "state", "received_at"]).await?;
        create(
            manager,
            "privacy_requests",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                text("id"),
                text("kind"),
                big("received_at"),
                big("due_at"),
                maybe_big("done_at"),
                bytes("payload_sealed"),
            ],
        )
        .await?;
        Ok(())
    }
}
