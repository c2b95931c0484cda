//! Whether a tap was a person's depends on when its link's message left, and links had to ask the messages for it. Messages
//! tell their links now: when they left at the latest, and about when.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "links", maybe_big("left_by")).await?;
        add(manager, "links", maybe_big("left_about")).await?;
        let db = manager.get_connection();
        // Sent or arrived, whichever was told earlier; read at the latest.
        db.execute_unprepared(
            "UPDATE links SET left_about = (SELECT CASE WHEN sent_at <= delivered_at THEN sent_at \
             ELSE COALESCE(delivered_at, sent_at) END FROM messages \
             WHERE messages.shop_id = links.shop_id AND messages.link_slug = links.slug)",
        )
        .await?;
        db.execute_unprepared(
            "UPDATE links SET left_by = (SELECT CASE WHEN links.left_about <= read_at THEN links.left_about \
             ELSE COALESCE(read_at, links.left_about) END FROM messages \
             WHERE messages.shop_id = links.shop_id AND messages.link_slug = links.slug)",
        )
        .await
        .map(drop)
    }
}
