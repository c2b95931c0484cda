//! How the reading of a shop's days stands: when Shopify was asked, when it answered, and why not.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, OnConflict};
use sea_orm::{ActiveValue::Set, ExprTrait};

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shop_day_readings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    pub asked_at: Timestamp,
    /// When it was last answered.
    pub read_at: Option<Timestamp>,
    /// Since when Shopify refuses, though the scope was granted.
    pub refused_at: Option<Timestamp>,
    /// Why it was not answered the last time, in words.
    pub trouble: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What became of the asking.
pub(super) enum Outcome {
    Read,
    Refused(String),
    Trouble(Option<String>),
}

/// Writes down what became of an asking. What was read before stays read.
pub(super) async fn note(
    db: &impl ConnectionTrait,
    shop: ShopId,
    outcome: Outcome,
    now: Timestamp,
) -> Result<(), DbErr> {
    let (read_at, refused_at, trouble) = match outcome {
        Outcome::Read => (Some(now), None, None),
        Outcome::Refused(why) => (None, Some(now), Some(why)),
        Outcome::Trouble(why) => (None, None, why),
    };
    let refused = refused_at.is_some();
    let row = ActiveModel {
        shop_id: Set(shop),
        asked_at: Set(now),
        read_at: Set(read_at),
        refused_at: Set(refused_at),
        trouble: Set(trouble),
    };
    let old = |column: Column| Expr::col(("shop_day_readings", column));
    let new = |column: Column| Expr::col(("excluded", column));
    let first = |one: Expr, other: Expr| -> Expr {
        CaseStatement::new().case(one.clone().is_null(), other).finally(one).into()
    };
    let since: Expr =
        if refused { first(old(Column::RefusedAt), new(Column::RefusedAt)) } else { new(Column::RefusedAt) };
    let update = OnConflict::column(Column::ShopId)
        .update_columns([Column::AskedAt, Column::Trouble])
        .value(Column::ReadAt, first(new(Column::ReadAt), old(Column::ReadAt)))
        .value(Column::RefusedAt, since)
        .to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(db).await.map(drop)
}

/// How the reading stands; `None`: Shopify was never asked.
pub async fn shop_days_read(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(shop).one(db).await
}
