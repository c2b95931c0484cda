//! Several campaigns as one: each difference weighed by its design, n_t·n_h/(n_t + n_h).
//!
//! Never by its variance: an arm that happens to sell little has a small variance too, and would get the most weight.

use super::{Interval, Sample, Why, quantile};

/// A difference over campaigns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// How many campaigns could be weighed.
    pub campaigns: usize,
    /// Its standard error.
    pub error: f64,
    /// The difference.
    pub interval: Interval,
}

/// Pools campaigns, each as (holdout, treated). Those with fewer than two in an arm are left out.
pub fn pooled(campaigns: &[(Sample, Sample)], alpha: f64) -> Result<Pooled, Why> {
    let weighed: Vec<(f64, f64, f64)> = campaigns
        .iter()
        .filter(|(h, t)| h.n >= 2.0 && t.n >= 2.0)
        .map(|(h, t)| (t.n * h.n / (t.n + h.n), t.mean - h.mean, h.of_mean() + t.of_mean()))
        .collect();
    let total: f64 = weighed.iter().map(|(weight, ..)| weight).sum();
    if weighed.is_empty() {
        return Err(Why::NoCampaigns);
    }
    let difference = weighed.iter().map(|(weight, difference, _)| weight * difference).sum::<f64>() / total;
    let variance = weighed.iter().map(|(weight, _, variance)| weight.powi(2) * variance).sum::<f64>();
    if variance <= 0.0 {
        return Err(Why::NoVariance);
    }
    let error = variance.sqrt() / total;
    let interval = Interval::around(difference, quantile::normal(1.0 - alpha / 2.0) * error);
    Ok(Pooled { campaigns: weighed.len(), error, interval })
}
