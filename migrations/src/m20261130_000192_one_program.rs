//! One programme of a shop runs at a time, whoever asks at once; and messages that Meta's own experiment kept back are found
//! without reading all others.

use sea_orm_migration::prelude::*;

use crate::beside::created_beside;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Two that began at one instant: the later one goes on.
        let later = "UPDATE programs SET ended_at = began_at WHERE ended_at IS NULL AND EXISTS (SELECT 1 FROM programs other \
                     WHERE other.shop_id = programs.shop_id AND other.ended_at IS NULL AND other.id > programs.id)";
        manager.get_connection().execute_unprepared(later).await?;
        let mut one = Index::create().table("programs").col("shop_id").unique().to_owned();
        created_beside(manager, "uq_programs_running", one.and_where(Expr::cust("ended_at IS NULL")).take()).await?;
        let mut kept = Index::create().table("messages").col("shop_id").col("issued_at").to_owned();
        created_beside(manager, "ix_messages_kept_back", kept.and_where(Expr::cust("failure_code = 130472")).take())
            .await
    }
}
