//! Who installed us, how we may speak for them, and what the installation itself remembers.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, "settings", &["name"], vec![text("name"), text("value")]).await?;
        create(
            manager,
            "shops",
            &["shop_id"],
            vec![
                big("shop_id"),
                text("domain"),
                text("name"),
                text("currency"),
                text("time_zone"),
                maybe_text("country"),
                text("storefront_url"),
                text("scopes"),
                big("installed_at"),
                maybe_big("uninstalled_at"),
            ],
        )
        .await?;
        unique(manager, "shops", &["domain"]).await?;
        create(manager, "whatsapp_numbers", &["phone_number_id"], vec![text("phone_number_id"), big("shop_id")])
            .await?;
        // Tokens change every hour, the directory of shops almost never: so they are two tables.
        create(
            manager,
            "tokens",
            &["shop_id"],
            vec![
                big("shop_id"),
                text("access_sealed"),
                big("access_expires_at"),
                text("refresh_sealed"),
                big("refresh_expires_at"),
                int("version"),
                maybe_big("reopen_since"),
            ],
        )
        .await?;
        create(
            manager,
            "api_keys",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                id("id"),
                text("name"),
                json("scopes"),
                text("hash"),
                big("created_at"),
                maybe_big("revoked_at"),
            ],
        )
        .await?;
        unique(manager, "api_keys", &["shop_id", "hash"]).await?;
        // Answers kept by Idempotency-Key, for calls that have no natural key.
        create(
            manager,
            "replies",
            &["shop_id", "key"],
            vec![big("shop_id"), text("key"), text("request_hash"), int("status"), text("body"), big("created_at")],
        )
        .await?;
        Ok(())
    }
}
