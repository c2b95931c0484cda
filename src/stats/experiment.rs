//! An experiment, one row a recipient: everything that can be said of it.

use std::collections::BTreeMap;

use super::{
    Cuped, Detectable, Interval, Pooled, Relative, Sample, SampleRatio, Sequential, Welch, Why, cuped::cuped,
    detectable::detectable, newcombe, pooled::pooled, ratio::sample_ratio, relative::relative, sequential::sequential,
    two_part::two_part, welch::welch, winsorise::winsorise,
};

/// Which arm a recipient was assigned to, whatever became of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    /// Deliberately not messaged.
    Holdout,
    /// To be messaged.
    Treated,
}

/// One recipient.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Their arm.
    pub arm: Arm,
    /// What they spent within the horizon, minor units.
    pub revenue: f64,
    /// Whether they bought.
    pub converted: bool,
    /// What they had spent before eligibility, minor units.
    pub before: Option<f64>,
    /// Their campaign.
    pub campaign: Option<String>,
}

/// How to look.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The share that was to be held out.
    pub holdout_share: f64,
    /// The number of recipients at which the always-valid interval is narrowest.
    pub sequential_n: f64,
    /// The chance of an interval that misses.
    pub alpha: f64,
    /// The quantile of sales above which they are cut.
    pub winsorise: f64,
    /// How often an effect is to be found.
    pub power: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { holdout_share: 0.1, sequential_n: 5_000.0, alpha: 0.05, winsorise: 0.999, power: 0.8 }
    }
}

/// Everything that can be said; each figure by itself, or why not.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Recipients: holdout, treated.
    pub n: (usize, usize),
    /// Mean revenue: holdout, treated; `None` for an empty arm.
    pub mean: (Option<f64>, Option<f64>),
    /// The difference of means.
    pub welch: Result<Welch, Why>,
    /// In per cent of the holdout.
    pub relative: Result<Relative, Why>,
    /// With what came before taken out.
    pub cuped: Result<Cuped, Why>,
    /// Always valid.
    pub sequential: Result<Sequential, Why>,
    /// With the largest sales cut: where, and the difference.
    pub winsorised: Result<(f64, Interval), Why>,
    /// The difference of the shares that bought.
    pub conversion: Result<Interval, Why>,
    /// Whether the arms are as planned.
    pub sample_ratio: Result<SampleRatio, Why>,
    /// The smallest effect to be found, in revenue.
    pub detectable_revenue: Result<Detectable, Why>,
    /// The same of the share that buys.
    pub detectable_conversion: Result<Detectable, Why>,
    /// The difference by who buys and what they spend.
    pub two_part: Result<Interval, Why>,
    /// Over campaigns; `None` when no campaign was named.
    pub pooled: Option<Result<Pooled, Why>>,
}

/// Analyses an experiment, everyone as assigned.
pub fn analyse(rows: &[Row], options: &Options) -> Experiment {
    let of = |arm: Arm| rows.iter().filter(move |row| row.arm == arm);
    let revenue = |arm| of(arm).map(|row| row.revenue).collect::<Vec<f64>>();
    let (holdout, treated) = (revenue(Arm::Holdout), revenue(Arm::Treated));
    let (h, t) = (Sample::of(&holdout), Sample::of(&treated));
    let buyers = |arm| of(arm).filter(|row| row.converted).count();
    let (bought_h, bought_t) = (buyers(Arm::Holdout), buyers(Arm::Treated));
    let (shares_h, shares_t) = (Sample::share(bought_h, holdout.len()), Sample::share(bought_t, treated.len()));
    let Options { alpha, power, .. } = *options;
    let mean = |sample: &Sample| (sample.n > 0.0).then_some(sample.mean);
    Experiment {
        n: (holdout.len(), treated.len()),
        mean: (mean(&h), mean(&t)),
        welch: welch(&h, &t, alpha),
        relative: relative(&h, &t, alpha),
        cuped: before(rows).and_then(|(h, t)| cuped(&h, &t, alpha)),
        sequential: sequential(&h, &t, alpha, options.sequential_n),
        winsorised: winsorise(&holdout, &treated, options.winsorise)
            .ok_or(Why::NoSales)
            .and_then(|(at, h, t)| Ok((at, welch(&Sample::of(&h), &Sample::of(&t), alpha)?.interval))),
        conversion: newcombe((bought_h, holdout.len()), (bought_t, treated.len()), alpha),
        sample_ratio: sample_ratio(holdout.len(), treated.len(), options.holdout_share).ok_or(Why::TooFew),
        detectable_revenue: detectable(&h, &t, alpha, power),
        detectable_conversion: detectable(&shares_h, &shares_t, alpha, power),
        two_part: two_part(&holdout, &treated, alpha),
        pooled: by_campaign(rows).map(|campaigns| pooled(&campaigns, alpha)),
    }
}

type Pairs = Vec<(f64, f64)>;

/// Each arm as (after, before); only where before is known of everybody.
fn before(rows: &[Row]) -> Result<(Pairs, Pairs), Why> {
    let (mut holdout, mut treated) = (Pairs::new(), Pairs::new());
    for row in rows {
        let pair = (row.revenue, row.before.ok_or(Why::NoBefore)?);
        match row.arm {
            Arm::Holdout => holdout.push(pair),
            Arm::Treated => treated.push(pair),
        }
    }
    Ok((holdout, treated))
}

fn by_campaign(rows: &[Row]) -> Option<Vec<(Sample, Sample)>> {
    let mut campaigns: BTreeMap<&str, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for row in rows {
        let (holdout, treated) = campaigns.entry(row.campaign.as_deref()?).or_default();
        match row.arm {
            Arm::Holdout => holdout.push(row.revenue),
            Arm::Treated => treated.push(row.revenue),
        }
    }
    Some(campaigns.into_values().map(|(h, t)| (Sample::of(&h), Sample::of(&t))).collect())
}
