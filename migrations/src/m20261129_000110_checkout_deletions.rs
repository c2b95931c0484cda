//! `checkouts/delete` names a checkout by Shopify's number of it and by its cart, never by its token; and it may come
//! before anything else is heard of it. So it is a fact of its own, and a checkout remembers its number.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "checkouts", maybe_big("shopify_checkout_id")).await?;
        create(
            manager,
            "checkout_deletions",
            &["shop_id", "name"],
            vec![
                big("shop_id"),
                text("name"),
                maybe_big("shopify_checkout_id"),
                maybe_text("cart_token"),
                big("deleted_at"),
            ],
        )
        .await?;
        // Whether a checkout of this cart was deleted.
        indexed(manager, "checkout_deletions", &["shop_id", "cart_token"]).await
    }
}
