//! How far orders are known beside what their webhooks told, counted; the newest news of a shop's orders, and codes on hand,
//! found without reading all others.

use sea_orm_migration::prelude::*;

use crate::beside::{created_beside, indexed_beside};
use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What may be counted wrong, until somebody looks.
        let doubts = vec![big("shop_id"), text("kind"), text("key"), big("again")];
        create(manager, "count_doubts", &["shop_id", "kind", "key"], doubts).await?;
        // What an order was counted as.
        let counted = vec![big("shop_id"), big("shopify_order_id"), text("counted")];
        create(manager, "counted_orders", &["shop_id", "shopify_order_id"], counted).await?;
        // Through when a shop's orders were heard of.
        indexed_beside(manager, "orders", &["shop_id", "updated_at"]).await?;
        // How full campaigns' pools are. Written out, for a database takes such an index where it reads the same words.
        let mut on_hand =
            Index::create().table("redeem_codes").col("shop_id").col("campaign_id").col("state").to_owned();
        let on_hand = on_hand.and_where(Expr::cust("state IN ('reserved', 'pushed', 'imported')")).take();
        created_beside(manager, "ix_redeem_codes_on_hand", on_hand).await
    }
}
