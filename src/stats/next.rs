//! What the next campaign may do: from how campaigns differ among themselves, of which there are only so many.

use super::{Interval, Sample, Why, quantile, sample::count};

/// Campaigns like these.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Next {
    /// How many campaigns this rests on.
    pub campaigns: usize,
    /// The standard deviation between the differences of campaigns, chance within them included.
    pub between: f64,
    /// The mean of all campaigns like these, with limits by Student's t with K − 1 degrees of freedom.
    pub mean: Interval,
    /// Between which limits one more, as large as these on the whole, will show its difference.
    pub one: Interval,
}

/// Campaigns as (holdout, treated), weighed by design. Campaigns cannot differ less than chance within them makes them
/// differ: where they happen to, that stands in its place (a variance between true effects below 0 is none).
pub fn next(campaigns: &[(Sample, Sample)], alpha: f64) -> Result<Next, Why> {
    let weighed: Vec<(f64, f64, f64)> = campaigns
        .iter()
        .filter(|(h, t)| h.n >= 2.0 && t.n >= 2.0)
        .map(|(h, t)| (t.n * h.n / (t.n + h.n), t.mean - h.mean, h.of_mean() + t.of_mean()))
        .collect();
    let k = count(weighed.len());
    if weighed.len() < 2 {
        return Err(Why::TooFewCampaigns);
    }
    let total: f64 = weighed.iter().map(|(weight, ..)| weight).sum();
    let mean = |of: &dyn Fn(f64, f64) -> f64| weighed.iter().map(|(w, d, v)| w * of(*d, *v)).sum::<f64>() / total;
    let difference = mean(&|d, _| d);
    let between = mean(&|d, _| (d - difference).powi(2)) * k / (k - 1.0);
    let variance = between.max(mean(&|_, within| within));
    if variance <= 0.0 {
        return Err(Why::NoVariance);
    }
    let of_mean = weighed.iter().map(|(weight, ..)| weight.powi(2)).sum::<f64>() / total.powi(2);
    let t = quantile::student(1.0 - alpha / 2.0, k - 1.0);
    Ok(Next {
        campaigns: weighed.len(),
        between: variance.sqrt(),
        mean: Interval::around(difference, t * (variance * of_mean).sqrt()),
        one: Interval::around(difference, t * (variance * (1.0 + of_mean)).sqrt()),
    })
}
