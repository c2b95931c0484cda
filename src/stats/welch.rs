//! Welch's interval: two means whose variances differ (Welch 1947; degrees of freedom by Satterthwaite 1946).

use super::{Interval, Sample, Why, quantile};

/// A difference of two means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Welch {
    /// With its limits.
    pub interval: Interval,
    /// The chance of a difference at least as large if there were none.
    pub p: f64,
}

/// Treated minus holdout.
pub fn welch(holdout: &Sample, treated: &Sample, alpha: f64) -> Result<Welch, Why> {
    let variance = variance(holdout, treated)?;
    let freedom = freedom(holdout, treated);
    let (difference, error) = (treated.mean - holdout.mean, variance.sqrt());
    let half = quantile::student(1.0 - alpha / 2.0, freedom) * error;
    Ok(Welch { interval: Interval::around(difference, half), p: quantile::student_beyond(difference / error, freedom) })
}

/// The variance of a difference of means.
pub fn variance(holdout: &Sample, treated: &Sample) -> Result<f64, Why> {
    if holdout.n < 2.0 || treated.n < 2.0 {
        return Err(Why::TooFew);
    }
    let variance = holdout.of_mean() + treated.of_mean();
    if variance > 0.0 { Ok(variance) } else { Err(Why::NoVariance) }
}

/// Satterthwaite's degrees of freedom.
pub fn freedom(holdout: &Sample, treated: &Sample) -> f64 {
    let (h, t) = (holdout.of_mean(), treated.of_mean());
    (h + t).powi(2) / (h.powi(2) / (holdout.n - 1.0) + t.powi(2) / (treated.n - 1.0))
}
