//! The report of one experiment: a campaign, or the shop's programme.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use super::arms::{ArmSum, Horizon, arms};
use super::claimed::claimed;
use super::comparison::{MESSAGES, compare, name};
use super::view::{Asked, Comparison};
use crate::attribution::DEFAULT_POLICY;
use crate::campaigns::{self, Arm, Campaign, CampaignId, Experiment, Program, ProgramId};
use crate::kernel::{Day, Timestamp};
use crate::shops::Shop;

/// Assignments of the last 28 days are the present pace.
const LATELY_SECONDS: i64 = 28 * 86_400;

/// What an experiment's report is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Assigned from this instant on.
    pub from: Timestamp,
    /// Assigned at this instant or before it.
    pub until: Timestamp,
    /// For how many days orders count after the assignment.
    pub horizon_days: u32,
    /// The relative effect to be found.
    pub planned: f64,
    /// Everything up to here is known; `None`: nobody has compared with Shopify yet.
    pub through: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// Lift of one experiment.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ExperimentLift {
    /// Of a campaign.
    pub campaign_id: Option<CampaignId>,
    /// Of the programme.
    pub program_id: Option<ProgramId>,
    /// The campaign's name; `null` of the programme.
    pub name: Option<String>,
    /// The planned share left alone; 0: nobody is, and there is nothing to compare with.
    pub holdout: f64,
    /// The same, in words.
    pub definition: String,
    /// For how many days after the assignment orders count; `null`: as long as the programme runs.
    pub horizon_days: Option<u32>,
    /// The first is the main one; with three arms, the others follow.
    pub comparisons: Vec<Comparison>,
}

/// An experiment with what is known of it.
pub struct Read {
    /// Which.
    pub experiment: Experiment,
    /// Its arms.
    pub arms: BTreeMap<Arm, ArmSum>,
    /// Planned shares: left alone, and with a message alone.
    pub shares: (f64, f64),
    horizon: Horizon,
}

impl Read {
    /// The arm left alone.
    pub fn nothing(&self) -> ArmSum {
        self.arms.get(&Arm::Nothing).cloned().unwrap_or_default()
    }

    /// All who got a message.
    pub fn messages(&self) -> ArmSum {
        let all = self.arms.iter().filter(|(arm, _)| **arm != Arm::Nothing);
        all.fold(ArmSum::default(), |sum, (_, arm)| if sum.assigned == 0 { arm.clone() } else { sum.with(arm) })
    }
}

/// Of the recipients of campaigns.
pub fn horizon(question: &Question) -> Horizon {
    Horizon {
        from: question.from,
        until: question.until,
        seconds: Some(i64::from(question.horizon_days) * 86_400),
        through: question.through.unwrap_or_default(),
        ordered: None,
    }
}

/// Reads a campaign's arms.
pub async fn of_campaign(
    db: &impl ConnectionTrait,
    shop: &Shop,
    campaign: &Campaign,
    question: &Question,
) -> Result<Read, DbErr> {
    let share = |ppm: i32| f64::from(ppm) / 1_000_000.0;
    let horizon = horizon(question);
    let experiment = Experiment::Campaign(campaign.id);
    let arms = arms(db, shop.shop_id, experiment, &horizon, shop.margin_ppm).await?;
    Ok(Read { experiment, arms, shares: (share(campaign.holdout_ppm), share(campaign.message_ppm)), horizon })
}

/// A campaign's report.
pub async fn campaign_lift(
    db: &impl ConnectionTrait,
    shop: &Shop,
    campaign: &Campaign,
    question: &Question,
) -> Result<ExperimentLift, DbErr> {
    let read = of_campaign(db, shop, campaign, question).await?;
    let lately = lately(db, shop, &read, question).await?;
    let claims = claims(db, shop, &read).await?;
    let cost = campaign.cost().filter(|cost| cost.currency == shop.money()).map(|cost| cost.minor);
    let comparisons = comparisons(shop, &read, question, (&lately, cost), &claims);
    Ok(ExperimentLift {
        campaign_id: Some(campaign.id),
        program_id: None,
        name: Some(campaign.name.clone()),
        holdout: read.shares.0,
        definition: format!(
            "Net sales a recipient within {} days of being eligible, by any road; those written to less those left alone, everybody assigned included.",
            question.horizon_days
        ),
        horizon_days: Some(question.horizon_days),
        comparisons,
    })
}

/// Which orders of a programme's members count.
#[derive(Clone, Copy, Debug)]
pub enum Since {
    /// All since each was assigned.
    Assigned,
    /// Those of so many days after each was assigned.
    Days(u32),
    /// Those placed at or after the first instant and before the second.
    Between(Timestamp, Timestamp),
    /// All since each was assigned, placed before this instant.
    Until(Timestamp),
}

/// Reads a programme's arms.
pub async fn of_program(
    db: &impl ConnectionTrait,
    shop: &Shop,
    program: &Program,
    question: &Question,
    since: Since,
) -> Result<Read, DbErr> {
    let through = question.through.unwrap_or_default();
    let mut horizon = Horizon { from: program.began_at, until: question.until, seconds: None, through, ordered: None };
    match since {
        Since::Assigned => {}
        Since::Days(days) => horizon.seconds = Some(i64::from(days) * 86_400),
        // Whoever was assigned later could not order by then.
        Since::Between(from, until) => {
            horizon.until = Ord::min(horizon.until, until);
            horizon.ordered = Some((from, until));
        }
        Since::Until(until) => {
            horizon.until = Ord::min(horizon.until, until);
            horizon.ordered = Some((program.began_at, until));
        }
    }
    let experiment = Experiment::Program(program.id);
    let shares = (f64::from(program.share_ppm) / 1_000_000.0, 0.0);
    let arms = arms(db, shop.shop_id, experiment, &horizon, shop.margin_ppm).await?;
    Ok(Read { experiment, arms, shares, horizon })
}

