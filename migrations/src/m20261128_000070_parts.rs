//! All parts of an order and of a refund: what is no merchandise, and what prices include, stands apart.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["duties_minor", "fees_minor"] {
            add(manager, "order_versions", big(column).default(0).take()).await?;
        }
        // What stands there was read by the first way of reading.
        add(manager, "order_versions", int("reading").default(1).take()).await?;
        for column in ["tips_minor", "gift_cards_minor", "charges_minor"] {
            add(manager, "refunds", big(column).default(0).take()).await?;
        }
        // Absent: the source did not tell it in the shop's currency.
        add(manager, "refunds", maybe_big("moved_minor")).await
    }
}
