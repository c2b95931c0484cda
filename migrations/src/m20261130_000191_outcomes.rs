//! Which recipients stand behind each order, and what everybody who was assigned to an arm bought.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = ["shop_id", "shopify_order_id", "recipient_id"];
        create(manager, "buyers", &key, vec![big("shop_id"), big("shopify_order_id"), id("recipient_id")]).await?;
        // A recipient's orders.
        indexed(manager, "buyers", &["shop_id", "recipient_id"]).await?;
        create(
            manager,
            "outcomes",
            &["shop_id", "experiment_id", "unit_id", "shopify_order_id"],
            vec![
                big("shop_id"),
                id("experiment_id"),
                id("unit_id"),
                big("shopify_order_id"),
                text("arm"),
                big("assigned_at"),
                big("ordered_at"),
                flag("counts"),
                flag("redeemed"),
                big("net_minor"),
                big("discount_minor"),
            ],
        )
        .await?;
        // What one order is part of: a refund restates all of it.
        indexed(manager, "outcomes", &["shop_id", "shopify_order_id"]).await?;
        // Orders that are judged already are looked at once more, to learn who stands behind them.
        let again = "INSERT INTO unsettled_orders (shop_id, shopify_order_id, again) \
                     SELECT shop_id, shopify_order_id, 0 FROM orders WHERE TRUE ON CONFLICT DO NOTHING";
        manager.get_connection().execute_unprepared(again).await.map(drop)
    }
}
