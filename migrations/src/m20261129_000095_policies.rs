//! Policies become rows, each change a version of its own; and a credit may be another channel's: it is keyed by its place
//! among the shares of its model, and names a message only where it is one's.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            big("shop_id"),
            text("name"),
            int("version"),
            json("document"),
            big("made_at"),
            maybe_big("activated_at"),
        ];
        create(manager, "policies", &["shop_id", "name", "version"], columns).await?;

        // A key cannot be changed everywhere, so the rows move into a table with the new one. Until now the only model gave
        // the whole order to one message: place 0. Killed half-way it begins again: what moved is not moved twice.
        if manager.has_column("credits", "place").await? {
            return Ok(());
        }
        create(
            manager,
            "credits_by_place",
            &["shop_id", "policy", "shopify_order_id", "effective_at", "model", "place"],
            vec![
                big("shop_id"),
                text("policy"),
                big("shopify_order_id"),
                big("effective_at"),
                text("model"),
                int("place"),
                maybe_id("message_id"),
                maybe_id("campaign_id"),
                text("channel"),
                big("credit_minor"),
            ],
        )
        .await?;
        if manager.has_table("credits").await? {
            let db = manager.get_connection();
            db.execute_unprepared(
            "INSERT INTO credits_by_place (shop_id, policy, shopify_order_id, effective_at, model, place, message_id, \
             campaign_id, channel, credit_minor) SELECT shop_id, policy, shopify_order_id, effective_at, model, 0, \
             message_id, campaign_id, 'whatsapp', credit_minor FROM credits WHERE TRUE ON CONFLICT DO NOTHING",
            )
            .await?;
            manager.drop_table(Table::drop().table("credits").take()).await?;
        }
        manager.rename_table(Table::rename().table("credits_by_place", "credits").take()).await
    }
}
