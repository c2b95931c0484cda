//! A link domain is looked at again by itself: what was seen, since when it fails, and whether it rests meanwhile.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A domain that rests is still the shop's: no other shop gets it while its owner mends it.
        add(manager, "shops", maybe_big("link_domain_rests_at")).await?;
        // What the last look showed, when it did not lead here; since when, and how many looks in a row.
        add(manager, "link_settings", maybe_text("seen")).await?;
        add(manager, "link_settings", maybe_big("failing_since")).await?;
        add(manager, "link_settings", maybe_big("failures")).await?;
        // From now on a shop that leaves gives its name back at once; those that left before did not.
        let free = Query::update()
            .table("shops")
            .value("link_domain", Option::<String>::None)
            .and_where(Expr::col("uninstalled_at").is_not_null())
            .take();
        manager.execute(free).await
    }
}
