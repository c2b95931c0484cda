//! One step of a checkout: an instant at which it was worked on.

use std::collections::HashMap;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checkout_activities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// When some checkouts were worked on, each oldest first.
pub async fn steps_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    tokens: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Vec<Timestamp>>, DbErr> {
    let steps = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.token.is_in(tokens)).all(db).await?;
    let mut by_token: HashMap<String, Vec<Timestamp>> = HashMap::new();
    steps.into_iter().for_each(|step| by_token.entry(step.token).or_default().push(step.at));
    by_token.values_mut().for_each(|steps| steps.sort());
    Ok(by_token)
}

/// Notes an instant at which a checkout was worked on. Safe to repeat.
pub(super) async fn record(txn: &impl ConnectionTrait, shop: ShopId, token: &str, at: Timestamp) -> Result<(), DbErr> {
    let step = ActiveModel { shop_id: Set(shop), token: Set(token.to_owned()), at: Set(at) };
    let once = OnConflict::columns([Column::ShopId, Column::Token, Column::At]).do_nothing().to_owned();
    Entity::insert(step).on_conflict(once).exec_without_returning(txn).await.map(drop)
}
