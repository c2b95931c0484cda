//! A link domain serves once its owner wrote the shop's own record beside it. Domains that serve already are given time.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.has_column("link_settings", "unproved_until").await? {
            return Ok(());
        }
        // Until then a domain that served before anybody asked for the record serves without it.
        add(manager, "link_settings", maybe_big("unproved_until")).await?;
        let in_two_weeks = match manager.get_database_backend() {
            DbBackend::Postgres => "CAST((EXTRACT(EPOCH FROM now()) + 1209600) * 1000000 AS BIGINT)",
            _ => "(CAST(strftime('%s', 'now') AS INTEGER) + 1209600) * 1000000",
        };
        let serves = Query::select()
            .expr(Expr::val(1))
            .from("shops")
            .and_where(Expr::col(("shops", "shop_id")).equals(("link_settings", "shop_id")))
            .and_where(Expr::col(("shops", "link_domain")).equals(("link_settings", "domain")))
            .and_where(Expr::col(("shops", "link_domain_rests_at")).is_null())
            .take();
        let served = Query::update()
            .table("link_settings")
            .value("unproved_until", Expr::cust(in_two_weeks))
            .and_where(Expr::exists(serves))
            .take();
        manager.execute(served).await
    }
}
