//! A shop's policies as rows: each change is a version of its own, and receipts name the one they were made by. A shop
//! without a row of its own counts by the standard.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};

use super::policy::{DEFAULT, Policy};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub document: Policy,
    pub made_at: Timestamp,
    /// Since when it is counted by; never: only a draft.
    pub activated_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The policy of a name as the shop counts by it now; `None`: the shop has none of that name.
pub async fn named(db: &impl ConnectionTrait, shop: ShopId, name: &str) -> Result<Option<Policy>, DbErr> {
    let newest = Entity::find()
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.name.eq(name))
        .filter(Column::ActivatedAt.is_not_null())
        .order_by_desc(COLUMN.version)
        .limit(1)
        .one(db)
        .await?;
    let document = newest.map(|row| row.document);
    Ok(document.or_else(|| Some(Policy::standard()).filter(|policy| policy.name == name)))
}

/// Every policy that the shop's verdicts are kept under, the default first.
pub async fn active(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<Policy>, DbErr> {
    let rows = Entity::find()
        .filter(COLUMN.shop_id.eq(shop))
        .filter(Column::ActivatedAt.is_not_null())
        .order_by_asc(COLUMN.name)
        .order_by_desc(COLUMN.version)
        .all(db)
        .await?;
    let mut policies: Vec<Policy> = rows.into_iter().map(|row| row.document).collect();
    policies.dedup_by(|later, newest| later.name == newest.name);
    if !policies.iter().any(|policy| policy.name == DEFAULT) {
        policies.push(Policy::standard());
    }
    policies.sort_by_key(|policy| policy.name != DEFAULT);
    Ok(policies)
}

/// How far before an order taps on links may lie that touch it under any of some policies; `None`: without limit.
pub(super) fn taps_count_seconds(policies: &[Policy]) -> Option<i64> {
    policies.iter().map(Policy::taps_count_seconds).try_fold(0, |longest, window| Some(window?.max(longest)))
}
