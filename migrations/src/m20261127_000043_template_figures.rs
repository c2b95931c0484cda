//! Meta's template analytics: what Meta counts of a message template on a day, beside what we count ourselves.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One row per figure: what Meta leaves out of an answer leaves alone what an earlier one said. The day comes
        // early in the key, because reports ask for days.
        create(
            manager,
            "template_figures",
            &["shop_id", "start", "template_id", "product", "figure"],
            vec![
                big("shop_id"),
                big("start"),
                text("template_id"),
                // Meta counts its Cloud API and its Marketing Messages API apart.
                text("product"),
                text("figure"),
                // How many; of money its minor units.
                big("amount"),
                maybe_text("currency"),
                big("told_at"),
            ],
        )
        .await?;
        // Meta's numbers belong to a template; which campaigns send it is told beside them.
        create(
            manager,
            "campaign_templates",
            &["shop_id", "campaign_id", "template_id"],
            vec![big("shop_id"), id("campaign_id"), text("template_id")],
        )
        .await
    }
}
