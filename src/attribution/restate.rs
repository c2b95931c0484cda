//! Restating history: when a policy is counted by anew, every order of the shop is judged by it, in the background and in
//! pages; a verdict is never missing while that runs. What an earlier version said stays readable beside it.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};

use super::policies;
use super::policy::Policy;
use super::settle::{Learning, settle_by};
use super::worth_changed::WorthChanged;
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::{OrderId, ids_after};
use crate::shops::{Shop, Shops};

/// How far the restating of a policy has come.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restatements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub policy: String,
    pub version: i32,
    pub after_order_id: OrderId,
    /// Orders judged so far.
    pub orders: i64,
    /// Those of them whose verdict came out different.
    pub changed: i64,
    pub began_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Orders judged in one transaction.
const PAGE: u64 = 200;

/// Pages per run; then other jobs have their turn.
const A_RUN: usize = 50;

/// The job: judges history by the policies for which that has not been done.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Restate {}

impl Job for Restate {
    const NAME: &'static str = "attribution.restate";

    fn key(&self) -> Option<String> {
        Some("restate".to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let Some(shop) = Shops::find_by_id(shop).one(app.db.read()).await? else { return Ok(Next::Done) };
        for _ in 0..A_RUN {
            if !page(&app, &shop).await? {
                return Ok(Next::Done);
            }
        }
        Ok(Next::At(app.clock.now()))
    }
}

/// Asks for history to be restated, in the transaction that changes what the shop counts by.
pub(super) async fn ask(txn: &impl ConnectionTrait, app: &App, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
    jobs::enqueue(txn, &app.chance, shop, &Restate {}, now, now).await
}

/// A policy's history is to be restated whatever was done before.
pub(super) async fn anew(txn: &impl ConnectionTrait, shop: ShopId, policy: &str) -> Result<(), DbErr> {
    let of = Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.policy.eq(policy));
    of.exec(txn).await.map(drop)
}

/// How far each policy of a shop has come.
pub async fn progress(db: &impl ConnectionTrait, shop: ShopId) -> Result<HashMap<String, Model>, DbErr> {
    let rows = Entity::find().filter(COLUMN.shop_id.eq(shop)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.policy.clone(), row)).collect())
}

/// Judges one page by the first policy that is not through. `false`: all are.
async fn page(app: &App, shop: &Shop) -> Result<bool, DbErr> {
    let now = app.clock.now();
    let txn = app.db.begin_write().await?;
    let known = progress(&txn, shop.shop_id).await?;
    let done = |policy: &&Policy| {
        known.get(&policy.name).is_some_and(|row| row.version == policy.version && row.ended_at.is_some())
    };
    let active = policies::active(&txn, shop.shop_id).await?;
    let Some(policy) = active.iter().find(|policy| !done(policy)) else {
        txn.rollback().await?;
        return Ok(false);
    };
    let begun = known.get(&policy.name).filter(|row| row.version == policy.version).cloned();
    let mut row = begun.unwrap_or_else(|| Model {
        shop_id: shop.shop_id,
        policy: policy.name.clone(),
        version: policy.version,
        after_order_id: OrderId(i64::MIN),
        orders: 0,
        changed: 0,
        began_at: now,
        ended_at: None,
    });
    let ids = ids_after(&txn, shop.shop_id, row.after_order_id, PAGE).await?;
    let settled = settle_by(&txn, shop, std::slice::from_ref(policy), &ids, Learning::rules(now)).await?;
    WorthChanged::tell(&txn, app, shop.shop_id, settled.worth()).await?;
    settled.counts.append(&txn, &app.chance, shop.shop_id, now).await?;
    row.orders += i64::try_from(ids.len()).unwrap_or(i64::MAX);
    row.changed += i64::try_from(settled.changed.len()).unwrap_or(i64::MAX);
    match ids.last() {
        Some(last) => row.after_order_id = *last,
        None => row.ended_at = Some(now),
    }
    keep(&txn, known.contains_key(&policy.name), row).await?;
    txn.commit().await?;
    Ok(true)
}

async fn keep(txn: &impl ConnectionTrait, known: bool, row: Model) -> Result<(), DbErr> {
    if !known {
        return Entity::insert(row.into_active_model()).exec_without_returning(txn).await.map(drop);
    }
    let Model { shop_id, policy, version, after_order_id, orders, changed, began_at, ended_at } = row;
    let row = ActiveModel {
        shop_id: Set(shop_id),
        policy: Set(policy),
        version: Set(version),
        after_order_id: Set(after_order_id),
        orders: Set(orders),
        changed: Set(changed),
        began_at: Set(began_at),
        ended_at: Set(ended_at),
    };
    row.update(txn).await.map(drop)
}
