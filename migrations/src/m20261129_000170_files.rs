//! Files that are made while nobody waits and fetched later: what was asked, how far it is, and its pieces.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "files",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                id("id"),
                text("kind"),
                // Of a table; a pack has several.
                maybe_text("sheet"),
                text("form"),
                flag("gzip"),
                flag("bom"),
                int("first_on"),
                int("last_on"),
                text("policy"),
                maybe_id("campaign_id"),
                flag("receipts"),
                // Whether codes that could still be spent stand in it, and whether people are named.
                flag("codes"),
                flag("personal"),
                text("asked_by"),
                big("asked_at"),
                // The instant it is of.
                big("as_of"),
                // The local day of which it is the daily file.
                maybe_int("daily_on"),
                text("state"),
                // How often it was begun: what an earlier run still writes does not count.
                big("run"),
                int("done_ppm"),
                big("lines"),
                maybe_text("trouble"),
                // Of a pack: the instant of the one before.
                maybe_big("since"),
                maybe_big("complete_through"),
                maybe_big("bytes"),
                maybe_text("sha256"),
                maybe_big("pieces"),
                maybe_big("ready_at"),
                maybe_big("expires_at"),
            ],
        )
        .await?;
        // Never two daily files of one day, whatever runs twice.
        unique(manager, "files", &["shop_id", "daily_on"]).await?;
        create(
            manager,
            "file_pieces",
            &["shop_id", "file_id", "run", "number"],
            vec![big("shop_id"), id("file_id"), big("run"), big("number"), bytes("body_sealed")],
        )
        .await
    }
}
