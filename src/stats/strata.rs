//! A difference of shares where recipients fall into strata (abandoned checkouts by their age, campaigns): each stratum's
//! difference weighed by its design, n_t·n_h/(n_t + n_h), as Mantel and Haenszel do. What an older cart recovers by itself is
//! not what a young one does, and the arms need not have the same ages.
//!
//! Limits by Newcombe's hybrid of Wilson's in each stratum, put together by the method of variance estimates recovery: the
//! square of each distance by the square of its weight. With one stratum it is Newcombe's.

use super::{Interval, Why, proportion::wilson, sample::count};

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
    let (mut found, mut total) = (0_usize, 0.0);
    let (mut holdout, mut treated, mut below, mut above) = (0.0, 0.0, 0.0, 0.0);
    for (h, t) in strata {
        let Some((low_h, high_h)) = wilson(h.0, h.1, alpha) else { continue };
        let Some((low_t, high_t)) = wilson(t.0, t.1, alpha) else { continue };
        let weight = count(h.1) * count(t.1) / (count(h.1) + count(t.1));
        let (share_h, share_t) = (count(h.0) / count(h.1), count(t.0) / count(t.1));
        found += 1;
        total += weight;
        holdout += weight * share_h;
        treated += weight * share_t;
        below += weight.powi(2) * ((share_t - low_t).powi(2) + (high_h - share_h).powi(2));
        above += weight.powi(2) * ((high_t - share_t).powi(2) + (share_h - low_h).powi(2));
    }
    if found == 0 {
        return Err(Why::TooFew);
    }
    let (holdout, treated) = (holdout / total, treated / total);
    let difference = treated - holdout;
    let interval =
        Interval { difference, low: difference - below.sqrt() / total, high: difference + above.sqrt() / total };
    Ok(Strata { strata: found, holdout, treated, interval })
}
