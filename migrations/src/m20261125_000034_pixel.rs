//! The web pixel: what browsers told of checkouts, and whether the pixel is switched on at each shop.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The browser's own id is not here on purpose: nothing needs it.
        create(
            manager,
            "pixel_events",
            &["shop_id", "event_id"],
            vec![
                big("shop_id"),
                text("event_id"),
                text("name"),
                text("checkout_token"),
                maybe_id("click_id"),
                big("at"),
                big("received_at"),
                maybe_big("asked_at"),
            ],
        )
        .await?;
        // What the pixel saw of an order's checkout.
        indexed(manager, "pixel_events", &["shop_id", "checkout_token"]).await?;
        // Events whose order was not asked about yet.
        indexed(manager, "pixel_events", &["shop_id", "asked_at"]).await?;
        // Events that have aged out.
        indexed(manager, "pixel_events", &["shop_id", "received_at"]).await?;
        create(
            manager,
            "web_pixels",
            &["shop_id"],
            vec![
                big("shop_id"),
                maybe_text("pixel_id"),
                text("settings"),
                text("state"),
                maybe_text("trouble"),
                big("looked_at"),
            ],
        )
        .await
    }
}
