//! Several campaigns judged as one, behind the same gates. Two questions are kept apart:
//!
//! * What did *these* campaigns do? The differences, weighed by design, with the variance within campaigns.
//! * What may the *next* one do? That rests on how campaigns differ among themselves, of which there are only so many: wider.
//!
//! A campaign whose arms are not as planned is left out and counted; where the arms of all of them together are not, nothing
//! is said.

use super::{
    ArmMoments, Interval, Next, Options, Sample, SampleRatio, Stage, Strata, Why, judge,
    next::next,
    pooled::pooled,
    ratio::sample_ratio_over,
    strata::strata,
    two_part::{Parts, difference},
};

/// One campaign as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Campaign {
    /// The share that was to be held out.
    pub share: f64,
    /// Everybody assigned so far: holdout, treated.
    pub assigned: (usize, usize),
    /// Of the holdout, those whose horizon has closed.
    pub holdout: ArmMoments,
    /// Of the treated, those whose horizon has closed.
    pub treated: ArmMoments,
}

/// What is said of campaigns together.
#[derive(Clone, Debug)]
pub struct JudgedPool {
    /// How far they have come, by the conversions of all of them together.
    pub stage: Stage,
    /// Whether the arms of all of them together are as planned.
    pub sample_ratio: Option<SampleRatio>,
    /// How many campaigns are in it, and how many were left out because their arms are not as planned.
    pub campaigns: (usize, usize),
    /// The places of those that are in it.
    pub within: Vec<usize>,
    /// Recipients: holdout, treated.
    pub n: (usize, usize),
    /// Buyers: holdout, treated.
    pub buyers: (usize, usize),
    /// The conversions of the smaller arm of all campaigns together.
    pub conversions: i64,
    /// The difference of the shares that bought; `None` where nothing is said.
    pub conversion: Option<Result<Strata, Why>>,
    /// What these campaigns did, in money a recipient; `None` before its gate.
    pub these: Option<Result<Interval, Why>>,
    /// The chance of a difference at least as large if they did nothing; `None` before the same gate.
    pub p: Option<f64>,
    /// What the next one may do; `None` before the same gate.
    pub next: Option<Result<Next, Why>>,
}

/// Judges campaigns together.
pub fn judge_pool(campaigns: &[Campaign], options: &Options) -> JudgedPool {
    let planned: Vec<_> = campaigns.iter().map(|one| (one.assigned, one.share)).collect();
    let sample_ratio = sample_ratio_over(&planned);
    let fair = |one: &&Campaign| !sample_ratio_over(&[(one.assigned, one.share)]).is_some_and(|ratio| ratio.refused);
    let two = |one: &&Campaign| one.holdout.n >= 2 && one.treated.n >= 2;
    let left: Vec<(usize, &Campaign)> = campaigns.iter().enumerate().filter(|(_, one)| fair(one)).collect();
    let refused = campaigns.len() - left.len();
    let (within, closed): (Vec<usize>, Vec<&Campaign>) = left.into_iter().filter(|(_, one)| two(one)).unzip();
    let sum = |of: fn(&ArmMoments) -> i64| {
        let all = |arm: fn(&Campaign) -> &ArmMoments| closed.iter().map(|one| of(arm(one))).sum::<i64>();
        (all(|one| &one.holdout), all(|one| &one.treated))
    };
    let conversions = sum(ArmMoments::conversions);
    let conversions = conversions.0.min(conversions.1);
    let stage = match (&sample_ratio, closed.is_empty()) {
        (Some(ratio), _) if ratio.refused => Stage::Refused,
        (_, true) => Stage::NothingClosed,
        _ => Stage::of(conversions),
    };
    let money = matches!(stage, Stage::TwoPart | Stage::Welch);
    let size = |(h, t): (i64, i64)| (usize::try_from(h).unwrap_or(0), usize::try_from(t).unwrap_or(0));
    let shown = money || stage == Stage::TooEarly;
    let shares: Vec<_> = closed.iter().map(|one| (one.holdout.bought(), one.treated.bought())).collect();
    JudgedPool {
        stage,
        sample_ratio,
        campaigns: (closed.len(), refused),
        within,
        n: size(sum(|arm| arm.n)),
        buyers: size(sum(|arm| arm.buyers)),
        conversions,
        conversion: shown.then(|| strata(&shares, options.alpha)),
        these: money.then(|| these(&closed, stage, options.alpha)),
        p: if money { judge::level_at_zero(|alpha| these(&closed, stage, alpha)) } else { None },
        next: money.then(|| next(&samples(&closed), options.alpha)),
    }
}

fn samples(campaigns: &[&Campaign]) -> Vec<(Sample, Sample)> {
    campaigns.iter().map(|one| (one.holdout.per_recipient(), one.treated.per_recipient())).collect()
}

fn these(campaigns: &[&Campaign], stage: Stage, alpha: f64) -> Result<Interval, Why> {
    if stage == Stage::Welch {
        return Ok(pooled(&samples(campaigns), alpha)?.interval);
    }
    let weighed = |arm: fn(&Campaign) -> &ArmMoments| {
        let all: Vec<_> = campaigns.iter().map(|one| (weight(one), arm(one))).collect();
        Parts::weighed(&all)
    };
    difference(&weighed(|one| &one.holdout), &weighed(|one| &one.treated), alpha, judge::GATE)
}

/// By design.
fn weight(one: &Campaign) -> f64 {
    let (h, t) = (one.holdout.per_recipient().n, one.treated.per_recipient().n);
    h * t / (h + t)
}
