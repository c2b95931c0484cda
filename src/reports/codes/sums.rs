//! What became of all the codes of a list.

use sea_orm::sea_query::{Cond, Condition, Expr, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType};
use serde::Serialize;

use super::standing::Standing;
use crate::codes::{CodeColumn, RedeemCodes};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::messages::{CodeCounts, MessageColumn, Messages, Stands, code_counts, overdue};
use crate::reports::funnel::{counted, within};
use crate::reports::period::Period;
use crate::reports::share::Share;
use crate::reports::totals::{count, rows};

/// Counts of a list's codes, all pages. `pending` + `live` + `redeemed` + `expired` + `revoked` = `issued`.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct CodeSums {
    /// Given to recipients in these days, one to a message.
    pub issued: i64,
    /// Promised, on their way to Shopify.
    pub pending: i64,
    /// Good for one order now.
    pub live: i64,
    /// Used by an order.
    pub redeemed: i64,
    /// Their time is over.
    pub expired: i64,
    /// Taken back.
    pub revoked: i64,
    /// On messages that arrived.
    pub delivered: i64,
    /// How many of those were used.
    pub redemption: Share,
}

#[derive(FromQueryResult)]
struct Row {
    issued: i64,
    pending: i64,
    live: i64,
    redeemed: i64,
    expired: i64,
    revoked: i64,
    delivered: i64,
    used: i64,
}

/// Which codes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice {
    /// Only those that stand there.
    pub state: Option<Standing>,
    /// Only those good now that end before this instant.
    pub ending_before: Option<Timestamp>,
}

impl Choice {
    fn condition(self, now: Timestamp) -> Condition {
        let mut condition = Cond::all();
        if let Some(state) = self.state {
            condition = condition.add(state.condition(now));
        }
        if let Some(end) = self.ending_before {
            let soon = Expr::col((RedeemCodes, CodeColumn::ExpiresAt)).lt(end);
            condition = condition.add(Standing::Live.condition(now)).add(soon);
        }
        condition
    }
}

/// Messages of a period beside the codes they carry.
pub fn carried(shop: ShopId, period: &Period, choice: Choice, now: Timestamp) -> SelectStatement {
    let on = Cond::all()
        .add(Expr::col((RedeemCodes, CodeColumn::ShopId)).equals((Messages, MessageColumn::ShopId)))
        .add(Expr::col((RedeemCodes, CodeColumn::Id)).equals((Messages, MessageColumn::RedeemCodeId)));
    Query::select()
        .from(Messages)
        .join(JoinType::InnerJoin, RedeemCodes, on)
        .and_where(Expr::col((Messages, MessageColumn::ShopId)).eq(shop))
        .cond_where(within(Messages, MessageColumn::IssuedAt, MessageColumn::CampaignId, period))
        .cond_where(choice.condition(now))
        .to_owned()
}

/// Counts them.
pub async fn sums(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
    choice: Choice,
    now: Timestamp,
) -> Result<CodeSums, DbErr> {
    let row = match as_counted(db, shop, period, choice, now).await? {
        Some(row) => row,
        None => of_rows(db, shop, period, choice, now).await?,
    };
    Ok(CodeSums {
        issued: row.issued,
        pending: row.pending,
        live: row.live,
        redeemed: row.redeemed,
        expired: row.expired,
        revoked: row.revoked,
        delivered: row.delivered,
        redemption: Share::new("Codes that an order used / codes on messages that arrived.", row.used, row.delivered),
    })
}

/// The sums as they are counted; of codes that end soon there are no counts.
async fn as_counted(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
    choice: Choice,
    now: Timestamp,
) -> Result<Option<Row>, DbErr> {
    if choice.ending_before.is_some() {
        return Ok(None);
    }
    let Some(counted) = code_counts(db, shop, period.campaign, period.instants).await? else { return Ok(None) };
    let over = overdue(db, shop, period.campaign, period.instants, now).await?;
    let of = |standing: Standing| {
        let stands = |stands| counted.get(&stands).copied().unwrap_or_default();
        match standing {
            _ if choice.state.is_some_and(|only| only != standing) => CodeCounts::default(),
            Standing::Pending => stands(Stands::Pending),
            Standing::Redeemed => stands(Stands::Redeemed),
            Standing::Revoked => stands(Stands::Revoked),
            Standing::Live => stands(Stands::Issued).less(over),
            Standing::Expired => stands(Stands::Expired).and(over),
        }
    };
    let all = Standing::ALL.into_iter().map(of).fold(CodeCounts::default(), CodeCounts::and);
    Ok(Some(Row {
        issued: all.codes,
        pending: of(Standing::Pending).codes,
        live: of(Standing::Live).codes,
        redeemed: of(Standing::Redeemed).codes,
        expired: of(Standing::Expired).codes,
        revoked: of(Standing::Revoked).codes,
        delivered: all.arrived,
        used: of(Standing::Redeemed).arrived,
    }))
}

async fn of_rows(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
    choice: Choice,
    now: Timestamp,
) -> Result<Row, DbErr> {
    let has = |column: MessageColumn| Expr::col((Messages, column)).is_not_null();
    let arrived = || has(MessageColumn::DeliveredAt).or(has(MessageColumn::ReadAt));
    let stands = |standing: Standing| Expr::from(standing.condition(now));
    let mut select = carried(shop, period, choice, now);
    select.expr_as(count(), "issued");
    for (standing, name) in Standing::ALL.into_iter().zip(["pending", "live", "redeemed", "expired", "revoked"]) {
        select.expr_as(counted(stands(standing)), name);
    }
    select.expr_as(counted(arrived()), "delivered").expr_as(counted(arrived().and(stands(Standing::Redeemed))), "used");
    let found: Vec<Row> = rows(db, &select).await?;
    let none = Row { issued: 0, pending: 0, live: 0, redeemed: 0, expired: 0, revoked: 0, delivered: 0, used: 0 };
    Ok(found.into_iter().next().unwrap_or(none))
}
