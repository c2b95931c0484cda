//! What file a shop wants every day, and at which of its hours.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "file_schedules",
            &["shop_id"],
            vec![
                big("shop_id"),
                text("kind"),
                maybe_text("sheet"),
                text("form"),
                flag("gzip"),
                flag("bom"),
                flag("codes"),
                // How many days it covers, the last of them yesterday.
                int("days"),
                int("hour"),
                text("chosen_by"),
                big("chosen_at"),
                // The first local day it is made on.
                int("first_on"),
            ],
        )
        .await
    }
}
