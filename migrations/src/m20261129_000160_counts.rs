//! Counts beside the facts, so that no report adds up raw rows while somebody waits for it.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What a quarter of an hour, or a day of UTC, came to. A report reads a stretch of one book.
        let key = ["shop_id", "book", "span", "at", "line", "measure"];
        create(
            manager,
            "counted_cells",
            &key,
            vec![big("shop_id"), text("book"), int("span"), big("at"), text("line"), text("measure"), big("amount")],
        )
        .await?;
        // What transactions changed and nobody has added yet: appended only, for many nodes would wait for each other at
        // one hot row.
        create(manager, "count_changes", &["shop_id", "id"], vec![big("shop_id"), id("id"), text("changes")]).await?;
        // Which books are whole: those of a shop that was here before are counted in the background.
        create(manager, "counted_books", &["shop_id", "book"], vec![big("shop_id"), text("book"), big("counted_at")])
            .await
    }
}
