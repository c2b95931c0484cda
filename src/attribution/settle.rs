//! The job that derives verdicts, and the one way in which they are written.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::credited::count_credits;
use super::derive::{Verdict, derive};
use super::load;
use super::policy::{DEFAULT, Policy};
use super::unsettled::{self, Settle};
use super::verdicts_changed::VerdictsChanged;
use super::worth_changed::WorthChanged;
use super::{before, buyer, conversion, counted, credit, policies, receipt};
use crate::app::App;
use crate::db::INSERT_ROWS;
use crate::db::counts::Changes;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
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
            let policies = policies::active(&txn, shop.shop_id).await?;
            let settled = settle_by(&txn, &shop, &policies, &ids, Learning::facts(app.clock.now())).await?;
            WorthChanged::tell(&txn, &app, shop.shop_id, settled.worth()).await?;
            settled.counts.append(&txn, &app.chance, shop.shop_id, app.clock.now()).await?;
            // In the transaction that writes it: whoever listens hears of every difference, and of nothing else.
            let default =
                settled.changed.into_iter().filter(|one| one.policy == DEFAULT && one.shows).map(|one| one.order.0);
            VerdictsChanged::tell(&txn, &app, shop.shop_id, default.collect()).await?;
            for row in &waiting {
                // A fact that came meanwhile raised `again`: the row stays and the job, promised anew, comes back.
                unsettled::Entity::delete_many()
                    .filter(unsettled::COLUMN.shop_id.eq(row.shop_id))
                    .filter(unsettled::COLUMN.shopify_order_id.eq(row.shopify_order_id))
                    .filter(unsettled::COLUMN.again.eq(row.again))
                    .exec(&txn)
                    .await?;
            }
            txn.commit().await?;
            let now = app.clock.now();
            for since in waiting.iter().filter_map(|row| row.since) {
                metrics::histogram!("recoup_verdict_lag_seconds").record(lag(since, now));
            }
        }
    }
}

/// Seconds from when something came in to now.
fn lag(since: Timestamp, now: Timestamp) -> Duration {
    Duration::from_micros(u64::try_from(now.micros() - since.micros()).unwrap_or(0))
}

/// Derives and writes the verdicts of some orders under every policy of the shop; answers how many came out different.
pub async fn settle(txn: &impl ConnectionTrait, app: &App, shop: &Shop, ids: &[OrderId]) -> Result<usize, DbErr> {
    let policies = policies::active(txn, shop.shop_id).await?;
    let settled = settle_by(txn, shop, &policies, ids, Learning::facts(app.clock.now())).await?;
    settled.counts.append(txn, &app.chance, shop.shop_id, app.clock.now()).await?;
    Ok(settled.changed.len())
}

/// A verdict that came out different.
pub(super) struct Changed {
    order: OrderId,
    policy: String,
    /// In what is told of it: where the order stands now, what it counts and whose it is. Otherwise only the receipt is
    /// another one.
    shows: bool,
}

/// What judging some orders changed.
#[derive(Default)]
pub(super) struct Settled {
    /// Verdicts that came out different.
    pub(super) changed: Vec<Changed>,
    /// Orders behind which somebody else stood before.
    moved: BTreeSet<OrderId>,
    /// What reports count differently for it; to be appended by whoever commits.
    pub(super) counts: Changes,
}

impl Settled {
    /// Orders that count something else by the default policy, or behind which others stand.
    pub(super) fn worth(&self) -> BTreeSet<OrderId> {
        let shows = self.changed.iter().filter(|one| one.policy == DEFAULT && one.shows).map(|one| one.order);
        self.moved.iter().copied().chain(shows).collect()
    }
}

/// What makes orders be judged anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Learning {
    now: Timestamp,
    /// Facts of orders, so that one without a verdict was not known before; else rules.
    of_orders: bool,
}

impl Learning {
    /// Facts were learned.
    pub(super) const fn facts(now: Timestamp) -> Self {
        Self { now, of_orders: true }
    }

    /// Rules were changed.
    pub(super) const fn rules(now: Timestamp) -> Self {
        Self { now, of_orders: false }
    }
}

