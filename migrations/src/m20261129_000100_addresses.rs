//! WhatsApp names people by phone and by user id, says when one person goes on under another, and tells who wants no more
//! marketing. All of it by keyed hashes only.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Each pair stands twice, once from either side, so that both are found by the key.
        create(
            manager,
            "contact_pairs",
            &["shop_id", "hash", "other_hash"],
            vec![big("shop_id"), text("hash"), text("other_hash"), text("other_kind")],
        )
        .await?;
        create(
            manager,
            "opt_outs",
            &["shop_id", "hash", "at", "choice", "source"],
            vec![big("shop_id"), text("hash"), big("at"), text("choice"), text("source"), text("kind")],
        )
        .await?;
        // Whoever stopped in the days of a report.
        indexed(manager, "opt_outs", &["shop_id", "at"]).await
    }
}
