//! Where an order's visit began, and finding the messages of a person.

use sea_orm_migration::prelude::*;

use crate::beside::indexed_beside;
use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Only what names a channel: UTM values and the names of advertisers' click ids; the referrer's host. Whole
        // addresses may carry somebody's e-mail.
        add(manager, "orders", maybe_text("landing")).await?;
        add(manager, "orders", maybe_text("referrer")).await?;
        // The person behind an order: their messages.
        indexed_beside(manager, "messages", &["shop_id", "recipient_id"]).await?;
        indexed_beside(manager, "recipients", &["shop_id", "shopify_customer_id"]).await
    }
}
