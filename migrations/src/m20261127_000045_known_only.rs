//! Indexes by what is mostly unknown when a recipient is drawn hold only rows in which it is known: a large draw writes
//! four index entries less for each recipient. A comparison with a value finds them as before.

use sea_orm_migration::prelude::*;

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
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in KNOWN {
            let old = format!("ix_{table}_shop_id_{column}");
            let known = Index::create()
                .name(format!("{old}_known"))
                .table(table)
                .col("shop_id")
                .col(column)
                .and_where(Expr::col(column).is_not_null())
                .if_not_exists()
                .to_owned();
            manager.create_index(known).await?;
            manager.drop_index(Index::drop().name(old).table(table).if_exists().to_owned()).await?;
        }
        Ok(())
    }
}
