//! What a shop says about its links, its own link domain, and the checkout a link leads back to.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "link_settings",
            &["shop_id"],
            vec![
                big("shop_id"),
                json("utm"),
                // What the merchant asked for; it is in `shops` once it is proved to lead here.
                maybe_text("domain"),
                maybe_text("trouble"),
                maybe_big("looked_at"),
                big("changed_at"),
            ],
        )
        .await?;
        add(manager, "shops", maybe_text("link_domain")).await?;
        // A domain speaks for one shop.
        unique(manager, "shops", &["link_domain"]).await?;
        add(manager, "links", maybe_text("checkout_token")).await
    }
}
