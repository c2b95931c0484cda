//! What a hit on a link was judged from, so that it can be judged again: by better rules, or when late news comes.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Of hits noted before, the signs were never kept: 16 says so, and their verdict stands.
        let gone = ColumnDef::new("signs").integer().not_null().default(16).take();
        add(manager, "clicks", gone).await?;
        add(manager, "clicks", ColumnDef::new("device").integer().not_null().default(0).take()).await?;
        add(manager, "clicks", maybe_text("agent")).await?;
        add(manager, "clicks", maybe_big("meta_click")).await?;
        reword(manager).await?;
        // Which hits are still to be weighed against their neighbours, and by which rules the others were.
        create(manager, "judgings", &["shop_id"], vec![big("shop_id"), int("rules"), big("through")]).await?;
        // Links of which something was heard late: a sending time, a hit that waited on disk.
        create(
            manager,
            "doubted_links",
            &["shop_id", "slug"],
            vec![big("shop_id"), text("slug"), big("since"), big("again")],
        )
        .await
    }
}

/// Reasons become words that never change; what people read is made from them.
async fn reword(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let words = [("WhatsApp link preview", "preview"), ("known crawler", "crawler"), ("no user agent", "no_agent")];
    for (old, new) in words {
        let update = Query::update().table("clicks").value("reason", new).and_where(Expr::col("reason").eq(old)).take();
        manager.execute(update).await?;
    }
    Ok(())
}
