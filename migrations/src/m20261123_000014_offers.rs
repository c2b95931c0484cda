//! Offers in full, what Shopify said against one, and what became of a discount there.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let campaigns = [
            maybe_big("minimum_quantity"),
            maybe_json("applies_to"),
            text("purchase").default("one_time").take(),
            maybe_text("title"),
            maybe_json("tags"),
            // Codes of an earlier revision are never handed out.
            int("offer_revision").default(0).take(),
            // Why Shopify refuses the offer; and since when it ever was live, because then people hold its codes.
            maybe_big("trouble_since"),
            maybe_text("trouble_field"),
            maybe_text("trouble_words"),
            maybe_big("live_at"),
        ];
        for column in campaigns {
            add(manager, "campaigns", column).await?;
        }
        let discounts = [
            // A slot may need another discount: the offer changed, or the merchant deleted the first.
            int("series").default(0).take(),
            int("offer_revision").default(0).take(),
            maybe_json("tags"),
            // None of its codes is handed out from then on.
            maybe_big("retired_at"),
            maybe_text("retired_because"),
            // We end it at Shopify: noted before the call, and when it is done.
            maybe_big("ending_at"),
            maybe_big("ended_at"),
            // What the merchant did to it.
            maybe_big("deleted_at"),
            maybe_big("differs_since"),
            maybe_json("differs"),
        ];
        for column in discounts {
            add(manager, "discounts", column).await?;
        }
        unique(manager, "discounts", &["shop_id", "campaign_id", "slot_ends_at", "series"]).await?;
        // A node of the version before cannot make new discounts from here on; its jobs wait for a newer node.
        let narrow = "uq_discounts_shop_id_campaign_id_slot_ends_at";
        manager.drop_index(Index::drop().name(narrow).table("discounts").if_exists().to_owned()).await?;
        // Shopify tells of discounts by its own id, of every app.
        indexed(manager, "discounts", &["shop_id", "shopify_discount_id"]).await
    }
}
