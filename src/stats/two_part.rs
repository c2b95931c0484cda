//! Where few buy, a mean of all recipients is a mean of zeroes and a handful of orders, and no bell curve. So the two parts
//! are estimated each by itself and put together: who buys (Wilson), and what a buyer spends (lognormal, limits by the
//! method of variance estimates recovery: Zou, Donner 2008; Zou, Taleban, Huo 2009).
//!
//! A logarithm needs an amount above 0. Who got everything back spent 0 and stands with those who bought nothing: to a mean
//! both are the same 0. Where more was given back than paid, revenue is a difference of two amounts, what was paid less what
//! was given back beyond it; the second has limits of its own and both are put together by the same method.

use super::{ArmMoments, Interval, Relative, Sample, Why, gated, proportion::score, quantile, sample::count};

/// One arm, or one arm of several campaigns, by its parts.
pub(super) struct Parts {
    /// Those who paid, of how many.
    paying: (usize, usize),
    /// The share that paid; and of how many recipients it tells, which are fewer than there are where some weigh more.
    share: (f64, f64),
    /// The logarithms of what they paid.
    logs: Sample,
    /// What was given back beyond what was paid, a recipient.
    beyond: Sample,
}

/// Mean revenue of one arm on the log scale, with its limits.
struct Log {
    estimate: f64,
    low: f64,
    high: f64,
}

/// Treated minus holdout, by values of recipients: those above 0 are buyers.
pub fn two_part(holdout: &[f64], treated: &[f64], alpha: f64) -> Result<Interval, Why> {
    difference(&Parts::of_values(holdout), &Parts::of_values(treated), alpha, 0)
}

/// The same from sums. Where it is shown only if `gate` of each arm paid, the limits allow for that (0: no gate).
pub fn two_part_of(holdout: &ArmMoments, treated: &ArmMoments, alpha: f64, gate: usize) -> Result<Interval, Why> {
    difference(&Parts::of_moments(holdout), &Parts::of_moments(treated), alpha, gate)
}

/// The same relative to the holdout: the quotient of the two means, by the same method on the log scale.
pub fn two_part_relative(holdout: &ArmMoments, treated: &ArmMoments, alpha: f64, gate: usize) -> Result<Relative, Why> {
    relative(&Parts::of_moments(holdout), &Parts::of_moments(treated), alpha, gate)
}

impl Parts {
    fn of_values(values: &[f64]) -> Self {
        let logs: Vec<f64> = values.iter().filter(|value| **value > 0.0).map(|value| value.ln()).collect();
        let beyond: Vec<f64> = values.iter().map(|value| (-value).max(0.0)).collect();
        Self::new((logs.len(), values.len()), Sample::of(&logs), Sample::of(&beyond))
    }

    fn of_moments(arm: &ArmMoments) -> Self {
        Self::new(arm.paid_of(), arm.paid(), arm.beyond())
    }

    fn new(paying: (usize, usize), logs: Sample, beyond: Sample) -> Self {
        Self { paying, share: (count(paying.0) / count(paying.1), count(paying.1)), logs, beyond }
    }

    /// One arm of several campaigns, each with its weight. Counts weigh as many as would tell as much (Kish 1965).
    pub(super) fn weighed(arms: &[(f64, &ArmMoments)]) -> Self {
        let total: f64 = arms.iter().map(|(weight, _)| weight).sum();
        let sum = |of: &dyn Fn(f64, &ArmMoments) -> f64| arms.iter().map(|(w, arm)| of(w / total, arm)).sum::<f64>();
        let share_of = |arm: &ArmMoments| count(arm.paid_of().0) / count(arm.paid_of().1);
        let share = (sum(&|w, arm| w * share_of(arm)), 1.0 / sum(&|w, arm| w * w / count(arm.paid_of().1)));
        // What one buyer of a campaign weighs.
        let each = |w: f64, arm: &ArmMoments| w / count(arm.paid_of().1);
        let buyers = sum(&|w, arm| each(w, arm) * arm.paid().n);
        let mean = sum(&|w, arm| each(w, arm) * arm.paid().n * arm.paid().mean) / buyers;
        let squares = sum(&|w, arm| {
            let logs = arm.paid();
            each(w, arm) * ((logs.n - 1.0).max(0.0) * logs.variance + logs.n * (logs.mean - mean).powi(2))
        });
        let n = buyers.powi(2) / sum(&|w, arm| each(w, arm).powi(2) * arm.paid().n);
        let logs = Sample { n, mean, variance: squares / buyers * n / (n - 1.0) };
        let of_mean = sum(&|w, arm| w * w * arm.beyond().of_mean());
        let beyond = Sample { n: 1.0, mean: sum(&|w, arm| w * arm.beyond().mean), variance: of_mean };
        let all = |of: fn(&ArmMoments) -> usize| arms.iter().map(|(_, arm)| of(arm)).sum();
        Self { paying: (all(|arm| arm.paid_of().0), all(|arm| arm.paid_of().1)), share, logs, beyond }
    }
}

pub(super) fn difference(holdout: &Parts, treated: &Parts, alpha: f64, gate: usize) -> Result<Interval, Why> {
    let (h, t) = (of_arm(holdout, alpha, gate)?, of_arm(treated, alpha, gate)?);
    let (held, sold) = (h.estimate.exp(), t.estimate.exp());
    // 0 where nothing was given back beyond what was paid.
    let back = treated.beyond.mean - holdout.beyond.mean;
    let of_back = quantile::normal(1.0 - alpha / 2.0).powi(2) * (treated.beyond.of_mean() + holdout.beyond.of_mean());
    let difference = sold - held - back;
    Ok(Interval {
        difference,
        low: difference - ((sold - t.low.exp()).powi(2) + (h.high.exp() - held).powi(2) + of_back).sqrt(),
        high: difference + ((t.high.exp() - sold).powi(2) + (held - h.low.exp()).powi(2) + of_back).sqrt(),
    })
}

fn relative(holdout: &Parts, treated: &Parts, alpha: f64, gate: usize) -> Result<Relative, Why> {
    let (h, t) = (of_arm(holdout, alpha, gate)?, of_arm(treated, alpha, gate)?);
    if holdout.beyond.mean > 0.0 || treated.beyond.mean > 0.0 {
        return Err(Why::GivenBack);
    }
    let log = t.estimate - h.estimate;
    let low = log - ((t.estimate - t.low).powi(2) + (h.high - h.estimate).powi(2)).sqrt();
    let high = log + ((t.high - t.estimate).powi(2) + (h.estimate - h.low).powi(2)).sqrt();
    Ok(Relative { lift: log.exp() - 1.0, low: low.exp() - 1.0, high: high.exp() - 1.0 })
}

fn of_arm(arm: &Parts, alpha: f64, gate: usize) -> Result<Log, Why> {
    let logs = &arm.logs;
    // Behind a gate, many who all paid the same say that this is the price.
    if arm.paying.0 < 2 || (logs.variance <= 0.0 && gate == 0) {
        return Err(Why::TooFewBuyers);
    }
    let (share, of) = arm.share;
    let (share_low, share_high) = score(share, of, alpha);
    let share_low = share_low * gated::moved(arm.paying.0, arm.paying.1, gate, alpha);
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
