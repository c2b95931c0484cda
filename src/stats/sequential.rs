//! An interval that stays true however often one looks: asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha,
//! Kennedy, Ramdas, arXiv 2103.06476, theorem 2.2), in the form GrowthBook uses.

use super::{Interval, Sample, Why, welch};

/// An always-valid interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequential {
    /// The number of recipients at which it is narrowest.
    pub n_star: f64,
    /// The difference.
    pub interval: Interval,
}

/// Treated minus holdout, tuned for `n_star` recipients.
pub fn sequential(holdout: &Sample, treated: &Sample, alpha: f64, n_star: f64) -> Result<Sequential, Why> {
    let variance = welch::variance(holdout, treated)?;
    let n = holdout.n + treated.n;
    let log = alpha.ln();
    let rho = ((-2.0 * log + (1.0 - 2.0 * log).ln()) / n_star).sqrt();
    let spread = n * rho.powi(2) + 1.0;
    let half = (n * variance * 2.0 * spread / (n * rho).powi(2) * (spread.sqrt() / alpha).ln()).sqrt();
    Ok(Sequential { n_star, interval: Interval::around(treated.mean - holdout.mean, half) })
}
