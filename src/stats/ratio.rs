//! Whether the arms are as large as was planned. Where they are not, something took people out of one of them, and no
//! difference between what is left says anything.

use super::{quantile, sample::count};

/// Below this the arms cannot be a chance of the plan.
const REFUSED_BELOW: f64 = 0.001;

/// Planned against found: χ² with one degree of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRatio {
    /// The statistic.
    pub chi2: f64,
    /// The chance of arms at least as far from the plan.
    pub p: f64,
    /// Whether that is too small to go on.
    pub refused: bool,
}

/// Compares the arms with the share that was to be held out.
pub fn sample_ratio(holdout: usize, treated: usize, share: f64) -> Option<SampleRatio> {
    let all = count(holdout + treated);
    let (planned_h, planned_t) = (all * share, all * (1.0 - share));
    if planned_h <= 0.0 || planned_t <= 0.0 {
        return None;
    }
    let part = |found: usize, planned: f64| (count(found) - planned).powi(2) / planned;
    let chi2 = part(holdout, planned_h) + part(treated, planned_t);
    let p = quantile::chi_squared_beyond(chi2, 1.0);
    Some(SampleRatio { chi2, p, refused: p < REFUSED_BELOW })
}

/// The same over several experiments, each as ((holdout, treated), share): everybody held out against everybody who was to be.
/// With one it is [`sample_ratio`].
pub fn sample_ratio_over(experiments: &[((usize, usize), f64)]) -> Option<SampleRatio> {
    let (mut away, mut variance) = (0.0, 0.0);
    for ((holdout, treated), share) in experiments {
        let all = count(holdout + treated);
        away += count(*holdout) - all * share;
        variance += all * share * (1.0 - share);
    }
    if variance <= 0.0 {
        return None;
    }
    let chi2 = away.powi(2) / variance;
    let p = quantile::chi_squared_beyond(chi2, 1.0);
    Some(SampleRatio { chi2, p, refused: p < REFUSED_BELOW })
}
