//! Checkouts that lie quiet: what was made of each, and the instant at which it must be looked at next.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "abandonments",
            &["shop_id", "token"],
            vec![
                big("shop_id"),
                text("token"),
                text("state"),
                big("last_at"),
                maybe_big("abandoned_at"),
                maybe_big("ended_at"),
                maybe_text("ended_by"),
                maybe_big("shopify_order_id"),
                maybe_big("offered_at"),
                maybe_big("withdrawn_at"),
                int("told_seconds"),
                maybe_big("next_at"),
                int("looks"),
            ],
        )
        .await?;
        // What is due: rows that wait for no instant stand behind those that do.
        indexed(manager, "abandonments", &["shop_id", "next_at"]).await?;
        // The list of a state, newest first.
        indexed(manager, "abandonments", &["shop_id", "state", "abandoned_at", "token"]).await
    }
}
