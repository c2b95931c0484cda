//! A difference of shares where recipients fall into strata (abandoned checkouts by their age, campaigns): each stratum's
//! difference weighed by its design, n_t·n_h/(n_t + n_h), as Mantel and Haenszel do. What an older cart recovers by itself is
//! not what a young one does, and the arms need not have the same ages.
//!
//! Limits by Newcombe's hybrid of Wilson's for each arm's weighed share, at the size at which one share would vary as much as
//! the strata together do (Yan, Su 2010, in spirit). Limits of each stratum put together by their squares would be too short
//! where a stratum has a handful of hits: with twenty of three each they held the truth in 92 of 100. With one stratum it is
//! Newcombe's.

use super::{Interval, Why, proportion::score, sample::count};

/// A difference of shares over strata.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strata {
    /// How many strata have both arms.
    pub strata: usize,
    /// The share of the holdout, weighed.
    pub holdout: f64,
    /// The share of the treated, weighed.
    pub treated: f64,
    /// Treated minus holdout.
    pub interval: Interval,
}

/// Hits, of how many.
pub type Hits = (usize, usize);

/// Strata, each as holdout and treated. One without both arms has no weight.
pub fn strata(strata: &[(Hits, Hits)], alpha: f64) -> Result<Strata, Why> {
    let both: Vec<(f64, Hits, Hits)> = strata
        .iter()
        .filter(|(h, t)| h.1 > 0 && t.1 > 0)
        .map(|(h, t)| (count(h.1) * count(t.1) / (count(h.1) + count(t.1)), *h, *t))
        .collect();
    if both.is_empty() {
        return Err(Why::TooFew);
    }
    let arm = |of: fn(&(f64, Hits, Hits)) -> Hits| weighed(both.iter().map(|one| (one.0, of(one))), alpha);
    let ((holdout, low_h, high_h), (treated, low_t, high_t)) = (arm(|one| one.1), arm(|one| one.2));
    let difference = treated - holdout;
    let interval = Interval {
        difference,
        low: difference - (treated - low_t).hypot(high_h - holdout),
        high: difference + (high_t - treated).hypot(holdout - low_h),
    };
    Ok(Strata { strata: both.len(), holdout, treated, interval })
}

/// A share over strata, with its limits.
fn weighed(strata: impl Iterator<Item = (f64, Hits)> + Clone, alpha: f64) -> (f64, f64, f64) {
    let total: f64 = strata.clone().map(|(weight, _)| weight).sum();
    let sum = |of: &dyn Fn(f64, f64, f64) -> f64| {
        strata.clone().map(|(weight, (hits, n))| of(weight / total, count(hits) / count(n), count(n))).sum::<f64>()
    };
    let share = sum(&|weight, share, _| weight * share);
    let variance = sum(&|weight, share, n| weight.powi(2) * share * (1.0 - share) / n);
    // Where nothing varies there is only the design to go by.
    let size =
        if variance > 0.0 { share * (1.0 - share) / variance } else { 1.0 / sum(&|weight, _, n| weight.powi(2) / n) };
    let (low, high) = score(share, size, alpha);
    (share, low.clamp(0.0, share), high.clamp(share, 1.0))
}
