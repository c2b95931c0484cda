//! What the whole verdict needs beside its facts: by which click ids an order is found, whether exposure alone stands behind
//! it, policies that are kept no longer, and how far the restating of history has come.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Nothing is filled in: it is asked within minutes of a tap, and orders of today carry theirs.
        create(
            manager,
            "order_clicks",
            &["shop_id", "click_id", "shopify_order_id"],
            vec![big("shop_id"), text("click_id"), big("shopify_order_id")],
        )
        .await?;
        add(manager, "conversions", flag("assisted").default(false).take()).await?;
        add(manager, "policies", maybe_big("retired_at")).await?;
        create(
            manager,
            "restatements",
            &["shop_id", "policy"],
            vec![
                big("shop_id"),
                text("policy"),
                int("version"),
                big("after_order_id"),
                big("orders"),
                big("changed"),
                big("began_at"),
                maybe_big("ended_at"),
            ],
        )
        .await
    }
}
