//! What is claimed for the messages of an experiment, under each policy that counts.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult};

use super::arms::Horizon;
use super::outcome::{Column as O, Entity as Outcomes};
use crate::attribution::Line;
use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::campaigns::{Arm, Experiment};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[derive(FromQueryResult)]
struct Row {
    policy: String,
    net: i64,
}

/// The orders that everybody written to placed within the horizon.
pub fn measured(shop: ShopId, experiments: &[Experiment], horizon: &Horizon) -> SelectStatement {
    Query::select()
        .distinct()
        .column(O::ShopifyOrderId)
        .from(Outcomes)
        .and_where(Expr::col(O::ShopId).eq(shop))
        .and_where(Expr::col(O::ExperimentId).is_in(experiments.iter().map(|experiment| experiment.id())))
        .and_where(Expr::col(O::Arm).ne(Arm::Nothing))
        .and_where(Expr::col(O::AssignedAt).gte(horizon.from))
        .and_where(Expr::col(O::AssignedAt).lte(horizon.closed_until()))
        .and_where(horizon.holds_order())
        .to_owned()
}

/// Net sales attributed, by policy, in the orders in which the effect is measured and in no others: those that everybody
/// written to placed within the horizon. Of a campaign: what its own messages are credited with. An order after the horizon,
/// or of somebody who was written to before a programme began, is claimed by many and measured by nobody here; beside what
/// was caused it would make any claim look worse than it is.
pub async fn claimed(
    db: &impl ConnectionTrait,
    shop: ShopId,
    experiment: Experiment,
    horizon: &Horizon,
) -> Result<BTreeMap<String, i64>, DbErr> {
    let mut select = Query::select();
    select
        .column(C::Policy)
        .expr_as(Expr::cust("CAST(COALESCE(SUM(net_minor), 0) AS BIGINT)"), "net")
        .from(Conversions)
        .and_where(Expr::col(C::ShopId).eq(shop))
        .and_where(Expr::col(C::SupersededAt).eq(Timestamp::FOREVER))
        .and_where(Expr::col(C::Line).is_in([Line::Attributed, Line::AttributedShared]))
        .and_where(Expr::col(C::ShopifyOrderId).in_subquery(measured(shop, &[experiment], horizon)))
        .group_by_col(C::Policy);
    if let Experiment::Campaign(campaign) = experiment {
        select.and_where(Expr::col(C::CampaignId).eq(campaign));
    }
    let rows = db.query_all(&select).await?;
    let rows = rows.iter().map(|row| Row::from_query_result(row, ""));
    rows.map(|row| row.map(|row| (row.policy, row.net))).collect()
}
