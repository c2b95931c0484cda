//! What is not counted beside the facts, from the rows themselves: by campaign and, where a period is divided, by the
//! quarter of an hour in which the messages were made.

use sea_orm::sea_query::{CaseStatement, Expr, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType};

use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::campaigns::CampaignId;
use crate::db::counts::QUARTER;
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};
use crate::links::{ClickColumn, Clicks, counts};
use crate::messages::{MessageColumn, Messages};
use crate::reports::funnel::{counted, within};
use crate::reports::measures::Measure;
use crate::reports::period::Period;
use crate::reports::totals::{bigint, count, rows, stages, sum, valid};

/// For how long a receipt shows that somebody sends receipts.
const RECEIPTS_SECONDS: i64 = 90 * 86_400;

/// Messages of a campaign, made in one quarter of an hour.
#[derive(FromQueryResult)]
pub(super) struct OfMessages {
    pub(super) campaign_id: CampaignId,
    quarter: i64,
    pub(super) amount: i64,
    pub(super) other: i64,
}

impl OfMessages {
    /// When they were made; where a period is not divided, long before.
    pub(super) fn at(&self) -> Timestamp {
        Timestamp::from_micros(self.quarter * QUARTER)
    }
}

/// Attributed orders of a day.
#[derive(FromQueryResult)]
pub(super) struct Placed {
    pub(super) campaign_id: CampaignId,
    pub(super) ordered_on: Day,
    pub(super) orders: i64,
    pub(super) net: i64,
}

/// Attributed orders of messages made in one quarter of an hour.
#[derive(FromQueryResult)]
pub(super) struct Bought {
    pub(super) campaign_id: CampaignId,
    quarter: Option<i64>,
    pub(super) orders: i64,
    pub(super) net: i64,
}

impl Bought {
    /// When the messages were made; `None`: they are gone.
    pub(super) fn issued_at(&self) -> Option<Timestamp> {
        self.quarter.map(|quarter| Timestamp::from_micros(quarter * QUARTER))
    }
}

pub(super) fn message(column: MessageColumn) -> Expr {
    Expr::col((Messages, column))
}

fn quarter() -> Expr {
    message(MessageColumn::IssuedAt).div(Expr::cust(QUARTER.to_string()))
}

/// Messages of the period, by campaign.
fn made(shop: ShopId, period: &Period, divided: bool) -> SelectStatement {
    let mut select = Query::select()
        .column((Messages, MessageColumn::CampaignId))
        .expr_as(if divided { quarter() } else { Expr::cust("CAST(0 AS BIGINT)") }, "quarter")
        .from(Messages)
        .and_where(message(MessageColumn::ShopId).eq(shop))
        .cond_where(within(Messages, MessageColumn::IssuedAt, MessageColumn::CampaignId, period))
        .group_by_col((Messages, MessageColumn::CampaignId))
        .to_owned();
    if divided {
        select.add_group_by([quarter()]);
    }
    select
}

pub(super) fn arrived() -> Expr {
    message(MessageColumn::DeliveredAt).is_not_null().or(message(MessageColumn::ReadAt).is_not_null())
}

pub(super) fn nothing() -> Expr {
    Expr::cust("CAST(0 AS BIGINT)")
}

/// Whether a message went to somebody who sends receipts: it is one itself, or another is.
pub(super) fn sends_receipts(shop: ShopId, period: &Period) -> Expr {
    let end = period.instants.1;
    let sends = |column: MessageColumn| Expr::col(("receipt", column));
    let sends = Query::select()
        .expr(Expr::val(1))
        .from_as(Messages, "receipt")
        .and_where(sends(MessageColumn::ShopId).eq(shop))
        .and_where(sends(MessageColumn::RecipientId).equals((Messages, MessageColumn::RecipientId)))
        .and_where(sends(MessageColumn::ReadAt).gte(end.plus_seconds(-RECEIPTS_SECONDS)))
        .and_where(sends(MessageColumn::ReadAt).lt(end))
        .to_owned();
    let read_at = || message(MessageColumn::ReadAt);
    let itself = read_at().gte(end.plus_seconds(-RECEIPTS_SECONDS)).and(read_at().lt(end));
    itself.or(Expr::exists(sends))
}

