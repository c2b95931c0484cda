//! What was said of an order before something was learned late: verdicts are replaced in place, by the instants of events,
//! and whoever was told an earlier one is to be told of the difference.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "verdicts_before",
            &["shop_id", "policy", "shopify_order_id", "learned_at"],
            vec![big("shop_id"), text("policy"), big("shopify_order_id"), big("learned_at"), text("stages")],
        )
        .await?;
        // What was learned between two instants.
        indexed(manager, "verdicts_before", &["shop_id", "policy", "learned_at"]).await
    }
}
