//! What Shopify's own book says of an order: its sales, one row each; how the asking for them stands and through which
//! instant they are known; and where they differ from what payloads told.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = ["shop_id", "shopify_order_id"];
        create(
            manager,
            "order_books",
            &key,
            vec![
                big("shop_id"),
                big("shopify_order_id"),
                text("state"),
                int("tries"),
                big("ask_at"),
                // Absent until the book was read for the first time.
                maybe_big("read_at"),
                maybe_big("through"),
                maybe_big("current_total_minor"),
            ],
        )
        .await?;
        // Orders whose sales are due, the newest first.
        indexed(manager, "order_books", &["shop_id", "state", "ask_at"]).await?;
        create(
            manager,
            "order_sales",
            &["shop_id", "shopify_order_id", "shopify_sale_id"],
            vec![
                big("shop_id"),
                big("shopify_order_id"),
                text("shopify_sale_id"),
                text("shopify_agreement_id"),
                // Shopify's words, also those nobody knows yet.
                text("agreement"),
                text("reason"),
                big("happened_at"),
                text("line_type"),
                text("action_type"),
                maybe_big("quantity"),
                big("total_minor"),
                big("tax_minor"),
                big("discounts_minor"),
            ],
        )
        .await?;
        create(
            manager,
            "order_differences",
            &["shop_id", "shopify_order_id", "kind"],
            vec![big("shop_id"), big("shopify_order_id"), text("kind"), big("payload_minor"), big("sales_minor")],
        )
        .await?;
        // Orders that are here already are asked about too, an hour after they were placed; what is too old for Shopify
        // to show never comes due. Test orders count for nothing.
        let known = "INSERT INTO order_books (shop_id, shopify_order_id, state, tries, ask_at) \
                     SELECT shop_id, shopify_order_id, 'waiting', 0, ordered_at + 3600000000 FROM orders \
                     WHERE NOT test ON CONFLICT DO NOTHING";
        manager.get_connection().execute_unprepared(known).await.map(drop)
    }
}
