//! Indexes by what is mostly unknown when a recipient is drawn hold only rows in which it is known: a large draw writes
//! four index entries less for each recipient. A comparison with a value finds them as before.

use sea_orm_migration::prelude::*;

use crate::beside::{created_beside, dropped_beside};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Table and column.
const KNOWN: [(&str, &str); 4] = [
    // A message by what Meta calls it, and by the checkout it is about.
    ("messages", "wamid_hash"),
    ("messages", "checkout_token"),
    // A person by e-mail, and by the shop's account.
    ("recipients", "email_hash"),
    ("recipients", "shopify_customer_id"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in KNOWN {
            let old = format!("ix_{table}_shop_id_{column}");
            let known = Index::create()
                .table(table)
                .col("shop_id")
                .col(column)
                .and_where(Expr::col(column).is_not_null())
                .to_owned();
            created_beside(manager, &format!("{old}_known"), known).await?;
            dropped_beside(manager, table, &old).await?;
        }
        Ok(())
    }
}
