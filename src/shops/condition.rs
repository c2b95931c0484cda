//! What calls and openings told about a shop: whether it is frozen, which API version answers, when it was last opened.
//!
//! Apart from `shops`, which is a directory copied to every node and therefore never changes by itself.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use super::token;
use crate::db::insert_or;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shop_conditions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    /// Shopify answers 402 or 423 since then.
    pub frozen_since: Option<Timestamp>,
    /// When it last did.
    pub frozen_checked_at: Option<Timestamp>,
    /// The API version that answers instead of the one we ask for.
    pub served_version: Option<String>,
    /// Since when.
    pub served_since: Option<Timestamp>,
    /// When we last learnt what the shop grants.
    pub scopes_at: Option<Timestamp>,
    /// When Shopify last vouched for somebody who opened the app, by Shopify's clock: it was installed then.
    pub opened_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The condition of a shop; the empty one when nothing was told.
pub(super) async fn of(db: &impl ConnectionTrait, shop: ShopId) -> Result<Model, DbErr> {
    let nothing = Model {
        shop_id: shop,
        frozen_since: None,
        frozen_checked_at: None,
        served_version: None,
        served_since: None,
        scopes_at: None,
        opened_at: None,
    };
    Ok(Entity::find_by_id(shop).one(db).await?.unwrap_or(nothing))
}

/// The shop is frozen, as of now.
pub(super) async fn frozen(db: &impl ConnectionTrait, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
    let first =
        Func::coalesce([Expr::col(("shop_conditions", "frozen_since")), Expr::col(("excluded", "frozen_since"))]);
    let row = ActiveModel { frozen_since: Set(Some(now)), frozen_checked_at: Set(Some(now)), ..blank(shop) };
    let update = OnConflict::column(Column::ShopId)
        .update_column(Column::FrozenCheckedAt)
        .value(Column::FrozenSince, first)
        .to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(db).await.map(drop)
}

/// The shop answers again. `false`: it was not known to be frozen.
pub(super) async fn thawed(db: &impl ConnectionTrait, shop: ShopId) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::FrozenSince, Expr::value(Option::<Timestamp>::None))
        .col_expr(Column::FrozenCheckedAt, Expr::value(Option::<Timestamp>::None))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(Column::FrozenSince.is_not_null());
    Ok(update.exec(db).await?.rows_affected == 1)
}

/// Another API version than the one we ask for answers since now; `None`: ours does again.
pub(super) async fn served(
    db: &impl ConnectionTrait,
    shop: ShopId,
    other: Option<String>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let since = other.is_some().then_some(now);
    let row = ActiveModel { served_version: Set(other), served_since: Set(since), ..blank(shop) };
    upsert(db, row, &[Column::ServedVersion, Column::ServedSince]).await
}

/// Somebody opened the app with a proof of this instant; an older proof changes nothing.
pub(super) async fn opened(db: &impl ConnectionTrait, shop: ShopId, at: Timestamp) -> Result<(), DbErr> {
    let row = ActiveModel { opened_at: Set(Some(at)), ..blank(shop) };
    let newer = Expr::col(("shop_conditions", "opened_at"))
        .is_null()
        .or(Expr::col(("shop_conditions", "opened_at")).lt(Expr::col(("excluded", "opened_at"))));
    let update = OnConflict::column(Column::ShopId).update_column(Column::OpenedAt).action_and_where(newer).to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(db).await.map(drop)
}

/// What the shop grants was learnt at this instant. `false`: something newer is known.
pub(super) async fn learnt_scopes(db: &impl ConnectionTrait, shop: ShopId, at: Timestamp) -> Result<bool, DbErr> {
    let row = ActiveModel { scopes_at: Set(Some(at)), ..blank(shop) };
    let newer = Expr::col(("shop_conditions", "scopes_at"))
        .is_null()
        .or(Expr::col(("shop_conditions", "scopes_at")).lte(Expr::col(("excluded", "scopes_at"))));
    let update = OnConflict::column(Column::ShopId).update_column(Column::ScopesAt).action_and_where(newer).to_owned();
    Ok(insert_or(db, Entity::insert(row).on_conflict(update)).await? == 1)
}

async fn upsert(db: &impl ConnectionTrait, row: ActiveModel, columns: &[Column]) -> Result<(), DbErr> {
    let update = OnConflict::column(Column::ShopId).update_columns(columns.iter().copied()).to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(db).await.map(drop)
}

fn blank(shop: ShopId) -> ActiveModel {
    ActiveModel {
        shop_id: Set(shop),
        frozen_since: Set(None),
        frozen_checked_at: Set(None),
        served_version: Set(None),
        served_since: Set(None),
        scopes_at: Set(None),
        opened_at: Set(None),
    }
}

/// How many installed shops need what: for the operator (one of the few statements over all shops).
#[derive(Clone, Copy, Debug, Default)]
pub struct Health {
    /// Their merchant has to open the app once.
    pub reopening: u64,
    /// Shopify has frozen or locked them.
    pub frozen: u64,
    /// They answer in another API version than ours.
    pub fallen_forward: u64,
}

/// Counts what is the matter with shops.
pub async fn health(db: &impl ConnectionTrait) -> Result<Health, DbErr> {
    Ok(Health {
        reopening: token::Entity::find().filter(token::Column::ReopenSince.is_not_null()).count(db).await?,
        frozen: Entity::find().filter(Column::FrozenSince.is_not_null()).count(db).await?,
        fallen_forward: Entity::find().filter(Column::ServedVersion.is_not_null()).count(db).await?,
    })
}
