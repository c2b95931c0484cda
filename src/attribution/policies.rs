//! A shop's policies as rows: each change is a version of its own, and receipts name the one they were made by. A shop
//! without a row of its own counts by the standard.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::conversion;
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
    /// Since when it is counted by no longer.
    pub retired_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Policies of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// Every version of every policy that was made, by name, the newest first.
pub async fn all(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<Model>, DbErr> {
    Entity::of(shop).order_by_asc(COLUMN.name).order_by_desc(COLUMN.version).all(db).await
}

/// The shop counts by a version from now on, or no longer by a policy.
pub(super) async fn switch(
    txn: &impl ConnectionTrait,
    (shop, name): (ShopId, &str),
    version: Option<i32>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let of = |update: sea_orm::UpdateMany<Entity>| update.filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.name.eq(name));
    let Some(version) = version else {
        let retire = Entity::update_many().col_expr(Column::RetiredAt, Expr::value(now));
        return of(retire).filter(Column::RetiredAt.is_null()).exec(txn).await.map(drop);
    };
    let activate = Entity::update_many()
        .col_expr(Column::ActivatedAt, Expr::value(now))
        .col_expr(Column::RetiredAt, Expr::value(Option::<Timestamp>::None));
    of(activate).filter(COLUMN.version.eq(version)).exec(txn).await.map(drop)
}

/// Keeps a policy as it is written, its version too.
pub async fn keep(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    policy: &Policy,
    now: Timestamp,
    activated: bool,
) -> Result<(), DbErr> {
    let row = Model {
        shop_id: shop,
        name: policy.name.clone(),
        version: policy.version,
        document: policy.clone(),
        made_at: now,
        activated_at: activated.then_some(now),
        retired_at: None,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(txn).await.map(drop)
}

/// Under which name verdicts of an earlier version are kept.
pub(super) fn aside(name: &str, version: i32) -> String {
    format!("{name}@{version}")
}

/// The policy of a name as the shop counts by it now, or `name@version` as it counted by an earlier version; `None`: the
/// shop has none of that name.
pub async fn named(db: &impl ConnectionTrait, shop: ShopId, name: &str) -> Result<Option<Policy>, DbErr> {
    if let Some((bare, version)) = name.split_once('@') {
        let Some(version) = version.parse::<i32>().ok() else { return Ok(None) };
        // Only what it said can be asked for, not what it would have said.
        let said = conversion::Entity::find().filter(conversion::COLUMN.shop_id.eq(shop));
        if said.filter(conversion::COLUMN.policy.eq(name)).limit(1).one(db).await?.is_none() {
            return Ok(None);
        }
        let kept = Entity::find_by_id((shop, bare.to_owned(), version)).one(db).await?;
        let document = kept.filter(|row| row.activated_at.is_some()).map(|row| row.document);
        let document = document.or_else(|| Policy::earlier_standard(version).filter(|policy| policy.name == bare));
        return Ok(document.map(|policy| Policy { name: name.to_owned(), ..policy }));
    }
    let newest = Entity::of(shop)
        .filter(COLUMN.name.eq(name))
        .filter(Column::ActivatedAt.is_not_null())
        .filter(Column::RetiredAt.is_null())
        .order_by_desc(COLUMN.version)
        .limit(1)
        .one(db)
        .await?;
    let document = newest.map(|row| row.document);
    Ok(document.or_else(|| Some(Policy::standard()).filter(|policy| policy.name == name)))
}

/// Every policy that the shop's verdicts are kept under, the default first.
pub async fn active(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<Policy>, DbErr> {
    let rows = Entity::of(shop)
        .filter(Column::ActivatedAt.is_not_null())
        .filter(Column::RetiredAt.is_null())
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

/// Earlier versions of policies that a report can be asked for: those that said something of some order.
pub(super) async fn put_aside(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<String>, DbErr> {
    let mut names = Vec::new();
    let mut candidates: Vec<(String, i32)> =
        all(db, shop).await?.into_iter().map(|row| (row.name, row.version)).collect();
    candidates.extend((1..=Policy::standard().version).map(|version| (DEFAULT.to_owned(), version)));
    candidates.sort();
    candidates.dedup();
    for (name, version) in candidates.into_iter().rev() {
        let name = aside(&name, version);
        if named(db, shop, &name).await?.is_some() {
            names.push(name);
        }
    }
    Ok(names)
}