/// The programme's report: everything since each was assigned.
pub async fn program_lift(
    db: &impl ConnectionTrait,
    shop: &Shop,
    program: &Program,
    question: &Question,
) -> Result<ExperimentLift, DbErr> {
    let question = &Question { until: question.now, ..*question };
    let read = of_program(db, shop, program, question, Since::Assigned).await?;
    let lately = lately(db, shop, &read, question).await?;
    let claims = claims(db, shop, &read).await?;
    Ok(ExperimentLift {
        campaign_id: None,
        program_id: Some(program.id),
        name: None,
        holdout: read.shares.0,
        definition: "Net sales a recipient since being drawn for the first time, by any road; those who may be written to less those whom no campaign writes to, everybody assigned included.".to_owned(),
        horizon_days: None,
        comparisons: comparisons(shop, &read, question, (&lately, None), &claims),
    })
}

/// Those written to beside those left alone, without claims.
pub fn main_comparison(shop: &Shop, read: &Read, question: &Question, lately: &BTreeMap<Arm, i64>) -> Comparison {
    let (nothing, messages) = (read.nothing(), read.messages());
    let new = |of: fn(Arm) -> bool| lately.iter().filter(|(arm, _)| of(**arm)).map(|(_, n)| *n).sum::<i64>();
    let asked = Asked {
        against: (name(Arm::Nothing), &nothing),
        treated: (MESSAGES, &messages),
        share: read.shares.0,
        lately: (new(|arm| arm == Arm::Nothing), new(|arm| arm != Arm::Nothing)),
        today: question.now.day(shop.zone()),
        planned: question.planned,
        cost_minor: None,
        currency: shop.money(),
        known: question.through.is_some(),
    };
    compare(&asked, &[])
}

/// Newly assigned in the last 28 days, by arm.
pub async fn lately(
    db: &impl ConnectionTrait,
    shop: &Shop,
    read: &Read,
    question: &Question,
) -> Result<BTreeMap<Arm, i64>, DbErr> {
    let since = question.now.plus_seconds(-LATELY_SECONDS);
    let assigned = campaigns::assigned(db, shop.shop_id, read.experiment, (since, question.now)).await?;
    Ok(assigned.into_iter().map(|one| (one.arm, one.recipients)).collect())
}

/// What each policy claims, the default first.
async fn claims(db: &impl ConnectionTrait, shop: &Shop, read: &Read) -> Result<Vec<(String, i64)>, DbErr> {
    let mut all: Vec<(String, i64)> =
        claimed(db, shop.shop_id, read.experiment, &read.horizon).await?.into_iter().collect();
    // Earlier versions of a policy are no other claims.
    all.retain(|(policy, _)| !policy.contains('@'));
    if !all.iter().any(|(policy, _)| policy == DEFAULT_POLICY) {
        all.push((DEFAULT_POLICY.to_owned(), 0));
    }
    all.sort_by_key(|(policy, _)| (policy != DEFAULT_POLICY, policy.clone()));
    Ok(all)
}

fn comparisons(
    shop: &Shop,
    read: &Read,
    question: &Question,
    (lately, cost_minor): (&BTreeMap<Arm, i64>, Option<i64>),
    claims: &[(String, i64)],
) -> Vec<Comparison> {
    let (nothing, messages) = (read.nothing(), read.messages());
    let arm = |arm: Arm| read.arms.get(&arm).cloned().unwrap_or_default();
    let (bare, coded) = (arm(Arm::Message), arm(Arm::MessageAndCode));
    let new = |of: &dyn Fn(Arm) -> bool| lately.iter().filter(|(arm, _)| of(**arm)).map(|(_, n)| *n).sum::<i64>();
    let today: Day = question.now.day(shop.zone());
    let asked = |against, treated, share: f64, lately: (i64, i64), cost_minor: Option<i64>| Asked {
        against,
        treated,
        share,
        lately,
        today,
        planned: question.planned,
        cost_minor,
        currency: shop.money(),
        known: question.through.is_some(),
    };
    let (left, alone) = read.shares;
    let lately_in = |one: Arm| new(&|arm| arm == one);
    let written = new(&|arm| arm != Arm::Nothing);
    let mut all = Vec::new();
    if left > 0.0 {
        let lately = (lately_in(Arm::Nothing), written);
        let main = asked((name(Arm::Nothing), &nothing), (MESSAGES, &messages), left, lately, cost_minor);
        all.push(compare(&main, claims));
    }
    if alone > 0.0 {
        let with_code = 1.0 - left - alone;
        for (one, sum, share) in [(Arm::Message, &bare, alone), (Arm::MessageAndCode, &coded, with_code)] {
            if left > 0.0 {
                let lately = (lately_in(Arm::Nothing), lately_in(one));
                let share = left / (left + share);
                all.push(compare(
                    &asked((name(Arm::Nothing), &nothing), (name(one), sum), share, lately, cost_minor),
                    &[],
                ));
            }
        }
        let (arms, lately) = ((name(Arm::Message), &bare), (lately_in(Arm::Message), lately_in(Arm::MessageAndCode)));
        let code = asked(arms, (name(Arm::MessageAndCode), &coded), alone / (alone + with_code), lately, Some(0));
        all.push(compare(&code, &[]));
    }
    all
}
