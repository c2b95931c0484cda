//! What the shop sold. Facts only: appended, never edited; `orders` and `checkouts` show the newest of them.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "checkouts",
            &["shop_id", "token"],
            vec![
                big("shop_id"),
                text("token"),
                maybe_text("cart_token"),
                text("currency"),
                big("total_minor"),
                maybe_text("email_hash"),
                maybe_text("phone_hash"),
                maybe_big("shopify_customer_id"),
                big("created_at"),
                big("updated_at"),
                maybe_big("completed_at"),
                maybe_bytes("recovery_url_sealed"),
            ],
        )
        .await?;
        create(
            manager,
            "checkout_activities",
            &["shop_id", "token", "at"],
            vec![big("shop_id"), text("token"), big("at")],
        )
        .await?;
        create(
            manager,
            "orders",
            &["shop_id", "shopify_order_id"],
            vec![
                big("shop_id"),
                big("shopify_order_id"),
                text("version_key"),
                text("name"),
                big("ordered_at"),
                big("updated_at"),
                text("currency"),
                text("presentment_currency"),
                text("source_name"),
                maybe_text("financial_status"),
                flag("test"),
                maybe_big("cancelled_at"),
                maybe_text("checkout_token"),
                maybe_text("cart_token"),
                maybe_big("shopify_customer_id"),
                maybe_text("phone_hash"),
                maybe_text("email_hash"),
                json("codes"),
                json("click_ids"),
                maybe_text("landing_click_id"),
            ],
        )
        .await?;
        // The order that completes a checkout.
        indexed(manager, "orders", &["shop_id", "checkout_token"]).await?;
        // Lists and rebuilds in time order.
        indexed(manager, "orders", &["shop_id", "ordered_at"]).await?;
        create(
            manager,
            "order_versions",
            &["shop_id", "shopify_order_id", "updated_at", "digest"],
            vec![
                big("shop_id"),
                big("shopify_order_id"),
                big("updated_at"),
                text("digest"),
                maybe_text("financial_status"),
                maybe_big("cancelled_at"),
                flag("test"),
                big("gross_minor"),
                big("discounts_minor"),
                big("shipping_minor"),
                big("tax_minor"),
                big("tips_minor"),
                big("gift_cards_minor"),
                big("total_minor"),
            ],
        )
        .await?;
        create(
            manager,
            "order_codes",
            &["shop_id", "code", "shopify_order_id"],
            vec![big("shop_id"), text("code"), big("shopify_order_id")],
        )
        .await?;
        create(
            manager,
            "refunds",
            &["shop_id", "shopify_order_id", "shopify_refund_id"],
            vec![
                big("shop_id"),
                big("shopify_order_id"),
                big("shopify_refund_id"),
                big("at"),
                text("version_key"),
                big("goods_minor"),
                big("shipping_minor"),
                big("tax_minor"),
            ],
        )
        .await?;
        Ok(())
    }
}
