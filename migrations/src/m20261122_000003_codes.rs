//! Redeem codes: one Shopify discount per offer and expiry slot, many single-use codes under it.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "discounts",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                id("id"),
                id("campaign_id"),
                big("slot_ends_at"),
                text("state"),
                text("title"),
                maybe_text("shopify_discount_id"),
                maybe_text("last_error"),
                big("created_at"),
            ],
        )
        .await?;
        unique(manager, "discounts", &["shop_id", "campaign_id", "slot_ends_at"]).await?;
        create(
            manager,
            "redeem_codes",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                id("id"),
                id("campaign_id"),
                id("discount_id"),
                text("code"),
                text("state"),
                maybe_text("bulk_creation_id"),
                maybe_text("shopify_redeem_code_id"),
                maybe_big("expires_at"),
                big("reserved_at"),
                maybe_big("promised_at"),
                maybe_big("pushed_at"),
                maybe_big("imported_at"),
                maybe_big("issued_at"),
                maybe_big("redeemed_at"),
                maybe_big("expired_at"),
                maybe_big("revoked_at"),
                maybe_text("last_error"),
            ],
        )
        .await?;
        unique(manager, "redeem_codes", &["shop_id", "code"]).await?;
        // The pool: imported codes of a slot; and what a push still has to do.
        indexed(manager, "redeem_codes", &["shop_id", "discount_id", "state"]).await?;
        Ok(())
    }
}
