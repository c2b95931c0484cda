//! What was said of an order before something was learned late.
//!
//! A verdict goes by the instants of events, so what is learned late is put where it belongs, and no trace is left of what
//! stood there. Whoever was told what stood there (an accountant has it in a file) is to be told of the difference: so the
//! stages that are replaced are kept, where they differ at an instant that had passed for longer than news usually takes.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::conversion;
use super::line::Line;
use crate::campaigns::CampaignId;
use crate::db::insert_once;
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::orders::OrderId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "verdicts_before")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub policy: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    /// When something else was learned.
    #[sea_orm(primary_key, auto_increment = false)]
    pub learned_at: Timestamp,
    /// [`Stages`], written out.
    pub stages: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// What is told of an order, from an instant until the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    from: Timestamp,
    /// Where it stands.
    pub line: Line,
    /// What it counts, minor units.
    pub net_minor: i64,
    /// Whose it is.
    pub message_id: Option<MessageId>,
    /// Of which campaign.
    pub campaign_id: Option<CampaignId>,
}

impl Said {
    /// Whether two say the same, whenever they begin.
    pub fn same(&self, other: &Self) -> bool {
        let told = |one: &Self| (one.line, one.net_minor, one.message_id);
        told(self) == told(other)
    }
}

/// What was said of an order, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stages(Vec<Said>);

impl Stages {
    /// As it is kept.
    pub(super) fn of(conversions: &[conversion::Model]) -> Self {
        let said = |one: &conversion::Model| Said {
            from: one.effective_at,
            line: one.line,
            net_minor: one.net_minor,
            message_id: one.message_id,
            campaign_id: one.campaign_id,
        };
        let mut all: Vec<Said> = conversions.iter().map(said).collect();
        all.sort_by_key(|one| one.from);
        Self(all)
    }

    /// What was true at an instant; `None`: the order was not known to be there.
    pub fn at(&self, at: Timestamp) -> Option<&Said> {
        self.0.iter().rev().find(|one| one.from <= at)
    }

    /// The first instant at which two differ.
    fn differ_from(&self, other: &Self) -> Option<Timestamp> {
        let instants: BTreeSet<Timestamp> = self.0.iter().chain(&other.0).map(|one| one.from).collect();
        instants.into_iter().find(|at| match (self.at(*at), other.at(*at)) {
            (Some(one), Some(another)) => !one.same(another),
            (one, another) => one.is_some() != another.is_some(),
        })
    }
}

/// News takes a few seconds. What differs only since then was not told as a thing of the past.
const USUAL_SECONDS: i64 = 60;

/// Keeps what was said of orders that are judged otherwise: (order, what was said, what is).
pub(super) async fn keep(
    txn: &impl ConnectionTrait,
    (shop, policy): (ShopId, &str),
    changed: impl Iterator<Item = (OrderId, Stages, Stages)>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let passed = now.plus_seconds(-USUAL_SECONDS);
    let late = changed.filter(|(_, was, is)| was.differ_from(is).is_some_and(|at| at < passed));
    let mut rows = Vec::new();
    for (order, was, _) in late {
        let stages = serde_json::to_string(&was).map_err(|error| DbErr::Json(error.to_string()))?;
        rows.push(ActiveModel {
            shop_id: Set(shop),
            policy: Set(policy.to_owned()),
            shopify_order_id: Set(order),
            learned_at: Set(now),
            stages: Set(stages),
        });
    }
    // Of two at one instant the first said what was said before.
    insert_once(txn, rows).await.map(drop)
}

/// Orders of which something was learned from one instant until another, after an order; in order.
pub async fn learned(
    db: &impl ConnectionTrait,
    (shop, policy): (ShopId, &str),
    (begin, end): (Timestamp, Timestamp),
    after: Option<OrderId>,
    most: u64,
) -> Result<Vec<OrderId>, DbErr> {
    let mut select = of(shop, policy).filter(COLUMN.learned_at.gte(begin)).filter(COLUMN.learned_at.lt(end));
    if let Some(after) = after {
        select = select.filter(COLUMN.shopify_order_id.gt(after));
    }
    let select = select.select_only().column(Column::ShopifyOrderId).distinct().order_by_asc(COLUMN.shopify_order_id);
    select.limit(most).into_tuple().all(db).await
}

