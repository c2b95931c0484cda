//! An order, and a checkout, may name several phones and e-mail addresses: each as a keyed hash.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Nothing is filled in: what `orders` and `checkouts` show as the first of each kind goes on counting.
        create(
            manager,
            "order_contacts",
            &["shop_id", "shopify_order_id", "kind", "hash"],
            vec![big("shop_id"), big("shopify_order_id"), text("kind"), text("hash"), text("version_key")],
        )
        .await?;
        // Orders that name somebody who asks what is held, or to be forgotten.
        indexed(manager, "order_contacts", &["shop_id", "hash"]).await?;
        create(
            manager,
            "checkout_contacts",
            &["shop_id", "token", "kind", "hash"],
            vec![big("shop_id"), text("token"), text("kind"), text("hash"), big("contact_key")],
        )
        .await?;
        indexed(manager, "checkout_contacts", &["shop_id", "hash"]).await
    }
}
