//! That somebody wrote to the shop, and when; and statuses whose message is not known by WhatsApp's id (yet): a platform
//! may tell us that id after Meta has told us what became of it.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Keyed hashes only, and never a word of what was written.
        create(
            manager,
            "inbound_messages",
            &["shop_id", "wamid_hash"],
            vec![
                big("shop_id"),
                text("wamid_hash"),
                big("at"),
                text("hash"),
                text("hash_kind"),
                text("kind"),
                maybe_text("answers"),
                flag("from_ad"),
            ],
        )
        .await?;
        // From a message to what answers it.
        indexed(manager, "inbound_messages", &["shop_id", "answers"]).await?;
        // What a person wrote.
        indexed(manager, "inbound_messages", &["shop_id", "hash"]).await?;
        create(
            manager,
            "early_statuses",
            &["shop_id", "wamid_hash", "status", "at"],
            vec![
                big("shop_id"),
                text("wamid_hash"),
                text("status"),
                big("at"),
                maybe_big("error_code"),
                maybe_text("cost_amount"),
                maybe_text("cost_currency"),
                maybe_text("country"),
                maybe_text("price_category"),
                maybe_text("price_kind"),
                big("heard_at"),
            ],
        )
        .await?;
        // Those nobody asked for are let go, oldest first.
        indexed(manager, "early_statuses", &["shop_id", "heard_at"]).await
    }
}
