//! What is told to others: the addresses that subscribed, and every telling with what became of it.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "webhook_endpoints",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                id("id"),
                text("url"),
                json("events"),
                maybe_text("description"),
                text("secret_sealed"),
                maybe_text("previous_secret_sealed"),
                maybe_big("previous_until"),
                big("created_at"),
                big("failures"),
                maybe_big("failing_since"),
                maybe_big("rests_until"),
                maybe_big("last_delivered_at"),
                maybe_big("disabled_at"),
                maybe_text("disabled_because"),
            ],
        )
        .await?;
        create(
            manager,
            "webhook_tellings",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                id("id"),
                id("endpoint_id"),
                text("event"),
                text("subject"),
                maybe_text("body"),
                text("state"),
                int("attempts"),
                maybe_big("status_code"),
                maybe_text("reason"),
                big("next_try_at"),
                big("created_at"),
                maybe_big("done_at"),
            ],
        )
        .await?;
        // News is told once to each endpoint, however often its job runs; also what is deleted with an endpoint.
        unique(manager, "webhook_tellings", &["shop_id", "endpoint_id", "subject"]).await?;
        // The next telling of an endpoint that is due.
        indexed(manager, "webhook_tellings", &["shop_id", "endpoint_id", "state", "next_try_at"]).await?;
        // What has aged.
        indexed(manager, "webhook_tellings", &["shop_id", "created_at"]).await
    }
}
