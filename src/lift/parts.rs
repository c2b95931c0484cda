//! A lift in parts: by what campaigns are for, by template, by step, by month, and by how long after the message one looks.
//!
//! 1. Every part stands behind the same gates as the whole, and says by itself that it is too early.
//! 2. Many parts are many chances to be fooled: each tells its p as it is and as it is among so many (Benjamini, Hochberg).
//! 3. By days after the message the people are the same in every row, or rows would differ because people do.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use super::pool::{campaign as summed, read_all, with_holdout};
use super::report::{Question, Since, of_campaign, of_program};
use super::view::{LiftStage, MoneyRange, Range};
use crate::campaigns::{Campaign, Kind, Program};
use crate::kernel::{Day, Timestamp};
use crate::shops::Shop;
use crate::stats::{self, Known, Options, Stage};

/// Days after which a difference is looked at again: what was only bought earlier is gone by then.
const AFTER: [u32; 4] = [7, 30, 60, 90];

/// How a lift is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LiftBy)]
pub enum By {
    /// Broadcasts, abandoned checkouts, flows.
    Kind,
    /// Campaigns with the same word for their message (`link.message`).
    Template,
    /// Steps of conversations (`link.step`).
    Step,
    /// The month in which recipients were assigned; of a programme, in which they ordered.
    Month,
    /// Seven, thirty, sixty and ninety days after the assignment, of the same people.
    Horizon,
}

