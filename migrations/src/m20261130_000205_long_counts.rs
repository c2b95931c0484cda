//! Counts of 32 days, so that a year is few rows; and hits counted by when they came.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // 3,072 quarters of an hour, and as many microseconds. What others add meanwhile without them is found when the
        // books are counted anew, as they are after this.
        let long = 3_072_i64 * 900_000_000;
        let sums = format!(
            "INSERT INTO counted_cells (shop_id, book, span, at, line, measure, amount) \
             SELECT shop_id, book, 3072, at / {long} * {long}, line, measure, CAST(SUM(amount) AS BIGINT) \
             FROM counted_cells WHERE span = 96 GROUP BY shop_id, book, at / {long} * {long}, line, measure"
        );
        manager.get_connection().execute_unprepared(&sums).await?;
        // What of a link's hits was counted by when they came.
        add(manager, "counted_hits", maybe_text("times")).await
    }
}
