//! Nothing missing: up to which instant each source is known to be whole, what the first reading of the past brought,
//! and which telling a checkout's contact data come from.

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
        create(
            manager,
            "watermarks",
            &["shop_id", "source"],
            vec![
                big("shop_id"),
                text("source"),
                maybe_big("complete_through"),
                maybe_big("checked_at"),
                big("found"),
                maybe_big("last_found_at"),
                maybe_text("last_error"),
            ],
        )
        .await?;
        create(
            manager,
            "backfills",
            &["shop_id"],
            vec![
                big("shop_id"),
                text("state"),
                big("since"),
                big("until"),
                big("began_at"),
                int("attempts"),
                maybe_text("operation"),
                maybe_bytes("file_sealed"),
                flag("partial"),
                big("file_next"),
                big("lines_read"),
                maybe_big("objects_total"),
                big("orders_read"),
                maybe_big("orders_total"),
                maybe_text("last_error"),
                maybe_big("done_at"),
            ],
        )
        .await?;
        // Lines of a backfill's file, sealed, until all lines of their order are there: a child may come far behind its
        // parent. The key is the query: the lines of one order after another.
        create(
            manager,
            "backfill_lines",
            &["shop_id", "shopify_order_id", "line"],
            vec![big("shop_id"), big("shopify_order_id"), big("line"), bytes("body_sealed")],
        )
        .await?;
        // The checkout, or the order it became, of a cart: the Admin API names a checkout by its cart only.
        indexed_beside(manager, "checkouts", &["shop_id", "cart_token"]).await?;
        indexed_beside(manager, "orders", &["shop_id", "cart_token"]).await?;
        // Older rows are followed by any telling that names somebody.
        if !manager.has_column("checkouts", "contact_key").await? {
            let column = ColumnDef::new("contact_key").big_integer().not_null().default(0).take();
            manager.alter_table(Table::alter().table("checkouts").add_column(column).take()).await?;
        }
        Ok(())
    }
}
