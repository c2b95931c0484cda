//! Shares and their limits: Wilson's score interval (1927) for one, Newcombe's hybrid of two of them for a difference
//! (1998, method 10).

use super::sample::count;
use super::{Interval, Why, quantile};

/// The limits of `hits` of `of`.
pub fn wilson(hits: usize, of: usize, alpha: f64) -> Option<(f64, f64)> {
    if of == 0 {
        return None;
    }
    let (low, high) = score(count(hits) / count(of), count(of), alpha);
    // At the edges the limit is the edge itself, whatever the last digit says.
    let low = if hits == 0 { 0.0 } else { low };
    let high = if hits == of { 1.0 } else { high };
    Some((low, high))
}

/// Wilson's limits of a share `p` of `n`.
pub(super) fn score(p: f64, n: f64, alpha: f64) -> (f64, f64) {
    let z = quantile::normal(1.0 - alpha / 2.0);
    let square = z.powi(2);
    let middle = p + square / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + square / (4.0 * n.powi(2))).sqrt();
    let whole = 1.0 + square / n;
    ((middle - half) / whole, (middle + half) / whole)
}

/// The difference of two shares, each as (hits, of).
pub fn newcombe(holdout: (usize, usize), treated: (usize, usize), alpha: f64) -> Result<Interval, Why> {
    if holdout.1 < 2 || treated.1 < 2 {
        return Err(Why::TooFew);
    }
    let limits = |(hits, of)| wilson(hits, of, alpha).ok_or(Why::TooFew);
    let ((low_h, high_h), (low_t, high_t)) = (limits(holdout)?, limits(treated)?);
    let share = |(hits, of): (usize, usize)| count(hits) / count(of);
    let (h, t) = (share(holdout), share(treated));
    let difference = t - h;
    Ok(Interval {
        difference,
        low: difference - ((t - low_t).powi(2) + (high_h - h).powi(2)).sqrt(),
        high: difference + ((high_t - t).powi(2) + (h - low_h).powi(2)).sqrt(),
    })
}
