//! Whoever wrote a WhatsApp number into the settings first had it. What a shop writes is a claim; the number is the
//! shop's when a status that Meta signed came from it with that shop's own callback data, or when the operator says so.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![big("shop_id"), text("phone_number_id"), flag("proven")];
        create(manager, "number_claims", &["shop_id", "phone_number_id"], columns).await?;
        // What was only written stays a claim; the next status that carries our callback data proves it.
        let db = manager.get_connection();
        db.execute_unprepared(
            "INSERT INTO number_claims (shop_id, phone_number_id, proven) SELECT shop_id, phone_number_id, FALSE FROM whatsapp_numbers",
        )
        .await?;
        db.execute_unprepared("DELETE FROM whatsapp_numbers").await.map(drop)
    }
}