/// The same under some policies.
pub(super) async fn settle_by(
    txn: &impl ConnectionTrait,
    shop: &Shop,
    policies: &[Policy],
    ids: &[OrderId],
    learning: Learning,
) -> Result<Settled, DbErr> {
    let dossiers = load::dossiers(txn, shop.shop_id, ids).await?;
    orders::note_differences(txn, shop.shop_id, dossiers.iter().map(|dossier| &dossier.facts)).await?;
    let buyers = dossiers.iter().map(|dossier| (dossier.facts.order.shopify_order_id, &dossier.buyers));
    let moved = buyer::note(txn, shop.shop_id, buyers).await?;
    let mut settled = Settled { moved, ..Settled::default() };
    for policy in policies {
        let verdict = |dossier| derive(dossier, policy, (shop.zone(), shop.money()));
        let verdicts = dossiers.iter().map(verdict).collect();
        settled
            .changed
            .extend(replace(txn, shop.shop_id, (policy, learning), ids, verdicts, &mut settled.counts).await?);
    }
    Ok(settled)
}

/// Writes verdicts in place of what stood there; what did not change is left alone. What an earlier version of the policy
/// said is put aside under its own name, for reports that draw both.
async fn replace(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    (policy, learning): (&Policy, Learning),
    ids: &[OrderId],
    verdicts: Vec<Verdict>,
    counts: &mut Changes,
) -> Result<Vec<Changed>, DbErr> {
    let known = read(txn, shop, policy, ids).await?;
    let known: HashMap<OrderId, Verdict> =
        known.into_iter().filter_map(|verdict| Some((verdict.order()?, verdict))).collect();
    let same = |verdict: &Verdict| verdict.order().is_some_and(|order| known.get(&order) == Some(verdict));
    let changed: Vec<Verdict> = verdicts.into_iter().filter(|verdict| !same(verdict)).collect();
    let gone: Vec<OrderId> = changed.iter().filter_map(Verdict::order).collect();
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let present = |verdict: &Verdict| {
        verdict.conversions.last().map(|row| (row.line, row.net_minor, row.message_id, row.recovered_message_id))
    };
    let told = changed.iter().filter_map(|verdict| {
        let order = verdict.order()?;
        let shows = known.get(&order).and_then(present) != present(verdict);
        Some(Changed { order, policy: policy.name.clone(), shows })
    });
    let told: Vec<Changed> = told.collect();
    let mut earlier: BTreeMap<i32, Vec<OrderId>> = BTreeMap::new();
    for order in &gone {
        let version = known.get(order).map(|verdict| verdict.receipt.policy_version);
        if let Some(version) = version.filter(|version| *version < policy.version) {
            earlier.entry(version).or_default().push(*order);
        }
    }
    let was = |order: &OrderId| known.get(order).map(|verdict| before::Stages::of(&verdict.conversions));
    let otherwise = changed.iter().filter_map(|verdict| {
        let order = verdict.order()?;
        // Rules that nobody had asked for said nothing of it.
        let was = was(&order).or(learning.of_orders.then(before::Stages::default))?;
        Some((order, was, before::Stages::of(&verdict.conversions)))
    });
    before::keep(txn, (shop, &policy.name), otherwise, learning.now).await?;
    let written = changed.iter().flat_map(|verdict| &verdict.conversions);
    let stood = gone.iter().filter_map(|order| known.get(order)).flat_map(|verdict| &verdict.conversions);
    let behind = counted::behind(txn, shop, written.chain(stood)).await?;
    // What is really taken away, whoever wrote it meanwhile.
    let (mut taken, mut taken_credits) = (Vec::new(), Vec::new());
    let mut take = |(stages, credits): Taken| {
        taken.extend(stages);
        taken_credits.extend(credits);
    };
    for (version, orders) in earlier {
        take(put_aside(txn, shop, &policy.name, version, orders).await?);
    }
    take(clear(txn, shop, &policy.name, &gone).await?);
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
    counts.extend(counted::count(txn, (shop, &policy.name), (&taken, &conversions), &behind).await?);
    count_credits(counts, &policy.name, (&taken, &taken_credits), -1);
    count_credits(counts, &policy.name, (&conversions, &credits), 1);
    for rows in credits.chunks(INSERT_ROWS) {
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        credit::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    for rows in receipts.chunks(INSERT_ROWS) {
        let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        receipt::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    Ok(told)
}

/// Stages and credits that were taken away.
type Taken = (Vec<conversion::Model>, Vec<credit::Model>);

/// Takes verdicts of some orders away; answers their stages and credits.
async fn clear(txn: &impl ConnectionTrait, shop: ShopId, policy: &str, orders: &[OrderId]) -> Result<Taken, DbErr> {
    let stages = conversion::Entity::delete_many()
        .filter(conversion::COLUMN.shop_id.eq(shop))
        .filter(conversion::COLUMN.policy.eq(policy))
        .filter(conversion::COLUMN.shopify_order_id.is_in(orders.to_vec()))
        .exec_with_returning(txn)
        .await?;
    let credits = credit::Entity::delete_many()
        .filter(credit::COLUMN.shop_id.eq(shop))
        .filter(credit::COLUMN.policy.eq(policy))
        .filter(credit::COLUMN.shopify_order_id.is_in(orders.to_vec()))
        .exec_with_returning(txn)
        .await?;
    receipt::Entity::delete_many()
        .filter(receipt::COLUMN.shop_id.eq(shop))
        .filter(receipt::COLUMN.policy.eq(policy))
        .filter(receipt::COLUMN.shopify_order_id.is_in(orders.to_vec()))
        .exec(txn)
        .await?;
    Ok((stages, credits))
}

/// Keeps what a version of a policy said of some orders under its own name; answers the stages and credits as they stood before.
async fn put_aside(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    name: &str,
    version: i32,
    orders: Vec<OrderId>,
) -> Result<Taken, DbErr> {
    let aside = policies::aside(name, version);
    clear(txn, shop, &aside, &orders).await?;
    let stages = conversion::Entity::update_many()
        .col_expr(conversion::Column::Policy, Expr::value(aside.as_str()))
        .filter(conversion::COLUMN.shop_id.eq(shop))
        .filter(conversion::COLUMN.policy.eq(name))
        .filter(conversion::COLUMN.shopify_order_id.is_in(orders.clone()))
        .exec_with_returning(txn)
        .await?;
    let credits = credit::Entity::update_many()
        .col_expr(credit::Column::Policy, Expr::value(aside.as_str()))
        .filter(credit::COLUMN.shop_id.eq(shop))
        .filter(credit::COLUMN.policy.eq(name))
        .filter(credit::COLUMN.shopify_order_id.is_in(orders.clone()))
        .exec_with_returning(txn)
        .await?;
    receipt::Entity::update_many()
        .col_expr(receipt::Column::Policy, Expr::value(aside.as_str()))
        .filter(receipt::COLUMN.shop_id.eq(shop))
        .filter(receipt::COLUMN.policy.eq(name))
        .filter(receipt::COLUMN.shopify_order_id.is_in(orders))
        .exec(txn)
        .await?;
    let stages = stages.into_iter().map(|stage| conversion::Model { policy: name.to_owned(), ..stage });
    Ok((stages.collect(), credits))
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
    let mut stages: HashMap<OrderId, Vec<conversion::Model>> = HashMap::new();
    conversions.into_iter().for_each(|row| stages.entry(row.shopify_order_id).or_default().push(row));
    let mut shares: HashMap<OrderId, Vec<credit::Model>> = HashMap::new();
    credits.into_iter().for_each(|row| shares.entry(row.shopify_order_id).or_default().push(row));
    let mut of = |receipt: receipt::Model| Verdict {
        conversions: stages.remove(&receipt.shopify_order_id).unwrap_or_default(),
        credits: shares.remove(&receipt.shopify_order_id).unwrap_or_default(),
        receipt: receipt.document,
    };
    Ok(receipts.into_iter().map(&mut of).collect())
}
