//! Visits before an order as Shopify's customer journey tells them, and how the asking for them stands.

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
            "order_journeys",
            &key,
            vec![big("shop_id"), big("shopify_order_id"), text("state"), int("tries"), big("ask_at")],
        )
        .await?;
        // Orders whose journey is due, the newest first.
        indexed(manager, "order_journeys", &["shop_id", "state", "ask_at"]).await?;
        // Of a landing page only what names a channel, as `orders` keeps it, and the click id of our own links.
        create(
            manager,
            "order_visits",
            &["shop_id", "shopify_order_id", "shopify_visit_id"],
            vec![
                big("shop_id"),
                big("shopify_order_id"),
                text("shopify_visit_id"),
                big("at"),
                text("landing"),
                maybe_text("referrer"),
                maybe_text("click_id"),
            ],
        )
        .await?;
        // Orders that are here already are asked about too: an hour after they were placed has passed, and what is too
        // old never comes due.
        let known = "INSERT INTO order_journeys (shop_id, shopify_order_id, state, tries, ask_at) \
                     SELECT shop_id, shopify_order_id, 'waiting', 0, ordered_at + 3600000000 FROM orders \
                     WHERE source_name = 'web' AND checkout_token IS NOT NULL AND NOT test ON CONFLICT DO NOTHING";
        manager.get_connection().execute_unprepared(known).await.map(drop)
    }
}
