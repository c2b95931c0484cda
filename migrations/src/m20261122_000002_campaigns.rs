//! Whom we reach and whom we hold out.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A person: contact sealed under a key of their own, found again by keyed hashes. Destroying the key forgets them.
        create(
            manager,
            "recipients",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                id("id"),
                maybe_text("phone_hash"),
                maybe_text("whatsapp_hash"),
                maybe_text("email_hash"),
                maybe_big("shopify_customer_id"),
                maybe_text("data_key_sealed"),
                maybe_bytes("contact_sealed"),
                big("created_at"),
                maybe_big("forgotten_at"),
            ],
        )
        .await?;
        unique(manager, "recipients", &["shop_id", "phone_hash"]).await?;
        unique(manager, "recipients", &["shop_id", "whatsapp_hash"]).await?;
        // Redaction by e-mail, and the person behind an order.
        indexed(manager, "recipients", &["shop_id", "email_hash"]).await?;
        create(
            manager,
            "campaigns",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                id("id"),
                text("name"),
                text("kind"),
                maybe_json("offer"),
                maybe_big("minimum_subtotal_minor"),
                json("combines_with"),
                json("expiry"),
                json("code"),
                json("link"),
                int("holdout_ppm"),
                maybe_big("expected_recipients"),
                maybe_big("announced_at"),
                maybe_big("cost_minor"),
                maybe_text("cost_currency"),
                big("created_at"),
                maybe_big("archived_at"),
            ],
        )
        .await?;
        // One row per recipient drawn, held out or not: its id is the message's id, its instant the start of every window.
        create(
            manager,
            "draws",
            &["shop_id", "id"],
            vec![
                big("shop_id"),
                id("id"),
                id("campaign_id"),
                text("recipient_key_hash"),
                id("recipient_id"),
                flag("held_out"),
                maybe_text("checkout_token"),
                big("drawn_at"),
            ],
        )
        .await?;
        unique(manager, "draws", &["shop_id", "campaign_id", "recipient_key_hash"]).await?;
        Ok(())
    }
}
