//! What a merchant pays for a message where nobody tells its price: by country, category and the day from which it holds.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // An exact decimal as text, as prices are.
        create(
            manager,
            "message_rates",
            &["shop_id", "country", "category", "from_on"],
            vec![
                big("shop_id"),
                text("country"),
                text("category"),
                int("from_on"),
                text("amount"),
                text("currency"),
                big("changed_at"),
            ],
        )
        .await
    }
}
