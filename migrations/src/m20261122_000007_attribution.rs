//! Verdicts: derived from facts, thrown away and derived again at will.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Orders whose facts changed since their verdict; `again` tells a job that more came while it worked.
        create(
            manager,
            "unsettled_orders",
            &["shop_id", "shopify_order_id"],
            vec![big("shop_id"), big("shopify_order_id"), big("again")],
        )
        .await?;
        create(
            manager,
            "conversions",
            &["shop_id", "policy", "shopify_order_id", "effective_at"],
            vec![
                big("shop_id"),
                text("policy"),
                big("shopify_order_id"),
                big("effective_at"),
                big("superseded_at"),
                int("policy_version"),
                big("ordered_at"),
                int("ordered_on"),
                text("line"),
                text("why"),
                big("net_minor"),
                big("left_out_minor"),
                big("tips_minor"),
                big("gift_cards_minor"),
                text("currency"),
                maybe_id("message_id"),
                maybe_id("campaign_id"),
                maybe_text("evidence"),
                flag("shared"),
                maybe_id("recovered_message_id"),
            ],
        )
        .await?;
        // Every report of a period.
        indexed(manager, "conversions", &["shop_id", "policy", "ordered_on"]).await?;
        create(
            manager,
            "credits",
            &["shop_id", "policy", "shopify_order_id", "effective_at", "model", "message_id"],
            vec![
                big("shop_id"),
                text("policy"),
                big("shopify_order_id"),
                big("effective_at"),
                text("model"),
                id("message_id"),
                id("campaign_id"),
                big("credit_minor"),
            ],
        )
        .await?;
        create(
            manager,
            "receipts",
            &["shop_id", "policy", "shopify_order_id"],
            vec![big("shop_id"), text("policy"), big("shopify_order_id"), json("document")],
        )
        .await?;
        Ok(())
    }
}
