//! Which arm of its campaign's experiment each recipient is in; the shop's long-lived programme holdout and who is in it;
//! and what the merchant chose for new campaigns.

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
        let nothing = |name: &'static str| ColumnDef::new(name).integer().not_null().default(0).take();
        add(manager, "shops", nothing("default_holdout_ppm")).await?;
        add(manager, "shops", ColumnDef::new("margin_ppm").integer().null().take()).await?;
        add(manager, "campaigns", nothing("message_ppm")).await?;
        add(manager, "draws", ColumnDef::new("by_program").boolean().not_null().default(false).take()).await?;
        if !manager.has_column("draws", "arm").await? {
            let arm = ColumnDef::new("arm").string().not_null().default("message_and_code").take();
            add(manager, "draws", arm).await?;
        }
        let db = manager.get_connection();
        db.execute_unprepared("UPDATE draws SET arm = 'nothing' WHERE held_out AND arm <> 'nothing'").await?;
        db.execute_unprepared(
            "UPDATE draws SET arm = 'message' WHERE NOT held_out AND arm = 'message_and_code' AND EXISTS (SELECT 1 FROM \
             campaigns WHERE campaigns.shop_id = draws.shop_id AND campaigns.id = draws.campaign_id \
             AND campaigns.offer IS NULL)",
        )
        .await?;
        // How many are in each arm of a campaign, of those who were assigned by an instant.
        indexed_beside(manager, "draws", &["shop_id", "campaign_id", "by_program", "arm", "drawn_at"]).await?;
        let program = vec![big("shop_id"), id("id"), int("share_ppm"), big("began_at"), maybe_big("ended_at")];
        create(manager, "programs", &["shop_id", "id"], program).await?;
        let member = vec![
            big("shop_id"),
            id("id"),
            id("program_id"),
            text("recipient_key_hash"),
            flag("held_out"),
            big("assigned_at"),
        ];
        create(manager, "program_members", &["shop_id", "id"], member).await?;
        unique(manager, "program_members", &["shop_id", "program_id", "recipient_key_hash"]).await?;
        // Members under a key, whatever the programme: to forget them, and to find them behind an order.
        indexed(manager, "program_members", &["shop_id", "recipient_key_hash"]).await?;
        indexed(manager, "program_members", &["shop_id", "program_id", "held_out", "assigned_at"]).await
    }
}
