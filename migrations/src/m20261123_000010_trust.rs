//! One refresher per shop at a time, what a shop's calls told about it, and states of a code grant that were used.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A token pair is renewed under a lease: its number is in every write of the one who holds it.
        add(manager, "tokens", "lease_no", big("lease_no").default(0)).await?;
        add(manager, "tokens", "lease_until", &mut maybe_big("lease_until")).await?;
        // What the pair was granted, and when the merchant's opening brought it: both decide about a new exchange.
        add(manager, "tokens", "scopes", &mut maybe_text("scopes")).await?;
        add(manager, "tokens", "exchanged_at", big("exchanged_at").default(0)).await?;
        add(manager, "tokens", "reopen_reason", &mut maybe_text("reopen_reason")).await?;
        // Apart from the directory of shops, which never changes by itself, and from tokens, which go with the shop.
        create(
            manager,
            "shop_conditions",
            &["shop_id"],
            vec![
                big("shop_id"),
                maybe_big("frozen_since"),
                maybe_big("frozen_checked_at"),
                maybe_text("served_version"),
                maybe_big("served_since"),
                maybe_big("scopes_at"),
                maybe_big("opened_at"),
            ],
        )
        .await?;
        create(manager, "used_states", &["shop_id", "state"], vec![big("shop_id"), text("state"), big("used_at")])
            .await?;
        // States older than a day go.
        indexed(manager, "used_states", &["shop_id", "used_at"]).await
    }
}

/// Adds a column that is not there yet: a migration killed half-way is run again.
async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    name: &'static str,
    column: &mut ColumnDef,
) -> Result<(), DbErr> {
    if manager.has_column(table, name).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(table).add_column(column.take()).take()).await
}
