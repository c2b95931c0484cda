//! Where few buy, a mean of all recipients is a mean of zeroes and a handful of orders, and no bell curve. So the two parts
//! are estimated each by itself and put together: who buys (Wilson), and what a buyer spends (lognormal, limits by the
//! method of variance estimates recovery: Zou, Donner 2008; Zou, Taleban, Huo 2009).

use super::{Interval, Sample, Why, proportion::wilson, quantile};

/// Mean revenue of one arm on the log scale, with its limits.
struct Log {
    estimate: f64,
    low: f64,
    high: f64,
}

/// Treated minus holdout, by values of recipients: those above 0 are buyers.
pub fn two_part(holdout: &[f64], treated: &[f64], alpha: f64) -> Result<Interval, Why> {
    let (h, t) = (of_arm(holdout, alpha)?, of_arm(treated, alpha)?);
    let (held, sold) = (h.estimate.exp(), t.estimate.exp());
    let difference = sold - held;
    Ok(Interval {
        difference,
        low: difference - ((sold - t.low.exp()).powi(2) + (h.high.exp() - held).powi(2)).sqrt(),
        high: difference + ((t.high.exp() - sold).powi(2) + (held - h.low.exp()).powi(2)).sqrt(),
    })
}

fn of_arm(values: &[f64], alpha: f64) -> Result<Log, Why> {
    let logs: Vec<f64> = values.iter().filter(|value| **value > 0.0).map(|value| value.ln()).collect();
    if logs.len() < 2 {
        return Err(Why::TooFewBuyers);
    }
    let share = super::sample::count(logs.len()) / super::sample::count(values.len());
    let (share_low, share_high) = wilson(logs.len(), values.len(), alpha).ok_or(Why::TooFew)?;
    let logs = Sample::of(&logs);
    if logs.variance == 0.0 {
        return Err(Why::TooFewBuyers);
    }
    let freedom = logs.n - 1.0;
    // θ = m + s²/2, from the limits of m and of s²/2.
    let (mean, half_variance) = (logs.mean, logs.variance / 2.0);
    let of_mean = quantile::student(1.0 - alpha / 2.0, freedom) * logs.of_mean().sqrt();
    let below = freedom * half_variance / quantile::chi_squared(1.0 - alpha / 2.0, freedom);
    let above = freedom * half_variance / quantile::chi_squared(alpha / 2.0, freedom);
    let theta = mean + half_variance;
    let theta_low = theta - (of_mean.powi(2) + (half_variance - below).powi(2)).sqrt();
    let theta_high = theta + (of_mean.powi(2) + (above - half_variance).powi(2)).sqrt();
    let estimate = share.ln() + theta;
    Ok(Log {
        estimate,
        low: estimate - ((share.ln() - share_low.ln()).powi(2) + (theta - theta_low).powi(2)).sqrt(),
        high: estimate + ((share_high.ln() - share.ln()).powi(2) + (theta_high - theta).powi(2)).sqrt(),
    })
}
