//! The job that derives verdicts, and the one way in which they are written.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::derive::{Verdict, derive};
use super::load;
use super::policy::Policy;
use super::unsettled::{self, Settle};
use super::{conversion, credit, policies, receipt};
use crate::app::App;
use crate::db::INSERT_ROWS;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::orders::{self, OrderId};
use crate::shops::{Shop, Shops};

/// Orders settled in one transaction.
const BATCH: u64 = 200;

impl Job for Settle {
    const NAME: &'static str = "attribution.settle";

    fn key(&self) -> Option<String> {
        Some("settle".to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let Some(shop) = Shops::find_by_id(shop).one(app.db.read()).await? else { return Ok(Next::Done) };
        let mut after = OrderId(i64::MIN);
        loop {
            let txn = app.db.begin_write().await?;
            let waiting = unsettled::Entity::find()
                .filter(unsettled::COLUMN.shop_id.eq(shop.shop_id))
                .filter(unsettled::COLUMN.shopify_order_id.gt(after))
                .order_by_asc(unsettled::COLUMN.shopify_order_id)
                .limit(BATCH)
                .all(&txn)
                .await?;
            let Some(last) = waiting.last() else { return Ok(Next::Done) };
            after = last.shopify_order_id;
            let ids: Vec<OrderId> = waiting.iter().map(|row| row.shopify_order_id).collect();
            settle(&txn, &shop, &ids).await?;
            for row in waiting {
                // A fact that came meanwhile raised `again`: the row stays and the job, promised anew, comes back.
                unsettled::Entity::delete_many()
                    .filter(unsettled::COLUMN.shop_id.eq(row.shop_id))
                    .filter(unsettled::COLUMN.shopify_order_id.eq(row.shopify_order_id))
                    .filter(unsettled::COLUMN.again.eq(row.again))
                    .exec(&txn)
                    .await?;
            }
            txn.commit().await?;
        }
    }
}

/// Derives and writes the verdicts of some orders under every policy of the shop; answers how many came out different.
pub async fn settle(txn: &impl ConnectionTrait, shop: &Shop, ids: &[OrderId]) -> Result<usize, DbErr> {
    let policies = policies::active(txn, shop.shop_id).await?;
    let dossiers = load::dossiers(txn, shop.shop_id, ids, &policies).await?;
    orders::note_differences(txn, shop.shop_id, dossiers.iter().map(|dossier| &dossier.facts)).await?;
    let mut changed = 0;
    for policy in &policies {
        let verdict = |dossier| derive(dossier, policy, (shop.zone(), shop.money()));
        let verdicts = dossiers.iter().map(verdict).collect();
        changed += replace(txn, shop.shop_id, policy, ids, verdicts).await?;
    }
    Ok(changed)
}

/// Writes verdicts in place of what stood there; what did not change is left alone.
async fn replace(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    policy: &Policy,
    ids: &[OrderId],
    verdicts: Vec<Verdict>,
) -> Result<usize, DbErr> {
    let known = read(txn, shop, policy, ids).await?;
    let changed: Vec<Verdict> = verdicts.into_iter().filter(|verdict| !known.contains(verdict)).collect();
    let gone: Vec<OrderId> =
        changed.iter().filter_map(|verdict| verdict.conversions.first()).map(|row| row.shopify_order_id).collect();
    if gone.is_empty() {
        return Ok(0);
    }
    conversion::Entity::delete_many()
        .filter(conversion::COLUMN.shop_id.eq(shop))
        .filter(conversion::COLUMN.policy.eq(&policy.name))
        .filter(conversion::COLUMN.shopify_order_id.is_in(gone.clone()))
        .exec(txn)
        .await?;
    credit::Entity::delete_many()
        .filter(credit::COLUMN.shop_id.eq(shop))
        .filter(credit::COLUMN.policy.eq(&policy.name))
        .filter(credit::COLUMN.shopify_order_id.is_in(gone.clone()))
        .exec(txn)
        .await?;
    receipt::Entity::delete_many()
        .filter(receipt::COLUMN.shop_id.eq(shop))
        .filter(receipt::COLUMN.policy.eq(&policy.name))
        .filter(receipt::COLUMN.shopify_order_id.is_in(gone))
        .exec(txn)
        .await?;
    let count = changed.len();
    let mut conversions = Vec::new();
    let mut credits = Vec::new();
    let mut receipts = Vec::new();
    for verdict in changed {
        let Some(first) = verdict.conversions.first() else { continue };
        receipts.push(receipt::Model {
            shop_id: shop,
            policy: policy.name.clone(),
            shopify_order_id: first.shopify_order_id,
            document: verdict.receipt,
        });
        conversions.extend(verdict.conversions);
        credits.extend(verdict.credits);
    }
    for rows in conversions.chunks(INSERT_ROWS) {
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        conversion::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    for rows in credits.chunks(INSERT_ROWS) {
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        credit::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    for rows in receipts.chunks(INSERT_ROWS) {
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        receipt::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    Ok(count)
}

/// The verdicts as they stand.
async fn read(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    policy: &Policy,
    ids: &[OrderId],
) -> Result<Vec<Verdict>, DbErr> {
    let conversions = conversion::Entity::find()
        .filter(conversion::COLUMN.shop_id.eq(shop))
        .filter(conversion::COLUMN.policy.eq(&policy.name))
        .filter(conversion::COLUMN.shopify_order_id.is_in(ids.to_vec()))
        .order_by_asc(conversion::COLUMN.effective_at)
        .all(txn)
        .await?;
    let mut credits = credit::Entity::find()
        .filter(credit::COLUMN.shop_id.eq(shop))
        .filter(credit::COLUMN.policy.eq(&policy.name))
        .filter(credit::COLUMN.shopify_order_id.is_in(ids.to_vec()))
        .all(txn)
        .await?;
    credits.sort_by_key(credit::Model::place_in_line);
    let receipts = receipt::Entity::find()
        .filter(receipt::COLUMN.shop_id.eq(shop))
        .filter(receipt::COLUMN.policy.eq(&policy.name))
        .filter(receipt::COLUMN.shopify_order_id.is_in(ids.to_vec()))
        .all(txn)
        .await?;
    let of = |receipt: receipt::Model| Verdict {
        conversions: conversions
            .iter()
            .filter(|row| row.shopify_order_id == receipt.shopify_order_id)
            .cloned()
            .collect(),
        credits: credits.iter().filter(|row| row.shopify_order_id == receipt.shopify_order_id).cloned().collect(),
        receipt: receipt.document,
    };
    Ok(receipts.into_iter().map(of).collect())
}
