//! A code's life after it is issued: who used it, who took it back, what replaced it, and what looks like a leak.

use sea_orm_migration::prelude::*;

use crate::beside::{created_beside, dropped_beside, indexed_beside};
use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        uses(manager).await?;
        endings(manager).await?;
        leaks(manager).await?;
        pool(manager).await
    }
}

/// Which orders and checkouts carried a code. A single-use code may be on two orders: Shopify promises nothing stricter.
async fn uses(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        "redemptions",
        &["shop_id", "redeem_code_id", "shopify_order_id"],
        vec![
            big("shop_id"),
            id("redeem_code_id"),
            big("shopify_order_id"),
            big("at"),
            maybe_big("cancelled_at"),
            big("noted_at"),
            maybe_big("looked_at"),
        ],
    )
    .await?;
    // The radar looks at what was noted lately.
    indexed(manager, "redemptions", &["shop_id", "noted_at"]).await?;
    create(
        manager,
        "code_tries",
        &["shop_id", "redeem_code_id", "checkout_token"],
        vec![big("shop_id"), id("redeem_code_id"), text("checkout_token"), big("at")],
    )
    .await
}

async fn endings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        "revocations",
        &["shop_id", "redeem_code_id"],
        vec![
            big("shop_id"),
            id("redeem_code_id"),
            id("discount_id"),
            text("reason"),
            big("asked_at"),
            maybe_text("shopify_job_id"),
            maybe_big("confirmed_at"),
        ],
    )
    .await?;
    // What Shopify has not confirmed yet.
    indexed(manager, "revocations", &["shop_id", "confirmed_at", "shopify_job_id"]).await?;
    create(
        manager,
        "replacements",
        &["shop_id", "message_id"],
        vec![
            big("shop_id"),
            id("message_id"),
            id("old_code_id"),
            id("new_code_id"),
            text("reason"),
            big("replaced_at"),
        ],
    )
    .await?;
    // From a code to the message it was once given to.
    unique(manager, "replacements", &["shop_id", "old_code_id"]).await
}

async fn leaks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Once per code, kind and place: a repeated delivery is no second sighting.
    create(
        manager,
        "code_sightings",
        &["shop_id", "redeem_code_id", "kind", "seen_on"],
        vec![big("shop_id"), id("redeem_code_id"), text("kind"), text("seen_on"), id("discount_id"), big("at")],
    )
    .await?;
    // What an alarm rests on.
    indexed(manager, "code_sightings", &["shop_id", "discount_id", "kind"]).await?;
    create(
        manager,
        "code_alarms",
        &["shop_id", "id"],
        vec![
            big("shop_id"),
            id("id"),
            text("kind"),
            id("campaign_id"),
            id("discount_id"),
            big("sightings"),
            big("first_seen_at"),
            big("last_seen_at"),
            big("raised_at"),
            maybe_big("closed_at"),
        ],
    )
    .await?;
    // One alarm per kind and slot.
    unique(manager, "code_alarms", &["shop_id", "kind", "discount_id"]).await
}

async fn pool(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // The pool in the order in which it is handed out: without the id the million would be sorted for every recipient.
    indexed_beside(manager, "redeem_codes", &["shop_id", "discount_id", "state", "id"]).await?;
    let old = "ix_redeem_codes_shop_id_discount_id_state";
    dropped_beside(manager, "redeem_codes", old).await?;
    // Codes whose end has come. Only those in people's hands stand in it, so that filling a pool costs nothing more.
    let ending = Index::create()
        .table("redeem_codes")
        .col("shop_id")
        .col("expires_at")
        .and_where(Expr::cust("state = 'issued'"))
        .take();
    created_beside(manager, "ix_redeem_codes_ending", ending).await?;
    // Slots that are over.
    indexed(manager, "discounts", &["shop_id", "slot_ends_at"]).await
}
