//! Meta's own experiment as a second control: a small random share of WhatsApp's users gets no marketing message from any
//! business (failure 130472). Nobody here drew them, so it costs nothing, and it reaches back over the whole history.
//!
//! 1. One row a recipient: their first message that WhatsApp sent or kept back for its experiment. Later ones depend on
//!    what came of the first.
//! 2. Messages that WhatsApp charged as free went into an open conversation, which its experiment lets through: they are
//!    left out on the other side too.
//! 3. Who else failed is on neither side: those numbers differ from everybody's.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Alias, Condition, Expr, Func, IntoIden, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType};
use serde::Serialize;

use super::arms::ArmSum;
use super::comparison::compare;
use super::outcome::{BEFORE_SECONDS, Column as O, Entity as Outcomes};
use super::report::Question;
use super::view::{Asked, Comparison};
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::messages::{MessageColumn as M, Messages};
use crate::shops::Shop;
use crate::stats::{ArmMoments, Spent};

/// Meta's word for it.
const IN_EXPERIMENT: i64 = 130_472;

/// Recipients with orders read at a time.
const PAGE: u64 = 20_000;

const CAVEATS: &[&str] = &[
    "Nobody here drew these people: that they are a random share of WhatsApp's users, about one in a hundred, is what providers report of Meta's experiment.",
    "They get no marketing message from any business, so the difference is of WhatsApp marketing as a whole, and not of this shop's alone.",
    "Only messages known to have been sent stand on the other side. Were sending itself to depend on who buys, the difference would as well.",
    "Whether a conversation was open is known only where WhatsApp told the price of a message.",
];

/// Those whom Meta's experiment kept messages from, beside those who got theirs.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct MetaControl {
    /// In words.
    pub definition: &'static str,
    /// For how many days after the first message, sent or kept back, orders count.
    pub horizon_days: u32,
    /// Of all of them, the share that was kept back; about 0.01 is what is reported of Meta's experiment.
    pub share: Option<f64>,
    /// Both side by side; `null`: no message was kept back so far.
    pub comparison: Option<Comparison>,
    /// What to keep in mind.
    pub caveats: &'static [&'static str],
}

/// Compares them over the whole history.
pub async fn meta_control(db: &impl ConnectionTrait, shop: &Shop, question: &Question) -> Result<MetaControl, DbErr> {
    let mut report = MetaControl {
        definition: "Net sales a recipient within the horizon of their first message, by any road: those whose message was sent less those whom Meta's experiment (130472) kept it from.",
        horizon_days: question.horizon_days,
        share: None,
        comparison: None,
        caveats: CAVEATS,
    };
    if !any(db, shop.shop_id).await? {
        return Ok(report);
    }
    let (kept, sent) = arms(db, shop.shop_id, question).await?;
    let all = kept.assigned + sent.assigned;
    if kept.assigned == 0 || sent.assigned == 0 {
        return Ok(report);
    }
    #[expect(clippy::cast_precision_loss, reason = "a share to be looked at")]
    let share = kept.assigned as f64 / all as f64;
    let since = question.now.plus_seconds(-28 * 86_400);
    let lately = counted(db, shop.shop_id, (since, question.now)).await?;
    let new = |kept: bool| lately.get(&kept).copied().unwrap_or_default();
    let mut compared = compare(
        &Asked {
            against: ("kept_back", &kept),
            treated: ("sent", &sent),
            share,
            lately: (new(true), new(false)),
            today: question.now.day(shop.zone()),
            planned: question.planned,
            cost_minor: None,
            currency: shop.money(),
            known: question.through.is_some(),
        },
        &[],
    );
    // Nobody here planned a share, so there is none to compare with.
    compared.sample_ratio = None;
    report.share = Some(share);
    report.comparison = Some(compared);
    Ok(report)
}

/// Whether any message was kept back at all: most shops have none, and their history need not be read.
async fn any(db: &impl ConnectionTrait, shop: ShopId) -> Result<bool, DbErr> {
    let one = Query::select()
        .expr_as(Expr::val(1), "one")
        .from(Messages)
        .and_where(Expr::col(M::ShopId).eq(shop))
        .and_where(Expr::col(M::FailureCode).eq(IN_EXPERIMENT))
        .limit(1)
        .to_owned();
    Ok(db.query_one(&one).await?.is_some())
}

/// Sent, or kept back for the experiment, outside an open conversation.
fn attempted(of: &str) -> Condition {
    let col = |column: M| Expr::col((Alias::new(of), column));
    let went = [M::SentAt, M::DeliveredAt, M::ReadAt].into_iter().map(|column| col(column).is_not_null());
    let went = went.fold(Condition::any(), Condition::add).add(col(M::FailureCode).eq(IN_EXPERIMENT));
    let free = Condition::any().add(col(M::PriceKind).is_null()).add(col(M::PriceKind).not_like("free%"));
    Condition::all().add(went).add(free)
}

/// First messages of a shop's recipients, of table `messages` as `m`.
fn firsts(shop: ShopId) -> SelectStatement {
    let (m, e) = (|column: M| Expr::col((Alias::new("m"), column)), |column: M| Expr::col((Alias::new("e"), column)));
    let same_instant = e(M::IssuedAt).eq(m(M::IssuedAt)).and(e(M::Id).lt(m(M::Id)));
    let earlier = Query::select()
        .expr(Expr::val(1))
        .from_as(Messages, "e")
        .and_where(e(M::ShopId).eq(shop))
        .and_where(e(M::RecipientId).equals((Alias::new("m"), M::RecipientId)))
        .and_where(e(M::IssuedAt).lt(m(M::IssuedAt)).or(same_instant))
        .cond_where(attempted("e"))
        .to_owned();
    Query::select()
        .from_as(Messages, "m")
        .and_where(m(M::ShopId).eq(shop))
        .cond_where(attempted("m"))
        .and_where(Expr::exists(earlier).not())
        .to_owned()
}

