//! The plan before a campaign: what a share left alone costs, what it will find and when, and the share that earns most.

use serde::{Deserialize, Serialize};

use crate::kernel::{Currency, Money};
use crate::stats::{self, Detectable, Expected, Options};

/// What is expected of a campaign.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Recipients in all, 100 to 100000000.
    #[schema(example = 20000, minimum = 100, maximum = 100_000_000)]
    recipients: u32,
    /// Share that buys unaided within the horizon, above 0 and below 1.
    #[schema(example = 0.03, exclusive_minimum = 0.0, exclusive_maximum = 1.0)]
    base_rate: f64,
    /// What a buyer spends, minor units.
    #[schema(example = 6000, minimum = 1)]
    value_minor: u32,
    /// The standard deviation of that, minor units; default as large as `value_minor`, which is usual.
    spread_minor: Option<u32>,
    /// Share left alone, 0.01 to 0.9; default 0.1.
    #[schema(minimum = 0.01, maximum = 0.9)]
    share: Option<f64>,
    /// The relative effect to be found, 0.01 to 10; default 0.1: 10 % more.
    #[schema(minimum = 0.01, maximum = 10.0)]
    lift: Option<f64>,
    /// How many recipients come in a day; left out: all at once.
    #[schema(minimum = 1)]
    per_day: Option<u32>,
    /// How far the true shares that buy usually lie apart between sending and not sending (σ of Test & Roll), above 0 and
    /// below 1; default `base_rate` × `lift`.
    #[schema(exclusive_minimum = 0.0, exclusive_maximum = 1.0)]
    prior: Option<f64>,
}

/// What one share does.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct SharePlan {
    /// Share left alone.
    share: f64,
    /// Recipients left alone.
    held: u64,
    /// What leaving them alone costs, if messages do bring the effect to be found.
    cost: Money,
    /// Conversions expected in the smaller arm.
    conversions: f64,
    /// Whether they are enough for an interval of money (20).
    interval_shown: bool,
    /// The smallest difference of revenue a recipient that will be found four times in five, minor units.
    detectable_minor: f64,
    /// The same in relation to what is bought unaided.
    detectable_relative: f64,
    /// The smallest difference of the shares that buy.
    detectable_conversion: f64,
    /// Recipients it takes to find the effect.
    recipients_needed: f64,
    /// Days until so many have come; `null` where all come at once.
    days_needed: Option<f64>,
}

/// The test that earns most (Test & Roll: Feit, Berman 2019).
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct CheapestTest {
    /// Recipients in each arm of the test; everybody else gets what did better.
    per_arm: u64,
    /// Of all recipients the share in each arm.
    share: f64,
}

/// A plan.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Plan {
    /// What was asked.
    asked: SharePlan,
    /// Other shares beside it: 5, 10, 20 and 50 %.
    others: Vec<SharePlan>,
    /// The holdout that costs least.
    cheapest: CheapestTest,
    /// It in one sentence.
    sentence: String,
}

impl Wanted {
    /// Makes the plan; or which field is wrong, and what to write instead.
    pub fn plan(&self, currency: Currency) -> Result<Plan, (&'static str, &'static str)> {
        let share = self.share.unwrap_or(0.1);
        let lift = self.lift.unwrap_or(0.1);
        let prior = self.prior.unwrap_or((self.base_rate * lift).min(0.5));
        let checks = [
            ((100..=100_000_000).contains(&self.recipients), "recipients", "Say 100 to 100000000 recipients."),
            (within(self.base_rate), "base_rate", "Say a share above 0 and below 1, e.g. 0.03."),
            (self.value_minor > 0, "value_minor", "Say an amount above 0 in minor units."),
            (self.spread_minor != Some(0), "spread_minor", "Say an amount above 0 in minor units."),
            ((0.01..=0.9).contains(&share), "share", "Choose a share from 0.01 to 0.9."),
            ((0.01..=10.0).contains(&lift), "lift", "Choose an effect from 0.01 to 10; 0.1 is 10 % more."),
            (self.per_day != Some(0), "per_day", "Say how many come in a day, 1 or more."),
            (within(prior), "prior", "Say a number above 0 and below 1, e.g. 0.03."),
        ];
        if let Some((_, field, detail)) = checks.into_iter().find(|(fine, ..)| !fine) {
            return Err((field, detail));
        }
        let strange = ("base_rate", "Of these numbers nothing can be planned.");
        let one = |share: f64| self.share(share, lift, currency).ok_or(strange);
        let asked = one(share)?;
        let others = [0.05, 0.1, 0.2, 0.5].into_iter().filter(|other| (*other - share).abs() > 1e-9).map(one);
        let others: Vec<SharePlan> = others.collect::<Result<_, _>>()?;
        let all = f64::from(self.recipients);
        let response = (self.base_rate * (1.0 - self.base_rate)).sqrt();
        let per_arm = stats::test_and_roll(all, response, prior).ok().filter(|arm| arm.is_finite());
        let per_arm = per_arm.ok_or(("prior", "From so little nothing can be planned. Say a number such as 0.03."))?;
        let cheapest = CheapestTest { per_arm: whole(per_arm), share: per_arm / all };
        Ok(Plan { sentence: sentence(&asked, lift), asked, others, cheapest })
    }

