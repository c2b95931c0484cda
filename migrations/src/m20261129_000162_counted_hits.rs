//! What was counted of each link's hits, so that the difference can be counted when more come or their verdicts change.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![big("shop_id"), text("slug"), big("raw"), big("taps"), big("visits")];
        create(manager, "counted_hits", &["shop_id", "slug"], columns).await
    }
}
