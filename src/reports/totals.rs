//! The one sum everything hangs on: conversions of a period, by day and line.

use chrono_tz::Tz;
use sea_orm::sea_query::{Cond, Condition, Expr, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, Iden};

use super::period::Period;
use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::attribution::evidence::Kind;
use crate::attribution::{CAMPAIGN_SALES, Line, SALES, Sold, at_day, is_counted};
use crate::db::counts;
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};

/// Orders of one day on one line.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Total {
    /// The day they were ordered.
    pub ordered_on: Day,
    /// Their line.
    pub line: Line,
    /// The evidence that ties them to a message.
    pub evidence: Option<Kind>,
    /// Whether nothing but the pixel ties them to it.
    pub by_pixel: bool,
    /// Whether an abandoned checkout was recovered.
    pub recovered: bool,
    /// Whether exposure alone stands behind them.
    pub assisted: bool,
    /// How many.
    pub orders: i64,
    /// Their part of net sales.
    pub net: i64,
    /// Left out on this line.
    pub left_out: i64,
    /// Tips, left out.
    pub tips: i64,
    /// Orders with tips.
    pub tipped: i64,
    /// Gift cards, left out.
    pub gift_cards: i64,
    /// Orders with gift cards.
    pub gifted: i64,
}

/// The stages a period's report is about: one per order.
pub fn stages(shop: ShopId, period: &Period) -> Condition {
    let mut filter = Cond::all()
        .add(Expr::col((Conversions, C::ShopId)).eq(shop))
        .add(Expr::col((Conversions, C::Policy)).eq(period.policy.name.clone()))
        .add(Expr::col((Conversions, C::OrderedOn)).gte(period.from.0))
        .add(Expr::col((Conversions, C::OrderedOn)).lte(period.to.0))
        .add(valid(period.as_of));
    if let Some(campaign) = period.campaign {
        filter = filter.add(Expr::col((Conversions, C::CampaignId)).eq(campaign));
    }
    filter
}

/// The stage that was true at an instant; now without one.
pub fn valid(as_of: Option<Timestamp>) -> Condition {
    match as_of {
        None => Cond::all().add(Expr::col((Conversions, C::SupersededAt)).eq(Timestamp::FOREVER)),
        Some(at) => Cond::all()
            .add(Expr::col((Conversions, C::EffectiveAt)).lte(at))
            .add(Expr::col((Conversions, C::SupersededAt)).gt(at)),
    }
}

/// Sums a period by day, line, evidence and recovery.
pub async fn totals(db: &impl ConnectionTrait, shop: ShopId, period: &Period) -> Result<Vec<Total>, DbErr> {
    match counted(db, shop, period).await? {
        Some(totals) => Ok(totals),
        None => summed(db, shop, period).await,
    }
}

/// Whether a period's sales are counted at all: as they stand now, by a policy that is counted by.
pub(super) fn is_of_now(period: &Period) -> bool {
    period.as_of.is_none() && is_counted(&period.policy.name)
}

/// The sums as they are counted.
async fn counted(db: &impl ConnectionTrait, shop: ShopId, period: &Period) -> Result<Option<Vec<Total>>, DbErr> {
    if !is_of_now(period) {
        return Ok(None);
    }
    let book = if period.campaign.is_some() { CAMPAIGN_SALES } else { SALES };
    let days = (at_day(period.from), at_day(period.to.next()));
    let Some(lines) = counts::read_days(db, shop, book, days).await? else { return Ok(None) };
    let mut totals = Vec::with_capacity(lines.len());
    for (at, line, of) in lines {
        let sold = Sold::read(&line)?;
        if sold.policy != period.policy.name || sold.campaign != period.campaign {
            continue;
        }
        totals.push(Total {
            ordered_on: at.day(Tz::UTC),
            line: sold.line()?,
            evidence: sold.evidence()?,
            by_pixel: sold.by_pixel,
            recovered: sold.recovered,
            assisted: sold.assisted,
            orders: of.of("orders"),
            net: of.of("net"),
            left_out: of.of("left_out"),
            tips: of.of("tips"),
            tipped: of.of("tipped"),
            gift_cards: of.of("gift_cards"),
            gifted: of.of("gifted"),
        });
    }
    Ok(Some(totals))
}

/// The sums of the stages themselves.
async fn summed(db: &impl ConnectionTrait, shop: ShopId, period: &Period) -> Result<Vec<Total>, DbErr> {
    let recovered = || Expr::col(C::RecoveredMessageId).is_not_null();
    // Orders judged before this was told apart have no value. Written out: PostgreSQL takes two parameters for two things.
    let by_pixel = || Expr::expr(Func::coalesce([Expr::col((Conversions, C::ByPixel)), Expr::cust("FALSE")]));
    let select = Query::select()
        .columns([C::OrderedOn, C::Line, C::Evidence, C::Assisted])
        .expr_as(by_pixel(), "by_pixel")
        .expr_as(recovered(), "recovered")
        .expr_as(count(), "orders")
        .expr_as(sum(C::NetMinor), "net")
        .expr_as(sum(C::LeftOutMinor), "left_out")
        .expr_as(sum(C::TipsMinor), "tips")
        .expr_as(some(C::TipsMinor), "tipped")
        .expr_as(sum(C::GiftCardsMinor), "gift_cards")
        .expr_as(some(C::GiftCardsMinor), "gifted")
        .from(Conversions)
        .cond_where(stages(shop, period))
        .group_by_columns([C::OrderedOn, C::Line, C::Evidence, C::Assisted])
        .add_group_by([by_pixel(), recovered()])
        .to_owned();
    rows(db, &select).await
}

/// `CAST(SUM(x) AS BIGINT)`: PostgreSQL answers numeric, SQLite integer.
pub fn sum(column: C) -> Expr {
    Expr::cust(format!("CAST(COALESCE(SUM({}), 0) AS BIGINT)", column.unquoted()))
}

/// The same type on both: PostgreSQL's sums of whole numbers are numeric.
pub fn bigint(number: impl Into<Expr>) -> Expr {
    Func::cast_as(number, "BIGINT").into()
}

/// `COUNT(*)` as BIGINT.
pub fn count() -> Expr {
    Expr::cust("CAST(COUNT(*) AS BIGINT)")
}

fn some(column: C) -> Expr {
    Expr::cust(format!("CAST(SUM(CASE WHEN {} <> 0 THEN 1 ELSE 0 END) AS BIGINT)", column.unquoted()))
}

/// Runs a select into rows.
pub async fn rows<T: FromQueryResult>(db: &impl ConnectionTrait, select: &SelectStatement) -> Result<Vec<T>, DbErr> {
    db.query_all(select).await?.iter().map(|row| T::from_query_result(row, "")).collect()
}
