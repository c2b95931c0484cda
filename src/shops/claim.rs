//! The WhatsApp numbers a shop says it sends from, and which of them are proven ([`super::number`]).

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder};

use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "number_claims")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub phone_number_id: String,
    /// Whether it was shown that the shop sends through it.
    pub proven: bool,
}

impl ActiveModelBehavior for ActiveModel {}

/// The claims of a shop, by number.
pub(super) async fn of_shop(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(COLUMN.shop_id.eq(shop)).order_by_asc(COLUMN.phone_number_id).all(db).await
}

/// Which of these numbers the shop claims without a proof.
pub(super) async fn unproven(
    db: &impl ConnectionTrait,
    shop: ShopId,
    numbers: BTreeSet<String>,
) -> Result<Vec<String>, DbErr> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let claims = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.phone_number_id.is_in(numbers));
    let claims = claims.filter(COLUMN.proven.eq(false)).all(db).await?;
    Ok(claims.into_iter().map(|claim| claim.phone_number_id).collect())
}

/// Claims a number; again changes nothing.
pub(super) async fn make(db: &impl ConnectionTrait, shop: ShopId, number: &str) -> Result<(), DbErr> {
    let row = ActiveModel { shop_id: Set(shop), phone_number_id: Set(number.to_owned()), proven: Set(false) };
    let nothing = OnConflict::columns([Column::ShopId, Column::PhoneNumberId]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(nothing).exec_without_returning(db).await.map(drop)
}

/// The claim is proven from now on, or no longer: another shop has the number.
pub(super) async fn mark(db: &impl ConnectionTrait, shop: ShopId, number: &str, proven: bool) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::Proven, Expr::value(proven));
    update.filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.phone_number_id.eq(number)).exec(db).await.map(drop)
}

/// The shop left: none of its claims is proven any more.
pub(super) async fn doubt_all(db: &impl ConnectionTrait, shop: ShopId) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::Proven, Expr::value(false));
    update.filter(COLUMN.shop_id.eq(shop)).exec(db).await.map(drop)
}

/// Drops every claim that is not in `keep`.
pub(super) async fn keep_only(db: &impl ConnectionTrait, shop: ShopId, keep: &[String]) -> Result<(), DbErr> {
    let gone = Entity::delete_many().filter(COLUMN.shop_id.eq(shop));
    gone.filter(COLUMN.phone_number_id.is_not_in(keep.to_vec())).exec(db).await.map(drop)
}
