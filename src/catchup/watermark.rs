//! Up to which instant a source is known to be whole.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, OnConflict};
use sea_orm::{ActiveValue::Set, ExprTrait, QueryOrder};
use serde::Serialize;

use super::backfill;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shops::Shop;
use crate::webhooks;

/// What is compared with Shopify.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = ComparedSource)]
pub enum Source {
    /// Orders with their refunds, edits and cancellations.
    Orders,
    /// Checkouts that were left.
    Checkouts,
    /// That the app is installed, and what it may do.
    Installation,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Orders, Self::Checkouts, Self::Installation];
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "watermarks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: Source,
    pub complete_through: Option<Timestamp>,
    pub checked_at: Option<Timestamp>,
    pub found: i64,
    pub last_found_at: Option<Timestamp>,
    pub last_error: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Watermarks of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// What a reading of a source came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Read {
    /// Everything before this instant is here.
    pub through: Option<Timestamp>,
    /// The source itself was asked, not only found to be reachable.
    pub asked: bool,
    /// How many states were missing.
    pub found: i64,
    /// Why it went no further.
    pub stopped: Option<String>,
}

/// Writes down what a reading came to. A watermark never goes back.
pub(super) async fn note(
    db: &impl ConnectionTrait,
    shop: ShopId,
    source: Source,
    read: &Read,
    now: Timestamp,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        shop_id: Set(shop),
        source: Set(source),
        complete_through: Set(read.through),
        checked_at: Set(read.asked.then_some(now)),
        found: Set(read.found),
        last_found_at: Set((read.found > 0).then_some(now)),
        last_error: Set(read.stopped.clone()),
    };
    let old = |column: Column| Expr::col(("watermarks", column));
    let new = |column: Column| Expr::col(("excluded", column));
    let told = |column: Column| -> Expr {
        CaseStatement::new().case(new(column).is_null(), old(column)).finally(new(column)).into()
    };
    let through: Expr = {
        let further =
            old(Column::CompleteThrough).is_null().or(new(Column::CompleteThrough).gt(old(Column::CompleteThrough)));
        CaseStatement::new().case(further, new(Column::CompleteThrough)).finally(old(Column::CompleteThrough)).into()
    };
    let update = OnConflict::columns([Column::ShopId, Column::Source])
        .update_columns([Column::LastError])
        .value(Column::CompleteThrough, through)
        .value(Column::CheckedAt, told(Column::CheckedAt))
        .value(Column::LastFoundAt, told(Column::LastFoundAt))
        .value(Column::Found, old(Column::Found).add(new(Column::Found)))
        .to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(db).await.map(drop)
}

/// Orders are to be compared from an earlier instant on: the past could not be had at once.
pub(super) async fn rewind(db: &impl ConnectionTrait, shop: ShopId, to: Timestamp) -> Result<(), DbErr> {
    let first = Read { through: Some(to), ..Read::default() };
    note(db, shop, Source::Orders, &first, to).await?;
    Entity::update_many()
        .col_expr(Column::CompleteThrough, Expr::value(to))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.source.eq(Source::Orders))
        .exec(db)
        .await
        .map(drop)
}

/// The watermarks of a shop, in the order of their sources.
pub(super) async fn of_shop(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<Model>, DbErr> {
    let mut all = Entity::of(shop).order_by_asc(COLUMN.source).all(db).await?;
    all.sort_by_key(|one| one.source);
    Ok(all)
}

/// The instant from which on a shop's orders are here.
pub async fn begins(db: &impl ConnectionTrait, shop: &Shop) -> Result<Timestamp, DbErr> {
    let backfill = backfill::Entity::find_by_id(shop.shop_id).one(db).await?;
    Ok(backfill.map_or(shop.installed_at, |backfill| backfill.since))
}

/// The instant up to which everything of a shop is here. `None` while a source, or the past, has not been read.
pub async fn complete_through(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Timestamp>, DbErr> {
    let marks = of_shop(db, shop).await?;
    let filled = backfill::Entity::find_by_id(shop).one(db).await?.is_some_and(|backfill| backfill.state.over());
    let each: Option<Vec<Timestamp>> = marks.iter().map(|mark| mark.complete_through).collect();
    let Some(each) = each.filter(|each| filled && each.len() == Source::ALL.len()) else { return Ok(None) };
    let waits = webhooks::oldest_pending(db, shop).await?;
    Ok(each.into_iter().chain(waits).min())
}