/// What is measured: a campaign, the programme, or all campaigns together.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    /// One campaign.
    Campaign(&'a Campaign),
    /// A programme.
    Program(&'a Program),
    /// All with a holdout.
    All,
}

/// A part of a lift.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LiftPart)]
pub struct Part {
    /// What it is of: a kind, a word for a message or a step (empty: none was given), a month (`YYYY-MM`), days.
    pub key: String,
    /// Campaigns in it.
    pub campaigns: usize,
    /// How far it has come.
    pub stage: LiftStage,
    /// Recipients left alone whose horizon has closed.
    pub holdout: i64,
    /// Recipients written to whose horizon has closed.
    pub treated: i64,
    /// Buyers among those left alone.
    pub holdout_buyers: i64,
    /// Buyers among those written to.
    pub treated_buyers: i64,
    /// What the gate counts: conversions of the smaller arm.
    pub conversions: i64,
    /// Difference of the shares that bought.
    pub conversion: Option<Range>,
    /// Difference of net revenue a recipient, minor units; `null` before its gate.
    pub per_recipient: Option<Range>,
    /// The same for all who were written to.
    pub incremental: Option<MoneyRange>,
    /// Of a programme by month: the difference of everything since each was assigned, up to the month's end. It is looked at
    /// month after month, so its limits are those that stay true at every look.
    pub cumulative: Option<Range>,
    /// The chance of a difference at least as large if messages did nothing.
    pub p: Option<f64>,
    /// The same, allowing for how many parts are looked at (Benjamini, Hochberg); not by horizon, whose rows share people.
    pub p_adjusted: Option<f64>,
}

/// A lift in parts.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LiftParts)]
pub struct Parts {
    /// How it is divided.
    pub by: By,
    /// In words.
    pub definition: &'static str,
    /// In one sentence, by horizon.
    pub sentence: Option<String>,
    /// The parts.
    pub parts: Vec<Part>,
}

/// Divides a lift; `None`: it cannot be divided so.
pub async fn parts(
    db: &impl ConnectionTrait,
    shop: &Shop,
    of: Of<'_>,
    by: By,
    question: &Question,
) -> Result<Option<Parts>, DbErr> {
    let mut parts = match (by, of) {
        (By::Horizon, _) => return by_horizon(db, shop, of, question).await.map(Some),
        (By::Month, _) => by_month(db, shop, of, question).await?,
        (_, Of::All) => by_word(db, shop, by, question).await?,
        _ => return Ok(None),
    };
    let told: Vec<f64> = parts.iter().filter_map(|part| part.p).collect();
    let mut adjusted = stats::benjamini_hochberg(&told).into_iter();
    for part in parts.iter_mut().filter(|part| part.p.is_some()) {
        part.p_adjusted = adjusted.next();
    }
    let definition = match (by, of) {
        (By::Month, Of::Program(_)) => {
            "Net sales a recipient of orders placed in the month; those who may be written to less those whom no campaign writes to, everybody assigned by its end included."
        }
        (By::Month, _) => "Recipients by the month in which they were assigned; net sales within the horizon of that.",
        (By::Kind, _) => "Campaigns by what they are for, weighed by their size in both arms.",
        (By::Template, _) => "Campaigns by their own word for their message, weighed by their size in both arms.",
        _ => "Campaigns by their own word for the step of a conversation, weighed by their size in both arms.",
    };
    Ok(Some(Parts { by, definition, sentence: None, parts }))
}

/// What is measured, as mathematics takes it.
async fn read(
    db: &impl ConnectionTrait,
    shop: &Shop,
    of: Of<'_>,
    question: &Question,
    since: Since,
) -> Result<Vec<stats::Campaign>, DbErr> {
    Ok(match of {
        Of::Campaign(one) => vec![summed(&of_campaign(db, shop, one, question).await?)],
        Of::Program(program) => vec![summed(&of_program(db, shop, program, question, since).await?)],
        Of::All => {
            let all = read_all(db, shop, with_holdout(db, shop).await?, question).await?;
            all.iter().map(|(_, one)| summed(one)).collect()
        }
    })
}

async fn by_word(db: &impl ConnectionTrait, shop: &Shop, by: By, question: &Question) -> Result<Vec<Part>, DbErr> {
    let mut words: BTreeMap<String, Vec<stats::Campaign>> = BTreeMap::new();
    for (campaign, one) in read_all(db, shop, with_holdout(db, shop).await?, question).await? {
        let word = match (by, campaign.kind) {
            (By::Template, _) => campaign.link.template_word().to_owned(),
            (By::Step, _) => campaign.link.step_word().to_owned(),
            (_, Kind::Broadcast) => "broadcast".to_owned(),
            (_, Kind::AbandonedCheckout) => "abandoned_checkout".to_owned(),
            (_, Kind::Flow) => "flow".to_owned(),
        };
        words.entry(word).or_default().push(summed(&one));
    }
    Ok(words.into_iter().map(|(word, known)| part(word, &known, shop)).collect())
}

async fn by_month(db: &impl ConnectionTrait, shop: &Shop, of: Of<'_>, question: &Question) -> Result<Vec<Part>, DbErr> {
    let zone = shop.zone();
    let (from, until) = match of {
        Of::Program(program) => (program.began_at, Ord::min(question.now, program.ended_at.unwrap_or(question.now))),
        _ => (question.from, Ord::min(question.until, question.now)),
    };
    let (first, last) = (from.day(zone).month(), until.day(zone).month());
    let mut parts = Vec::new();
    for months in 0..=last.months_after(first) {
        let (begins, ends) = (first.plus_months(months), first.plus_months(months + 1));
        let within = (Ord::max(begins.start(zone), from), just_before(ends, question, shop));
        let question = match of {
            Of::Program(_) => Question { until: question.now, ..*question },
            _ => Question { from: within.0, until: within.1, ..*question },
        };
        let known = read(db, shop, of, &question, Since::Between(within.0, ends.start(zone))).await?;
        let month = begins.to_string().chars().take(7).collect();
        let mut of_month = part(month, &known, shop);
        if let Of::Program(program) = of {
            let so_far = of_program(db, shop, program, &question, Since::Until(ends.start(zone))).await?;
            of_month.cumulative = live(&summed(&so_far));
        }
        parts.push(of_month);
    }
    Ok(parts)
}

/// The difference with limits that stay true at every look; `None` before its gate.
fn live(one: &stats::Campaign) -> Option<Range> {
    let known = Known { assigned: one.assigned, holdout: one.holdout, treated: one.treated, capped: None };
    let judged = stats::judge(&known, &Options { holdout_share: one.share, ..Options::default() });
    judged.money.and_then(|money| money.live.ok()).map(|live| live.interval.into())
}

/// The last instant of a question that lies before a day.
fn just_before(day: Day, question: &Question, shop: &Shop) -> Timestamp {
    Ord::min(question.until, Timestamp::from_micros(day.start(shop.zone()).micros() - 1))
}

/// The same people at each of the horizons: those for whom the longest that has closed for anybody has.
async fn by_horizon(db: &impl ConnectionTrait, shop: &Shop, of: Of<'_>, question: &Question) -> Result<Parts, DbErr> {
    let through = question.through.unwrap_or_default();
    let mut parts: Vec<Part> = Vec::new();
    for longest in AFTER.into_iter().rev() {
        let closed = through.plus_seconds(-i64::from(longest) * 86_400);
        let until = Ord::min(closed, if matches!(of, Of::Program(_)) { question.now } else { question.until });
        for days in AFTER.into_iter().filter(|days| *days <= longest) {
            let question = Question { until, horizon_days: days, ..*question };
            let known = read(db, shop, of, &question, Since::Days(days)).await?;
            parts.push(part(days.to_string(), &known, shop));
        }
        if parts.iter().any(|part| part.holdout > 0 && part.treated > 0) {
            break;
        }
        parts.clear();
    }
    let sentence = pulled(&parts);
    Ok(Parts {
        by: By::Horizon,
        definition: "Cumulative difference of net sales a recipient so many days after the assignment, of the same people in every row: those whose longest horizon here has closed. Where it shrinks again, purchases were only made earlier.",
        sentence: Some(sentence),
        parts,
    })
}

/// Whether what came at first is gone later. Both limits decide, and neither more than they can.
fn pulled(parts: &[Part]) -> String {
    let shown: Vec<(&str, Range)> =
        parts.iter().filter_map(|part| part.per_recipient.map(|range| (part.key.as_str(), range))).collect();
    let (Some((first, early)), Some((last, late))) = (shown.first(), shown.last()) else {
        return "Too early to say whether purchases were only made earlier.".to_owned();
    };
    if first == last {
        return format!(
            "Only the first {first} days are over for anybody: whether purchases were only made earlier shows later."
        );
    }
    if early.low <= 0.0 {
        return format!(
            "In the first {first} days no difference can be told from chance, so there is nothing that could have been made earlier only."
        );
    }
    match (late.low > 0.0, late.value < early.value) {
        (true, false) => format!(
            "What came in the first {first} days is still there after {last}: purchases were not only made earlier."
        ),
        (true, true) => {
            format!("Of what came in the first {first} days a part is gone after {last}, and a part is still there.")
        }
        (false, _) => format!(
            "What came in the first {first} days can no longer be told from chance after {last}: purchases may only have been made earlier."
        ),
    }
}

/// One part, behind the gates. A single experiment is judged as its own report judges it.
fn part(key: String, known: &[stats::Campaign], shop: &Shop) -> Part {
    let options = Options::default();
    let pool = stats::judge_pool(known, &options);
    let (stage, these, p, conversion) = match known {
        [one] => {
            let options = Options { holdout_share: one.share, ..options };
            let alone = Known { assigned: one.assigned, holdout: one.holdout, treated: one.treated, capped: None };
            let judged = stats::judge(&alone, &options);
            let headline = judged.money.as_ref().and_then(|money| money.headline.ok());
            let conversion = judged.counts.as_ref().and_then(|counts| counts.conversion.ok());
            (judged.stage, headline, stats::p_value(&alone, judged.stage), conversion)
        }
        _ => {
            let conversion = pool.conversion.and_then(Result::ok).map(|strata| strata.interval);
            (pool.stage, pool.these.and_then(Result::ok), pool.p, conversion)
        }
    };
    let sum = |of: fn(&stats::Campaign) -> i64| known.iter().map(of).sum::<i64>();
    let treated = sum(|one| one.treated.n);
    Part {
        key,
        campaigns: known.len(),
        stage: stage.into(),
        holdout: sum(|one| one.holdout.n),
        treated,
        holdout_buyers: sum(|one| one.holdout.buyers),
        treated_buyers: sum(|one| one.treated.buyers),
        conversions: pool.conversions,
        conversion: conversion.filter(|_| stage != Stage::Refused).map(Range::from),
        per_recipient: these.map(Range::from),
        incremental: these.map(|these| MoneyRange::of(&these, treated, shop.money())),
        cumulative: None,
        p: these.and(p),
        p_adjusted: None,
    }
}