/// 1 where a message was kept back.
fn kept_back() -> Expr {
    let failed = Expr::col((Alias::new("m"), M::FailureCode)).eq(IN_EXPERIMENT);
    Expr::expr(Expr::case(failed, 1).finally(0)).cast_as("BIGINT")
}

/// How many were kept back, and how many sent, from an instant on and at another or before.
async fn counted(
    db: &impl ConnectionTrait,
    shop: ShopId,
    (from, until): (Timestamp, Timestamp),
) -> Result<BTreeMap<bool, i64>, DbErr> {
    let issued = || Expr::col((Alias::new("m"), M::IssuedAt));
    let select = firsts(shop)
        .expr_as(kept_back(), "kept")
        .expr_as(Expr::cust("CAST(COUNT(*) AS BIGINT)"), "recipients")
        .and_where(issued().gte(from))
        .and_where(issued().lte(until))
        .add_group_by([Expr::col(Alias::new("kept").into_iden())])
        .to_owned();
    let rows = db.query_all(&select).await?;
    let pair =
        |row: &sea_orm::QueryResult| Ok((row.try_get::<i64>("", "kept")? == 1, row.try_get::<i64>("", "recipients")?));
    rows.iter().map(pair).collect()
}

#[derive(FromQueryResult)]
struct Did {
    unit_id: MessageId,
    kept: i64,
    net: i64,
    orders: i64,
    redeemed: i64,
    discounts: i64,
    before: i64,
}

/// Both sides: kept back, sent.
async fn arms(db: &impl ConnectionTrait, shop: ShopId, question: &Question) -> Result<(ArmSum, ArmSum), DbErr> {
    let horizon = i64::from(question.horizon_days) * 86_400;
    let closed_until = question.through.unwrap_or_default().plus_seconds(-horizon);
    let beginning = Timestamp::from_micros(i64::MIN);
    let assigned = counted(db, shop, (beginning, question.now)).await?;
    let closed = counted(db, shop, (beginning, closed_until)).await?;
    let side = |kept: bool| ArmSum { assigned: assigned.get(&kept).copied().unwrap_or_default(), ..ArmSum::default() };
    let (mut kept, mut sent) = (side(true), side(false));
    let mut after: Option<MessageId> = None;
    loop {
        let rows = db.query_all(&page(shop, (closed_until, horizon), after)).await?;
        let Some(last) = rows.last() else { break };
        after = Some(Did::from_query_result(last, "")?.unit_id);
        for row in &rows {
            let one = Did::from_query_result(row, "")?;
            let arm = if one.kept == 1 { &mut kept } else { &mut sent };
            arm.moments.add(&Spent { revenue: one.net, bought: one.orders > 0, before: Some(one.before) });
            if one.net != 0 {
                arm.sales.push(one.net);
            }
            arm.orders += one.orders;
            arm.redeemed += one.redeemed;
            arm.discounts += one.discounts;
        }
    }
    for (is_kept, arm) in [(true, &mut kept), (false, &mut sent)] {
        let idle = closed.get(&is_kept).copied().unwrap_or_default() - arm.moments.n;
        arm.moments.merge(&ArmMoments { n: idle, known_before: idle, ..ArmMoments::default() });
    }
    Ok((kept, sent))
}

/// What the next recipients did who did anything.
fn page(shop: ShopId, (closed_until, horizon): (Timestamp, i64), after: Option<MessageId>) -> SelectStatement {
    let o = |column: O| Expr::col((Outcomes, column));
    let end = o(O::AssignedAt).add(horizon * 1_000_000);
    let within = || o(O::OrderedAt).gte(o(O::AssignedAt)).and(o(O::OrderedAt).lt(end.clone()));
    let counts = || within().and(o(O::Counts).eq(true));
    let since = o(O::AssignedAt).sub(BEFORE_SECONDS * 1_000_000);
    let before = o(O::OrderedAt).lt(o(O::AssignedAt)).and(o(O::OrderedAt).gte(since));
    let sum = |when: Expr, then: Expr| Expr::expr(Func::sum(Expr::case(when, then).finally(0))).cast_as("BIGINT");
    // Of the draw's own campaign: a member of the programme has the same id.
    let on = o(O::ShopId)
        .equals((Alias::new("m"), M::ShopId))
        .and(o(O::UnitId).equals((Alias::new("m"), M::Id)))
        .and(o(O::ExperimentId).equals((Alias::new("m"), M::CampaignId)));
    let mut select = firsts(shop);
    select
        .column((Outcomes, O::UnitId))
        .expr_as(kept_back(), "kept")
        .expr_as(sum(within(), o(O::NetMinor)), "net")
        .expr_as(sum(counts(), Expr::val(1)), "orders")
        .expr_as(sum(counts().and(o(O::Redeemed).eq(true)), Expr::val(1)), "redeemed")
        .expr_as(sum(counts(), o(O::DiscountMinor)), "discounts")
        .expr_as(sum(before, o(O::NetMinor)), "before")
        .join(JoinType::InnerJoin, Outcomes, on)
        .and_where(Expr::col((Alias::new("m"), M::IssuedAt)).lte(closed_until))
        .add_group_by([o(O::UnitId), Expr::col((Alias::new("m"), M::FailureCode))])
        .order_by((Outcomes, O::UnitId), sea_orm::Order::Asc)
        .limit(PAGE);
    if let Some(after) = after {
        select.and_where(o(O::UnitId).gt(after));
    }
    select
}