    fn share(&self, share: f64, lift: f64, currency: Currency) -> Option<SharePlan> {
        let Options { alpha, power, .. } = Options::default();
        let value = f64::from(self.value_minor);
        let spread = self.spread_minor.map_or(value, f64::from);
        let expected = Expected { base: self.base_rate, value, spread };
        let planned = stats::plan(&expected, f64::from(self.recipients), share, alpha, power).ok()?;
        let needed = stats::recipients_needed(&expected, lift, share, alpha, power).ok()?;
        let lost = planned.held * self.base_rate * value * lift;
        let (Detectable(minor), Detectable(conversion)) = (planned.revenue, planned.conversion);
        #[expect(clippy::cast_possible_truncation, reason = "an estimate of money")]
        let cost = Money::new(lost.round() as i64, currency);
        Some(SharePlan {
            share,
            held: whole(planned.held),
            cost,
            conversions: planned.conversions,
            interval_shown: planned.shown,
            detectable_minor: minor,
            detectable_relative: planned.relative,
            detectable_conversion: conversion,
            recipients_needed: needed,
            days_needed: self.per_day.map(|per_day| needed / f64::from(per_day)),
        })
    }
}

fn within(share: f64) -> bool {
    share > 0.0 && share < 1.0
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of people")]
fn whole(people: f64) -> u64 {
    people.round() as u64
}

fn sentence(asked: &SharePlan, lift: f64) -> String {
    let (share, held, smallest) = (asked.share * 100.0, asked.held, asked.detectable_relative * 100.0);
    let cost = format!("{} {}", asked.cost.decimal(), asked.cost.currency);
    let first = format!(
        "Leaving {share:.0} % alone ({held} people) costs about {cost} if messages bring {:.0} % more, and finds effects of {smallest:.0} % and more",
        lift * 100.0
    );
    match (asked.interval_shown, asked.days_needed) {
        (false, _) => {
            format!("{first}; fewer than 20 of them are expected to buy, so no interval of money will be shown.")
        }
        (_, Some(days)) => format!("{first}; the planned effect takes {:.0} days.", days.ceil()),
        _ => format!("{first}; the planned effect takes {:.0} recipients.", asked.recipients_needed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_website_case_of_test_and_roll() {
        let wanted = Wanted {
            recipients: 100_000,
            base_rate: 0.68,
            value_minor: 100,
            spread_minor: None,
            share: None,
            lift: None,
            per_day: Some(1_000),
            prior: Some(0.03),
        };
        let plan = wanted.plan(Currency::parse("EUR").unwrap()).unwrap();
        assert_eq!(plan.cheapest.per_arm, 2_284);
        // 10 % of 100,000, of whom 68 % spend 1.00: a tenth of that is 680.00.
        assert_eq!((plan.asked.held, plan.asked.cost.minor), (10_000, 68_000));
        assert_eq!(plan.asked.days_needed.map(|days| days * 1_000.0), Some(plan.asked.recipients_needed));
        assert!(Wanted { base_rate: f64::NAN, ..wanted }.plan(Currency::parse("EUR").unwrap()).is_err());
        assert_eq!(Wanted { share: Some(1.0), ..wanted }.plan(Currency::parse("EUR").unwrap()).unwrap_err().0, "share");
    }
}
