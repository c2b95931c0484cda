//! What shoppers may ask of a shop: where each request stands, whom nothing may bring back, and who looked.

use sea_orm_migration::prelude::*;

use crate::beside::indexed_beside;
use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Where a request stands, in words; when what it asks for lay ready, when the first pass of an erasure was done.
        for column in [
            ColumnDef::new("state").string().not_null().default("asked").take(),
            maybe_text("reason"),
            maybe_big("ready_at"),
            maybe_big("erased_at"),
        ] {
            add(manager, "privacy_requests", column).await?;
        }
        // Whom and what was forgotten, as keyed hashes: late events are held against them and bring nothing back.
        create(
            manager,
            "tombstones",
            &["shop_id", "mark"],
            vec![big("shop_id"), text("mark"), text("kind"), big("forgotten_at"), text("request_id")],
        )
        .await?;
        // All marks of one request, for looking through the inbox.
        indexed(manager, "tombstones", &["shop_id", "request_id"]).await?;
        // Who read protected fields of whom, and why; never a value. Time stands in the key: it is trimmed by age.
        create(
            manager,
            "access_log",
            &["shop_id", "at", "id"],
            vec![big("shop_id"), big("at"), id("id"), text("who"), text("field"), text("record"), text("why")],
        )
        .await?;
        // A person's draws: to show them, to forget them, to know when the last one was.
        indexed_beside(manager, "draws", &["shop_id", "recipient_id"]).await?;
        // Contacts that grow old.
        indexed_beside(manager, "recipients", &["shop_id", "created_at"]).await?;
        Ok(())
    }
}

/// Adds a column; a run that was killed half-way finds it there already.
async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    if manager.has_column(table, column.get_column_name()).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(table).add_column(column).take()).await
}
