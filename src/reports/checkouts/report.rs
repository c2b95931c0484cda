//! The report.

use sea_orm::sea_query::{CaseStatement, Cond, Expr, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType};
use serde::Serialize;

use super::counted::{Alike, Whose, left};
use crate::abandoned::{AbandonmentColumn as A, Abandonments, State};
use crate::attribution::evidence::Kind;
use crate::campaigns::{DrawColumn, Draws};
use crate::catchup;
use crate::checkouts::{CheckoutColumn, Checkouts};
use crate::kernel::{Day, Money, Timestamp};
use crate::reports::funnel::counted;
use crate::reports::measures::Measure;
use crate::reports::period::Period;
use crate::reports::share::Share;
use crate::reports::totals::{Total, bigint, count, rows, totals};
use crate::shops::Shop;

/// What counts as abandoned.
const DEFINITION: &str = "Checkouts that lay quiet for long enough, with somebody who can be reached, by the day on which they did; one that is worked on again is none, until it lies quiet again.";

/// Checkouts and what they are worth.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct CheckoutCount {
    checkouts: i64,
    /// What was in them.
    value: Money,
}

/// Some of them, and how many were completed.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct CameBack {
    checkouts: i64,
    completed: i64,
    rate: Share,
}

/// Orders that completed an abandoned checkout, by the evidence that ties them to a message.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RecoveredBy {
    /// `null`: nothing ties them to one, but a message about that checkout came first.
    evidence: Option<Kind>,
    orders: i64,
    net_sales: Money,
}

/// Abandoned checkouts of a period.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CheckoutsReport {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    /// The instant up to which every source is known to be whole; `null` until reconciliation has looked.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    /// What counts as abandoned.
    definition: &'static str,
    abandoned: CheckoutCount,
    /// They still lie there.
    open: CheckoutCount,
    /// Completed after all.
    recovered: CheckoutCount,
    /// Their shopper bought something else, or by another checkout.
    withdrawn: CheckoutCount,
    /// Deleted at Shopify.
    deleted: CheckoutCount,
    /// Somebody was written to about them.
    written_to: CameBack,
    /// Their shopper was left alone on purpose: what completes itself.
    held_out: CameBack,
    /// Nobody chose them for a campaign.
    nobodys: CameBack,
    /// Orders placed in the period that completed an abandoned checkout a message was about.
    orders: i64,
    net_sales: Money,
    /// The same by evidence, the most first; they sum to it.
    by_evidence: Vec<RecoveredBy>,
}

#[derive(FromQueryResult)]
struct Row {
    abandoned: i64,
    abandoned_value: i64,
    open: i64,
    open_value: i64,
    recovered: i64,
    recovered_value: i64,
    withdrawn: i64,
    withdrawn_value: i64,
    deleted: i64,
    deleted_value: i64,
    written: i64,
    written_completed: i64,
    held: i64,
    held_completed: i64,
}

impl Row {
    /// The same out of counts.
    fn of(counted: &[Alike]) -> Self {
        let sum = |asked: &dyn Fn(&Alike) -> bool| {
            let asked = counted.iter().filter(|one| asked(one));
            asked.fold((0, 0), |(checkouts, value), one| (checkouts + one.checkouts, value + one.value))
        };
        let in_state = |state: State| sum(&|one| one.state == state);
        let whose = |whose: Whose| sum(&|one| one.whose == whose).0;
        let completed = |whose: Whose| sum(&|one| one.whose == whose && one.state == State::Recovered).0;
        let (abandoned, abandoned_value) = sum(&|_| true);
        let (open, open_value) = in_state(State::Open);
        let (recovered, recovered_value) = in_state(State::Recovered);
        let (withdrawn, withdrawn_value) = in_state(State::Withdrawn);
        let (deleted, deleted_value) = in_state(State::Deleted);
        Self {
            abandoned,
            abandoned_value,
            open,
            open_value,
            recovered,
            recovered_value,
            withdrawn,
            withdrawn_value,
            deleted,
            deleted_value,
            written: whose(Whose::Written),
            written_completed: completed(Whose::Written),
            held: whose(Whose::HeldOut),
            held_completed: completed(Whose::HeldOut),
        }
    }
}

struct Evidence {
    evidence: Option<Kind>,
    orders: i64,
    net: i64,
}

