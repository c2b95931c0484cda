//! Whether somebody sent a read receipt lately is asked of many people at once: the index by recipient says it, without
//! their messages being read.

use sea_orm_migration::prelude::*;

use crate::beside::{dropped_beside, indexed_beside};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `GET /api/reports/kpis`: the read rate of people who send receipts. It also serves what the shorter one served.
        indexed_beside(manager, "messages", &["shop_id", "recipient_id", "read_at"]).await?;
        dropped_beside(manager, "messages", "ix_messages_shop_id_recipient_id").await
    }
}
