//! What a draw counts as: in reports, by the quarter of an hour in which it was made.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult};

use super::campaign::CampaignId;
use super::draw::{Column, Entity, Model as Draw};
use crate::db::counts::{self, Changes, QUARTER};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// The book of draws: a line for each campaign.
pub const DRAWS: &str = "draws";

const DRAWN: &str = "drawn";
const HELD_OUT: &str = "held_out";

/// How many were drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrawCounts {
    /// The held out among them.
    pub drawn: i64,
    /// Left alone on purpose.
    pub held_out: i64,
}

/// Counts a draw that was made.
pub fn count_draw(changes: &mut Changes, draw: &Draw) {
    let line = draw.campaign_id.to_string();
    changes.add(DRAWS, draw.drawn_at, &line, DRAWN, 1);
    changes.add(DRAWS, draw.drawn_at, &line, HELD_OUT, i64::from(draw.held_out));
}

/// How many were drawn into each campaign between two instants.
pub async fn draw_counts(
    db: &impl ConnectionTrait,
    shop: ShopId,
    between: (Timestamp, Timestamp),
) -> Result<BTreeMap<CampaignId, DrawCounts>, DbErr> {
    let lines = match counts::read(db, shop, DRAWS, between).await? {
        Some(lines) => lines,
        None => recount_draws(db, shop, None, between).await?.lines(DRAWS),
    };
    let counts = lines.into_iter().filter_map(|(line, of)| {
        Some((CampaignId::parse(&line)?, DrawCounts { drawn: of.of(DRAWN), held_out: of.of(HELD_OUT) }))
    });
    Ok(counts.collect())
}

#[derive(FromQueryResult)]
struct Row {
    quarter: i64,
    campaign_id: CampaignId,
    held_out: bool,
    draws: i64,
}

/// Counts draws from their rows; of one campaign, if one is named.
pub async fn recount_draws(
    db: &impl ConnectionTrait,
    shop: ShopId,
    campaign: Option<CampaignId>,
    (from, until): (Timestamp, Timestamp),
) -> Result<Changes, DbErr> {
    let quarter = || Expr::col(Column::DrawnAt).div(Expr::cust(QUARTER.to_string()));
    let mut select = Query::select()
        .expr_as(quarter(), "quarter")
        .columns([Column::CampaignId, Column::HeldOut])
        .expr_as(Expr::cust("CAST(COUNT(*) AS BIGINT)"), "draws")
        .from(Entity)
        .and_where(Expr::col(Column::ShopId).eq(shop))
        .and_where(Expr::col(Column::DrawnAt).gte(from))
        .and_where(Expr::col(Column::DrawnAt).lt(until))
        .add_group_by([quarter()])
        .group_by_columns([Column::CampaignId, Column::HeldOut])
        .to_owned();
    if let Some(campaign) = campaign {
        select.and_where(Expr::col(Column::CampaignId).eq(campaign));
    }
    let mut changes = Changes::default();
    for row in db.query_all(&select).await? {
        let row = Row::from_query_result(&row, "")?;
        let (at, line) = (Timestamp::from_micros(row.quarter * QUARTER), row.campaign_id.to_string());
        changes.add(DRAWS, at, &line, DRAWN, row.draws);
        changes.add(DRAWS, at, &line, HELD_OUT, if row.held_out { row.draws } else { 0 });
    }
    Ok(changes)
}