/// Messages that arrived at somebody who sends receipts, and those of them that were read.
pub(super) async fn receipts(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
    divided: bool,
) -> Result<Vec<OfMessages>, DbErr> {
    let select = made(shop, period, divided)
        .expr_as(count(), "amount")
        .expr_as(counted(message(MessageColumn::ReadAt).is_not_null()), "other")
        .and_where(arrived())
        .and_where(sends_receipts(shop, period))
        .to_owned();
    rows(db, &select).await
}

/// Messages with a tap of a person's, whenever it came, and with a hit of any kind.
pub(super) async fn clicked(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
) -> Result<Vec<OfMessages>, DbErr> {
    let on = Expr::col((Clicks, ClickColumn::ShopId))
        .equals((Messages, MessageColumn::ShopId))
        .and(Expr::col((Clicks, ClickColumn::Slug)).equals((Messages, MessageColumn::LinkSlug)));
    let human = Expr::col((Clicks, ClickColumn::Human)).eq(true);
    let tapped: Expr = CaseStatement::new().case(human, Expr::col((Clicks, ClickColumn::Slug))).into();
    let select = made(shop, period, true)
        .join(JoinType::InnerJoin, Clicks, on)
        .expr_as(bigint(tapped.count_distinct()), "amount")
        .expr_as(bigint(Expr::col((Clicks, ClickColumn::Slug)).count_distinct()), "other")
        .and_where(counts())
        .to_owned();
    rows(db, &select).await
}

/// Messages that attributed orders go back to: a list made once, for asking per message would go through all conversions
/// each time.
pub(super) fn buyers(shop: ShopId, period: &Period) -> SelectStatement {
    Query::select()
        .column((Conversions, C::MessageId))
        .from(Conversions)
        .and_where(Expr::col((Conversions, C::ShopId)).eq(shop))
        .and_where(Expr::col((Conversions, C::Policy)).eq(period.policy.name.clone()))
        .and_where(Expr::col((Conversions, C::MessageId)).is_not_null())
        .cond_where(Measure::Attributed.condition())
        .cond_where(valid(period.as_of))
        .to_owned()
}

/// Messages with an attributed order, whenever it came.
pub(super) async fn ordered(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
) -> Result<Vec<OfMessages>, DbErr> {
    let select = made(shop, period, true)
        .expr_as(count(), "amount")
        .expr_as(nothing(), "other")
        .and_where(message(MessageColumn::Id).in_subquery(buyers(shop, period)))
        .to_owned();
    rows(db, &select).await
}

/// Attributed orders of the period.
pub(super) fn attributed(shop: ShopId, period: &Period) -> SelectStatement {
    Query::select()
        .column((Conversions, C::CampaignId))
        .expr_as(count(), "orders")
        .expr_as(sum(C::NetMinor), "net")
        .from(Conversions)
        .cond_where(stages(shop, period))
        .and_where(Expr::col((Conversions, C::CampaignId)).is_not_null())
        .cond_where(Measure::Attributed.condition())
        .group_by_col((Conversions, C::CampaignId))
        .to_owned()
}

/// Attributed orders of the period, by the day they were placed.
pub(super) async fn placed(db: &impl ConnectionTrait, shop: ShopId, period: &Period) -> Result<Vec<Placed>, DbErr> {
    let mut select = attributed(shop, period);
    select.column((Conversions, C::OrderedOn)).group_by_col((Conversions, C::OrderedOn));
    rows(db, &select).await
}

/// Attributed orders of the period, by when their messages were made.
pub(super) async fn bought(db: &impl ConnectionTrait, shop: ShopId, period: &Period) -> Result<Vec<Bought>, DbErr> {
    let on =
        message(MessageColumn::ShopId).eq(shop).and(message(MessageColumn::Id).equals((Conversions, C::MessageId)));
    let mut select = attributed(shop, period);
    select.join(JoinType::LeftJoin, Messages, on).expr_as(quarter(), "quarter").add_group_by([quarter()]);
    rows(db, &select).await
}
