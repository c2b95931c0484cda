//! A merchant who looks at a list of API keys wants to know which is which, and which are still in use.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The beginning of a key's text cannot be had from its hash: older keys have none.
        add(manager, "api_keys", maybe_text("prefix")).await?;
        add(manager, "api_keys", maybe_big("last_used_at")).await
    }
}
