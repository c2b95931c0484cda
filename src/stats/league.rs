//! A league table of campaigns. The best of twenty is the luckiest first of all, so each is drawn toward the mean of the
//! programme, the more so the less it can say (empirical Bayes), and the table is ranked by that, never by what was measured.
//!
//! How much a campaign can say follows from its size alone: the variance of a recipient is the same for all, pooled over
//! campaigns, so that an arm which happens to sell little is not taken for a sure one. How much campaigns differ in truth, τ²,
//! is never below 0 (Paule, Mandel 1982). Limits allow for what is not known of the mean and of τ² (Morris 1983).

use super::{Interval, Sample, Why, quantile, sample::count};

/// A campaign in the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// Which of those given.
    pub campaign: usize,
    /// What was measured. Nothing to rank by.
    pub measured: f64,
    /// How far it was drawn toward the mean: 0 not at all, 1 all the way.
    pub drawn: f64,
    /// What is to be believed.
    pub interval: Interval,
}

/// The table, best first.
#[derive(Clone, Debug, PartialEq)]
pub struct League {
    /// The programme's mean difference.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
    /// The variance between true differences.
    pub tau_squared: f64,
    /// Campaigns by what is to be believed of them.
    pub table: Vec<Ranked>,
}

/// Campaigns, each as (holdout, treated). At least four that have two in each arm.
pub fn league(campaigns: &[(Sample, Sample)], alpha: f64) -> Result<League, Why> {
    let able: Vec<(usize, &(Sample, Sample))> =
        campaigns.iter().enumerate().filter(|(_, (h, t))| h.n >= 2.0 && t.n >= 2.0).collect();
    if able.len() < 4 {
        return Err(Why::TooFewCampaigns);
    }
    let of_holdout = of_recipient(able.iter().map(|(_, (h, _))| h));
    let of_treated = of_recipient(able.iter().map(|(_, (_, t))| t));
    let effects: Vec<(f64, f64)> =
        able.iter().map(|(_, (h, t))| (t.mean - h.mean, of_holdout / h.n + of_treated / t.n)).collect();
    if effects.iter().any(|(_, variance)| *variance <= 0.0) {
        return Err(Why::NoVariance);
    }
    let tau_squared = tau_squared(&effects);
    let (mean, precision) = mean(&effects, tau_squared);
    let k = count(effects.len());
    let z = quantile::normal(1.0 - alpha / 2.0);
    let ranked = |((campaign, _), (measured, variance)): (&(usize, _), &(f64, f64))| {
        // Morris: (K − 3)/(K − 1) for the mean and τ² that had to be estimated.
        let drawn = (k - 3.0) / (k - 1.0) * variance / (variance + tau_squared);
        let away = measured - mean;
        let of_mean = 1.0 / (precision * (variance + tau_squared));
        let spread = variance * (1.0 - (1.0 - of_mean) * drawn) + 2.0 / (k - 3.0) * (drawn * away).powi(2);
        let interval = Interval::around(mean + (1.0 - drawn) * away, z * spread.sqrt());
        Ranked { campaign: *campaign, measured: *measured, drawn, interval }
    };
    let mut table: Vec<Ranked> = able.iter().zip(&effects).map(ranked).collect();
    table.sort_by(|a, b| b.interval.difference.total_cmp(&a.interval.difference).then(a.campaign.cmp(&b.campaign)));
    Ok(League { mean, error: precision.recip().sqrt(), tau_squared, table })
}

/// The variance of one recipient, pooled.
fn of_recipient<'a>(arms: impl Iterator<Item = &'a Sample>) -> f64 {
    let (squares, freedom) = arms
        .fold((0.0, 0.0), |(squares, freedom), arm| (squares + (arm.n - 1.0) * arm.variance, freedom + arm.n - 1.0));
    squares / freedom
}

/// The mean of differences that vary by chance and by τ², and how sure it is.
fn mean(effects: &[(f64, f64)], tau_squared: f64) -> (f64, f64) {
    let precision: f64 = effects.iter().map(|(_, variance)| 1.0 / (variance + tau_squared)).sum();
    (effects.iter().map(|(effect, variance)| effect / (variance + tau_squared)).sum::<f64>() / precision, precision)
}

/// Where the squared distances from the mean are as large as K − 1 of them should be; by halves, as they shrink with τ².
fn tau_squared(effects: &[(f64, f64)]) -> f64 {
    let beyond = |tau_squared: f64| {
        let (mean, _) = mean(effects, tau_squared);
        let squares: f64 =
            effects.iter().map(|(effect, variance)| (effect - mean).powi(2) / (variance + tau_squared)).sum();
        squares > count(effects.len()) - 1.0
    };
    if !beyond(0.0) {
        return 0.0;
    }
    let mut high: f64 = effects.iter().map(|(_, variance)| variance).sum();
    while beyond(high) && high.is_finite() {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if beyond(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}
