//! One exchange of a shop's tokens at a time, over all nodes: a second one voids what the first one brought, also when
//! both were asked for at the same moment. The lease is a row, kept under nobody, because a shop that opens the app for
//! the first time has no number yet.

use std::time::Duration;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, ExprTrait};

use super::install_error::InstallError;
use crate::app::App;
use crate::db::insert_or;
use crate::kernel::id::ShopId;
use crate::kernel::{Stream, Timestamp};
use crate::shopify::ShopDomain;

/// Longer than an exchange and the question who the shop is may take. A node that died is waited for no longer.
const LEASE_SECONDS: i64 = 60;

/// How often, and how many times, one who waits for another's exchange looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: usize = 80;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token_exchanges")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub domain: String,
    pub holder: Uuid,
    pub lease_until: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// Does something that may exchange this shop's tokens, after everybody who does so now. It is finished even if whoever
/// asked for it goes away: Shopify would have retired what was not kept.
pub(super) async fn one_at_a_time<Done>(
    app: &App,
    domain: &ShopDomain,
    exchange: impl Future<Output = Result<Done, InstallError>> + Send + 'static,
) -> Result<Done, InstallError>
where
    Done: Send + 'static,
{
    let (app, domain) = (app.clone(), domain.clone());
    let done = tokio::spawn(async move {
        let holder = wait_for(&app, &domain).await?;
        let done = exchange.await;
        let release = Entity::delete_many().filter(COLUMN.shop_id.eq(ShopId::NOBODY));
        let release = release.filter(COLUMN.domain.eq(domain.as_str())).filter(COLUMN.holder.eq(holder));
        if let Err(error) = release.exec(app.db.write()).await {
            tracing::info!(shop.domain = %domain, error = %error, "an exchange's lease was not given back; it runs out");
        }
        done
    });
    done.await.unwrap_or_else(|ended| Err(DbErr::Custom(ended.to_string()).into()))
}

async fn wait_for(app: &App, domain: &ShopDomain) -> Result<Uuid, InstallError> {
    let holder = app.chance.uuid_of(Stream::Jitter, app.clock.now());
    for _ in 0..LOOKS {
        if take(app.db.write(), domain, holder, app.clock.now()).await? {
            return Ok(holder);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(InstallError::Busy)
}

async fn take(db: &impl ConnectionTrait, domain: &ShopDomain, holder: Uuid, now: Timestamp) -> Result<bool, DbErr> {
    let row = ActiveModel {
        shop_id: Set(ShopId::NOBODY),
        domain: Set(domain.as_str().to_owned()),
        holder: Set(holder),
        lease_until: Set(now.plus_seconds(LEASE_SECONDS)),
    };
    let run_out = OnConflict::columns([Column::ShopId, Column::Domain])
        .update_columns([Column::Holder, Column::LeaseUntil])
        .action_and_where(Expr::col(("token_exchanges", Column::LeaseUntil)).lt(now))
        .to_owned();
    Ok(insert_or(db, Entity::insert(row).on_conflict(run_out)).await? == 1)
}
