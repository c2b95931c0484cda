//! Codes with a discount of their own, clocks that start at delivery, and pools that follow demand.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The one code a discount was made for; none: it serves a slot.
        add(manager, "discounts", maybe_id("for_code_id")).await?;
        // Its end moved here and Shopify has not been told.
        add(manager, "discounts", maybe_big("ends_changed_at")).await?;
        // A pool of fewer codes is filled again; the forecast writes it.
        add(manager, "discounts", int("low_water").default(10).take()).await?;
        // How long a code lives from delivery; none: its end stands from the beginning.
        add(manager, "redeem_codes", maybe_big("life_seconds")).await?;
        // A slot has its series; many discounts of single codes may end in one instant. A node of the version before
        // cannot make new discounts from here on; its jobs wait for a newer node.
        partial(manager, "uq_discounts_slot", &["campaign_id", "slot_ends_at", "series"], "for_code_id IS NULL", true)
            .await?;
        partial(manager, "uq_discounts_code", &["for_code_id", "series"], "for_code_id IS NOT NULL", true).await?;
        let old = "uq_discounts_shop_id_campaign_id_slot_ends_at_series";
        manager.drop_index(Index::drop().name(old).table("discounts").if_exists().to_owned()).await?;
        // Discounts of single codes that Shopify has not confirmed.
        let open = "for_code_id IS NOT NULL AND state <> 'live'";
        partial(manager, "ix_discounts_code_open", &["campaign_id", "id"], open, false).await?;
        partial(manager, "ix_discounts_ends_changed", &["campaign_id", "id"], "ends_changed_at IS NOT NULL", false)
            .await
    }
}

/// An index over some discounts of a shop only.
async fn partial(
    manager: &SchemaManager<'_>,
    name: &'static str,
    columns: &[&'static str],
    which: &'static str,
    unique: bool,
) -> Result<(), DbErr> {
    let mut index = Index::create().name(name).table("discounts").col("shop_id").if_not_exists().take();
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    manager.create_index(index.and_where(Expr::cust(which)).take()).await
}