/// What was said of some orders at two instants of learning, and when the first thing was learned between them.
pub async fn said(
    db: &impl ConnectionTrait,
    (shop, policy): (ShopId, &str),
    (begin, end): (Timestamp, Timestamp),
    orders: &[OrderId],
) -> Result<BTreeMap<OrderId, Learned>, DbErr> {
    let kept = of(shop, policy).filter(COLUMN.shopify_order_id.is_in(orders.iter().copied()));
    let kept = kept.filter(COLUMN.learned_at.gte(begin)).order_by_asc(COLUMN.learned_at).all(db).await?;
    let mut all: BTreeMap<OrderId, Learned> = BTreeMap::new();
    for row in kept {
        let stages: Stages = serde_json::from_str(&row.stages).map_err(|error| DbErr::Json(error.to_string()))?;
        match all.get_mut(&row.shopify_order_id) {
            None if row.learned_at < end => {
                drop(all.insert(row.shopify_order_id, Learned { at: row.learned_at, was: stages, is: None }));
            }
            Some(one) if row.learned_at >= end && one.is.is_none() => one.is = Some(stages),
            _ => {}
        }
    }
    let standing: Vec<OrderId> = all.iter().filter(|(_, one)| one.is.is_none()).map(|(order, _)| *order).collect();
    let now = conversion::Entity::find()
        .filter(conversion::COLUMN.shop_id.eq(shop))
        .filter(conversion::COLUMN.policy.eq(policy))
        .filter(conversion::COLUMN.shopify_order_id.is_in(standing));
    let mut stages: BTreeMap<OrderId, Vec<conversion::Model>> = BTreeMap::new();
    for row in now.all(db).await? {
        stages.entry(row.shopify_order_id).or_default().push(row);
    }
    for (order, one) in &mut all {
        one.is.get_or_insert_with(|| Stages::of(stages.get(order).map_or(&[], Vec::as_slice)));
    }
    Ok(all)
}

/// What was learned of an order.
#[derive(Clone, Debug)]
pub struct Learned {
    /// When the first of it was.
    pub at: Timestamp,
    /// What was said before.
    pub was: Stages,
    is: Option<Stages>,
}

impl Learned {
    /// What is said since.
    pub fn is(&self, at: Timestamp) -> Option<&Said> {
        self.is.as_ref().and_then(|stages| stages.at(at))
    }
}

fn of(shop: ShopId, policy: &str) -> Select<Entity> {
    Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.policy.eq(policy))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(all: &[(i64, i64)]) -> Stages {
        let said = |(from, net): &(i64, i64)| Said {
            from: Timestamp::from_seconds(*from),
            line: Line::Unattributed,
            net_minor: *net,
            message_id: None,
            campaign_id: None,
        };
        Stages(all.iter().map(said).collect())
    }

    #[test]
    fn stages_differ_from_the_first_instant_at_which_something_else_is_told() {
        let differ = |a: &[(i64, i64)], b: &[(i64, i64)]| stages(a).differ_from(&stages(b)).map(Timestamp::seconds);
        assert_eq!(differ(&[(10, 5)], &[(10, 5)]), None);
        assert_eq!(differ(&[], &[(10, 5)]), Some(10));
        assert_eq!(differ(&[(10, 5)], &[(10, 5), (20, 3)]), Some(20));
        assert_eq!(differ(&[(10, 5), (20, 3)], &[(10, 5), (15, 3)]), Some(15));
        // Another step that says the same is no difference.
        assert_eq!(differ(&[(10, 5)], &[(10, 5), (20, 5)]), None);
        assert_eq!(stages(&[(10, 5)]).at(Timestamp::from_seconds(9)), None);
    }
}
