//! Hits that carry a click id of Meta's are found without reading all others.

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
        // Meta's own count beside ours. A tap without such an id writes nothing here.
        let mut index = Index::create().table("clicks").col("shop_id").col("at").to_owned();
        created_beside(manager, "ix_clicks_of_meta", index.and_where(Expr::cust("meta_click IS NOT NULL")).take()).await
    }
}
