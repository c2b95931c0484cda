//! What a message is charged by: the country of the recipient's number, WhatsApp's category, and whether it is charged at
//! all. Without them a message whose price nobody told has none.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "messages", maybe_text("country")).await?;
        add(manager, "messages", maybe_text("price_category")).await?;
        add(manager, "messages", maybe_text("price_kind")).await
    }
}