/// Reads it.
pub async fn report(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<CheckoutsReport, DbErr> {
    let row = match left(db, shop.shop_id, period.instants).await? {
        Some(counted) => Row::of(&counted),
        None => {
            let found: Option<Row> = rows(db, &abandoned(shop, period)).await?.into_iter().next();
            found.ok_or_else(|| DbErr::RecordNotFound("a count has a row".to_owned()))?
        }
    };
    let money = |minor: i64| Money::new(minor, shop.money());
    let held = |checkouts: i64, value: i64| CheckoutCount { checkouts, value: money(value) };
    let came = |checkouts: i64, completed: i64| CameBack {
        checkouts,
        completed,
        rate: Share::new("Checkouts that were completed after all / abandoned checkouts.", completed, checkouts),
    };
    let mut by_evidence = recovered(&totals(db, shop.shop_id, period).await?);
    by_evidence.sort_by_key(|one| std::cmp::Reverse((one.orders, one.net)));
    Ok(CheckoutsReport {
        from: period.from,
        to: period.to,
        complete_through: catchup::complete_through(db, shop.shop_id).await?,
        definition: DEFINITION,
        abandoned: held(row.abandoned, row.abandoned_value),
        open: held(row.open, row.open_value),
        recovered: held(row.recovered, row.recovered_value),
        withdrawn: held(row.withdrawn, row.withdrawn_value),
        deleted: held(row.deleted, row.deleted_value),
        written_to: came(row.written, row.written_completed),
        held_out: came(row.held, row.held_completed),
        nobodys: came(
            row.abandoned - row.written - row.held,
            row.recovered - row.written_completed - row.held_completed,
        ),
        orders: by_evidence.iter().map(|one| one.orders).sum(),
        net_sales: money(by_evidence.iter().map(|one| one.net).sum()),
        by_evidence: by_evidence
            .into_iter()
            .map(|one| RecoveredBy { evidence: one.evidence, orders: one.orders, net_sales: money(one.net) })
            .collect(),
    })
}

/// Checkouts abandoned in the period, counted in one look.
fn abandoned(shop: &Shop, period: &Period) -> SelectStatement {
    let of_checkout = Cond::all()
        .add(Expr::col((Checkouts, CheckoutColumn::ShopId)).equals((Abandonments, A::ShopId)))
        .add(Expr::col((Checkouts, CheckoutColumn::Token)).equals((Abandonments, A::Token)));
    let is = |state: State| Expr::col((Abandonments, A::State)).eq(state);
    let drawn = |held_out: bool| {
        let draw = Query::select()
            .expr(Expr::val(1))
            .from(Draws)
            .and_where(Expr::col((Draws, DrawColumn::ShopId)).eq(shop.shop_id))
            .and_where(Expr::col((Draws, DrawColumn::CheckoutToken)).equals((Abandonments, A::Token)))
            .and_where(Expr::col((Draws, DrawColumn::HeldOut)).eq(held_out))
            .to_owned();
        Expr::exists(draw)
    };
    // Whom several campaigns chose counts as written to, if one of them wrote.
    let (written, left_alone) = (|| drawn(false), || drawn(true).and(drawn(false).not()));
    let kept = || State::quiet().into_iter().fold(Cond::any(), |any, state| any.add(is(state)));
    let mut select = Query::select();
    select
        .expr_as(count(), "abandoned")
        .expr_as(worth(Expr::val(1).eq(1)), "abandoned_value")
        .from(Abandonments)
        .join(JoinType::InnerJoin, Checkouts, of_checkout)
        .and_where(Expr::col((Abandonments, A::ShopId)).eq(shop.shop_id))
        .and_where(Expr::col((Abandonments, A::AbandonedAt)).gte(period.instants.0))
        .and_where(Expr::col((Abandonments, A::AbandonedAt)).lt(period.instants.1))
        .cond_where(kept());
    for (state, count, value) in [
        (State::Open, "open", "open_value"),
        (State::Recovered, "recovered", "recovered_value"),
        (State::Withdrawn, "withdrawn", "withdrawn_value"),
        (State::Deleted, "deleted", "deleted_value"),
    ] {
        select.expr_as(counted(is(state)), count).expr_as(worth(is(state)), value);
    }
    select
        .expr_as(counted(written()), "written")
        .expr_as(counted(written().and(is(State::Recovered))), "written_completed")
        .expr_as(counted(left_alone()), "held")
        .expr_as(counted(left_alone().and(is(State::Recovered))), "held_completed")
        .to_owned()
}

/// What the checkouts a condition holds for are worth.
fn worth(condition: Expr) -> Expr {
    let total = Expr::col((Checkouts, CheckoutColumn::TotalMinor));
    let one: Expr = CaseStatement::new().case(condition, total).finally(0).into();
    bigint(Func::coalesce([one.sum(), Expr::val(0)]))
}

/// Orders of the period that completed one, by evidence.
fn recovered(totals: &[Total]) -> Vec<Evidence> {
    let mut found: Vec<Evidence> = Vec::new();
    for total in totals.iter().filter(|total| Measure::Recovered.holds(total)) {
        match found.iter_mut().find(|one| one.evidence == total.evidence) {
            Some(one) => (one.orders, one.net) = (one.orders + total.orders, one.net + total.net),
            None => found.push(Evidence { evidence: total.evidence, orders: total.orders, net: total.net }),
        }
    }
    found
}
