//! What a shop says about all its links: the UTM values its campaigns begin with, and a domain of its own.

mod look;
mod routes;

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, IntoActiveModel};

use crate::app::App;
use crate::campaigns::Utm;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

pub use look::Look;
pub use routes::configure;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link_settings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(column_type = "JsonBinary")]
    pub utm: Utm,
    /// The link domain the merchant asked for.
    pub domain: Option<String>,
    /// Why no links are made with it, in a sentence.
    pub trouble: Option<String>,
    pub looked_at: Option<Timestamp>,
    pub changed_at: Timestamp,
    /// What the last look showed, when the domain did not lead here.
    pub seen: Option<String>,
    /// When the first of the failed looks was that no good one followed.
    pub failing_since: Option<Timestamp>,
    /// How many those are.
    pub failures: Option<i64>,
    /// Set for a domain that served before its owner was asked to say whose it is: how long it does so without.
    pub unproved_until: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the shop chose; the usual while it chose nothing.
pub async fn of(db: &impl ConnectionTrait, shop: ShopId) -> Result<Model, DbErr> {
    Ok(Entity::find_by_id(shop).one(db).await?.unwrap_or_else(|| nothing(shop)))
}

fn nothing(shop: ShopId) -> Model {
    Model {
        shop_id: shop,
        utm: Utm::default(),
        domain: None,
        trouble: None,
        looked_at: None,
        changed_at: Timestamp::from_seconds(0),
        seen: None,
        failing_since: None,
        failures: None,
        unproved_until: None,
    }
}

/// Shops whose domain nobody has proved yet (one of the few statements over all shops).
pub async fn unproved(db: &impl ConnectionTrait) -> Result<BTreeSet<ShopId>, DbErr> {
    use sea_orm::QuerySelect;
    let find = Entity::find().filter(COLUMN.unproved_until.is_not_null()).select_only().column(Column::ShopId);
    Ok(find.into_tuple().all(db).await?.into_iter().collect())
}

/// Keeps it. A domain other than the present one speaks for nobody until it is looked at, which is promised here.
pub async fn keep(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    utm: Utm,
    domain: Option<String>,
    now: Timestamp,
) -> Result<(), DbErr> {
    if of(txn, shop).await?.domain != domain {
        look::forget(txn, shop).await?;
        if domain.is_some() {
            Look::enqueue(txn, app, shop, now).await?;
        }
    }
    let row = Model { utm, domain, changed_at: now, ..nothing(shop) }.into_active_model().reset_all();
    let again =
        OnConflict::column(Column::ShopId).update_columns([Column::Utm, Column::Domain, Column::ChangedAt]).to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(txn).await.map(drop)
}
