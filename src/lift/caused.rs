//! What messages caused in some days, for reports that print what is claimed: the programme's answer where the shop keeps
//! one, else that of its campaigns together.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr};

use super::claimed::measured;
use super::comparison::over_attribution;
use super::pool::pooled;
use super::report::{Question, Since, horizon, lately, main_comparison, of_program};
use super::view::{LiftStage, MoneyRange, OverAttribution, Range};
use crate::campaigns::{self, CampaignId, Experiment, Program};
use crate::catchup;
use crate::kernel::{Day, Timestamp};
use crate::orders::OrderId;
use crate::shops::Shop;
use crate::stats::Interval;

/// For how many days after the assignment orders count, where nobody chose.
pub const HORIZON_DAYS: u32 = 7;

/// What messages caused.
#[derive(Clone, Debug)]
pub struct Caused {
    /// How far it has come.
    pub stage: LiftStage,
    /// It in one sentence.
    pub sentence: String,
    /// What it is of.
    pub definition: &'static str,
    /// Net sales that would not have come without messages; `None` before its gate.
    pub money: Option<MoneyRange>,
    /// The same a recipient, minor units.
    pub per_recipient: Option<Range>,
    /// Recipients in it: left alone, written to.
    pub recipients: (i64, i64),
    /// The day on which an interval of money is shown, at the pace of the last 28 days.
    pub interval_on: Option<Day>,
    /// The messages it is of: what it is to be held against is what those cost, and no others.
    pub measured: Measured,
}

/// Messages whose effect was measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Made at this instant or after it, and before that one.
    pub between: (Timestamp, Timestamp),
    /// Of these campaigns; `None`: of any.
    pub campaigns: Option<BTreeSet<CampaignId>>,
}

impl Caused {
    /// How many times more is claimed of the same people's orders than was caused; `None` before the gate.
    pub fn over(&self, claimed_minor: i64) -> Option<OverAttribution> {
        let each = self.per_recipient?;
        let each = Interval { difference: each.value, low: each.low, high: each.high };
        Some(over_attribution(claimed_minor, &each, self.recipients.1))
    }
}

/// The instant right after.
const fn after(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros() + 1)
}

/// What messages caused between two instants.
pub async fn caused(
    db: &impl ConnectionTrait,
    shop: &Shop,
    instants: (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Caused, DbErr> {
    let through = catchup::complete_through(db, shop.shop_id).await?;
    let programs = campaigns::programs(db, shop.shop_id).await?;
    let ran = |one: &Program| one.began_at < instants.1 && one.ended_at.is_none_or(|ended| ended > instants.0);
    let question = Question {
        from: instants.0,
        until: Timestamp::from_micros(instants.1.micros() - 1),
        horizon_days: HORIZON_DAYS,
        planned: 0.1,
        through,
        now,
    };
    match programs.into_iter().find(ran) {
        Some(program) => of_programme(db, shop, &program, instants, &question).await,
        None => of_campaigns(db, shop, &question).await.map(|(caused, _)| caused),
    }
}

async fn of_programme(
    db: &impl ConnectionTrait,
    shop: &Shop,
    program: &Program,
    (from, until): (Timestamp, Timestamp),
    question: &Question,
) -> Result<Caused, DbErr> {
    let read = of_program(db, shop, program, question, Since::Between(from, until)).await?;
    let lately = lately(db, shop, &read, question).await?;
    let compared = main_comparison(shop, &read, question, &lately);
    Ok(Caused {
        stage: compared.stage,
        sentence: compared.sentence,
        definition: "Of the programme holdout: net sales of the period's orders a recipient, those who may be written to less those whom no campaign writes to, times all who may be.",
        money: compared.figures.as_ref().map(|figures| figures.incremental),
        per_recipient: compared.figures.as_ref().map(|figures| figures.per_recipient),
        recipients: (compared.against.recipients, compared.treated.recipients),
        interval_on: compared.outlook.and_then(|outlook| outlook.interval_on),
        // Whoever is drawn while it runs is in it; of what went out before, or after its end, it knows nothing.
        measured: Measured {
            between: (
                Ord::max(from, program.began_at),
                [Some(until), program.ended_at, question.through].into_iter().flatten().min().unwrap_or(until),
            ),
            campaigns: None,
        },
    })
}

async fn of_campaigns(
    db: &impl ConnectionTrait,
    shop: &Shop,
    question: &Question,
) -> Result<(Caused, Vec<CampaignId>), DbErr> {
    let (pooled, within) = pooled(db, shop, question).await?;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let caused = Caused {
        stage: pooled.stage,
        sentence: pooled.sentence,
        definition: "Of campaigns with a holdout: net sales within 7 days a recipient assigned in the period, those written to less those left alone, times all who were written to.",
        money: pooled.incremental,
        per_recipient: pooled.these,
        recipients: (count(pooled.holdout), count(pooled.treated)),
        interval_on: pooled.outlook.and_then(|outlook| outlook.interval_on),
        measured: Measured {
            between: (question.from, after(horizon(question).closed_until())),
            campaigns: Some(within.iter().copied().collect()),
        },
    };
    Ok((caused, within))
}

/// What the campaigns of some days caused, and the orders it was measured in: those of everybody written to, within the
/// horizon. Whoever was assigned less than a horizon before the end is left out, so that all of these orders lie in the days.
pub async fn caused_in_orders(
    db: &impl ConnectionTrait,
    shop: &Shop,
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<(Caused, BTreeSet<OrderId>), DbErr> {
    let through = catchup::complete_through(db, shop.shop_id).await?;
    let seconds = i64::from(HORIZON_DAYS) * 86_400;
    let last = Ord::min(until, through.unwrap_or_default()).plus_seconds(-seconds);
    let question = Question { from, until: last, horizon_days: HORIZON_DAYS, planned: 0.1, through, now };
    let (caused, within) = of_campaigns(db, shop, &question).await?;
    if within.is_empty() {
        return Ok((caused, BTreeSet::new()));
    }
    let experiments: Vec<Experiment> = within.iter().map(|campaign| Experiment::Campaign(*campaign)).collect();
    let select = measured(shop.shop_id, &experiments, &horizon(&question));
    let rows = db.query_all(&select).await?;
    let orders: Result<BTreeSet<OrderId>, DbErr> =
        rows.iter().map(|row| row.try_get("", "shopify_order_id").map(OrderId)).collect();
    Ok((caused, orders?))
}
