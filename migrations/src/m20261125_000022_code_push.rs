//! Large audiences: promised codes are found without reading the pool, and a slot knows how fast its codes go live.

use sea_orm_migration::prelude::*;

use crate::beside::created_beside;
use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What a push sends first, and how many wait. The pool does not stand in it, so filling one costs nothing more.
        // The same columns as the index of all codes: with fewer SQLite would take that one.
        let promised = Index::create()
            .table("redeem_codes")
            .col("shop_id")
            .col("discount_id")
            .col("state")
            .col("id")
            .and_where(Expr::cust("state = 'reserved' AND promised_at IS NOT NULL"))
            .take();
        created_beside(manager, "ix_redeem_codes_promised", promised).await?;
        // Codes Shopify refused and that are not live yet.
        let refused = Index::create()
            .table("redeem_codes")
            .col("shop_id")
            .col("discount_id")
            .col("state")
            .and_where(Expr::cust("last_error IS NOT NULL"))
            .take();
        created_beside(manager, "ix_redeem_codes_refused", refused).await?;
        // How many codes went live since when, in the present spell of work.
        for column in [maybe_big("pace_since"), maybe_big("pace_until"), maybe_big("pace_codes")] {
            add(manager, "discounts", column).await?;
        }
        Ok(())
    }
}
