//! What is claimed for the messages of an experiment, under each policy that counts.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType};

use super::arms::Horizon;
use crate::attribution::Line;
use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::campaigns::{DrawColumn as D, Draws, Experiment};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[derive(FromQueryResult)]
struct Row {
    policy: String,
    net: i64,
}

/// Net sales attributed, by policy: to messages of the campaign's recipients whose horizon has closed; of a programme, of
/// all orders since it began.
pub async fn claimed(
    db: &impl ConnectionTrait,
    shop: ShopId,
    experiment: Experiment,
    horizon: &Horizon,
) -> Result<BTreeMap<String, i64>, DbErr> {
    let mut select = Query::select();
    select
        .column((Conversions, C::Policy))
        .expr_as(Expr::cust("CAST(COALESCE(SUM(net_minor), 0) AS BIGINT)"), "net")
        .from(Conversions)
        .and_where(Expr::col((Conversions, C::ShopId)).eq(shop))
        .and_where(Expr::col((Conversions, C::SupersededAt)).eq(Timestamp::FOREVER))
        .and_where(Expr::col((Conversions, C::Line)).is_in([Line::Attributed, Line::AttributedShared]))
        .group_by_col((Conversions, C::Policy));
    match experiment {
        Experiment::Campaign(campaign) => {
            let on = Expr::col((Draws, D::ShopId))
                .equals((Conversions, C::ShopId))
                .and(Expr::col((Draws, D::Id)).equals((Conversions, C::MessageId)));
            select
                .join(JoinType::InnerJoin, Draws, on)
                .and_where(Expr::col((Conversions, C::CampaignId)).eq(campaign))
                .and_where(Expr::col((Draws, D::DrawnAt)).gte(horizon.from))
                .and_where(Expr::col((Draws, D::DrawnAt)).lte(horizon.closed_until()));
        }
        Experiment::Program(_) => {
            select
                .and_where(Expr::col((Conversions, C::OrderedAt)).gte(horizon.from))
                .and_where(Expr::col((Conversions, C::OrderedAt)).lte(horizon.through));
        }
    }
    let rows = db.query_all(&select).await?;
    let rows = rows.iter().map(|row| Row::from_query_result(row, ""));
    rows.map(|row| row.map(|row| (row.policy, row.net))).collect()
}
