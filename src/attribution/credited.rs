//! What models that share credit give of attributed orders, counted: on the shop's day on which the order was placed, as it
//! stands now. What the evidence itself leads to is counted with the sales ([`super::counted`]).

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType};
use serde::{Deserialize, Serialize};

use super::conversion::{Column as C, Entity as Conversions, Model as Conversion};
use super::counted::{at_day, is_counted};
use super::credit::{Column as K, Entity as Credits, Model as Credit};
use super::journey::Channel;
use super::line::Line;
use super::models::Model;
use crate::campaigns::CampaignId;
use crate::db::counts::Changes;
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};
use crate::orders::OrderId;

/// The book of credits by day: a line for each [`Shared`].
pub const CREDITED: &str = "credited";

/// What one model gives to one campaign, or to one other channel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shared {
    /// By which rules.
    pub policy: String,
    /// By which model.
    pub model: Model,
    /// To which campaign; `None`: to a channel that is not ours.
    pub campaign: Option<CampaignId>,
    /// To which channel.
    pub channel: Option<Channel>,
}

impl Shared {
    fn new(policy: &str, model: Model, campaign: Option<CampaignId>, channel: Channel) -> Self {
        let channel = Some(channel).filter(|_| campaign.is_none());
        Self { policy: policy.to_owned(), model, campaign, channel }
    }

    /// Reads a line of the book.
    pub fn read(line: &str) -> Result<Self, DbErr> {
        serde_json::from_str(line).map_err(|error| DbErr::Json(error.to_string()))
    }

    fn count(&self, changes: &mut Changes, day: Day, (orders, minor): (i64, i64)) {
        let line = serde_json::to_string(self).expect("texts and numbers are written");
        changes.add(CREDITED, at_day(day), &line, "orders", orders);
        changes.add(CREDITED, at_day(day), &line, "minor", minor);
    }
}

/// Counts the credits of stages that were taken away (`-1`), or written (`1`).
pub(super) fn count_credits(
    changes: &mut Changes,
    policy: &str,
    (stages, credits): (&[Conversion], &[Credit]),
    by: i64,
) {
    let stands = |row: &&Conversion| row.superseded_at == Timestamp::FOREVER && row.line.credited();
    let days: BTreeMap<(OrderId, Timestamp), Day> =
        stages.iter().filter(stands).map(|row| ((row.shopify_order_id, row.effective_at), row.ordered_on)).collect();
    if !is_counted(policy) {
        return;
    }
    let mut seen: BTreeSet<(OrderId, Shared)> = BTreeSet::new();
    for credit in credits.iter().filter(|credit| credit.model != Model::Originating) {
        let Some(day) = days.get(&(credit.shopify_order_id, credit.effective_at)) else { continue };
        let shared = Shared::new(policy, credit.model, credit.campaign_id, credit.channel);
        let first = seen.insert((credit.shopify_order_id, shared.clone()));
        shared.count(changes, *day, (i64::from(first) * by, credit.credit_minor * by));
    }
}

#[derive(FromQueryResult)]
struct Row {
    policy: String,
    ordered_on: Day,
    model: Model,
    campaign_id: Option<CampaignId>,
    channel: Channel,
    orders: i64,
    minor: i64,
}

/// Counts the credits of some days from their rows.
pub async fn recount_credits(
    db: &impl ConnectionTrait,
    shop: ShopId,
    policies: &[String],
    (from, to): (Day, Day),
) -> Result<Changes, DbErr> {
    let conversion = |column: C| Expr::col((Conversions, column));
    let credit = |column: K| Expr::col((Credits, column));
    let same = [(K::ShopId, C::ShopId), (K::Policy, C::Policy), (K::ShopifyOrderId, C::ShopifyOrderId)];
    let on = same.into_iter().fold(credit(K::EffectiveAt).equals((Conversions, C::EffectiveAt)), |on, (one, other)| {
        on.and(credit(one).equals((Conversions, other)))
    });
    // Of a campaign the channel is always the same.
    let select = Query::select()
        .columns([(Conversions, C::Policy), (Conversions, C::OrderedOn)])
        .columns([(Credits, K::Model), (Credits, K::CampaignId), (Credits, K::Channel)])
        .expr_as(Expr::cust("CAST(COUNT(DISTINCT credits.shopify_order_id) AS BIGINT)"), "orders")
        .expr_as(Expr::cust("CAST(COALESCE(SUM(credits.credit_minor), 0) AS BIGINT)"), "minor")
        .from(Conversions)
        .join(JoinType::InnerJoin, Credits, on)
        .and_where(conversion(C::ShopId).eq(shop))
        .and_where(credit(K::ShopId).eq(shop))
        .and_where(conversion(C::Policy).is_in(policies))
        .and_where(conversion(C::OrderedOn).gte(from.0))
        .and_where(conversion(C::OrderedOn).lte(to.0))
        .and_where(conversion(C::SupersededAt).eq(Timestamp::FOREVER))
        .and_where(conversion(C::Line).is_in([Line::Attributed, Line::AttributedShared]))
        .and_where(credit(K::Model).ne(Model::Originating))
        .group_by_columns([(Conversions, C::Policy), (Conversions, C::OrderedOn)])
        .group_by_columns([(Credits, K::Model), (Credits, K::CampaignId), (Credits, K::Channel)])
        .to_owned();
    let mut changes = Changes::default();
    for row in db.query_all(&select).await? {
        let Row { policy, ordered_on, model, campaign_id, channel, orders, minor } = Row::from_query_result(&row, "")?;
        Shared::new(&policy, model, campaign_id, channel).count(&mut changes, ordered_on, (orders, minor));
    }
    Ok(changes)
}
