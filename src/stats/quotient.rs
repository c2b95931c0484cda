//! How many times more was claimed than the messages brought: claimed / incremental. What is divided by may be 0, and then no
//! two limits hold it: that is said, and nothing is clipped (Fieller 1954).

use super::{Interval, Why, quantile};

/// Where a quotient lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quotient {
    /// Between two limits.
    Between {
        /// The estimate.
        estimate: f64,
        /// The lower limit.
        low: f64,
        /// The upper limit.
        high: f64,
    },
    /// What is divided by may be 0: at most `at_most`, or at least `at_least`, and nothing in between.
    Outside {
        /// The estimate; `None` where what is divided by is estimated as 0.
        estimate: Option<f64>,
        /// The end of the lower ray.
        at_most: f64,
        /// The beginning of the upper ray.
        at_least: f64,
    },
    /// Nothing can be ruled out.
    Anything {
        /// The estimate; `None` where what is divided by is estimated as 0.
        estimate: Option<f64>,
    },
}

impl Quotient {
    /// Whether a value is not ruled out.
    pub fn holds(&self, value: f64) -> bool {
        match *self {
            Self::Between { low, high, .. } => (low..=high).contains(&value),
            Self::Outside { at_most, at_least, .. } => value <= at_most || value >= at_least,
            Self::Anything { .. } => true,
        }
    }
}

/// A known amount (what another tool claims) divided by an amount with limits, whatever interval they come from.
pub fn quotient(claimed: f64, incremental: &Interval) -> Quotient {
    let Interval { difference, low, high } = *incremental;
    let estimate = (difference != 0.0).then(|| claimed / difference);
    if claimed == 0.0 {
        return match estimate {
            Some(_) if low > 0.0 || high < 0.0 => Quotient::Between { estimate: 0.0, low: 0.0, high: 0.0 },
            _ => Quotient::Anything { estimate },
        };
    }
    if let Some(estimate) = estimate.filter(|_| low > 0.0 || high < 0.0) {
        let (one, other) = (claimed / low, claimed / high);
        return Quotient::Between { estimate, low: one.min(other), high: one.max(other) };
    }
    // Divided by the end above 0 it is one ray, by the end below 0 the other. Where there is none, neither is its ray.
    let above = if high > 0.0 { claimed / high } else { f64::INFINITY.copysign(claimed) };
    let below = if low < 0.0 { claimed / low } else { f64::INFINITY.copysign(-claimed) };
    Quotient::Outside { estimate, at_most: above.min(below), at_least: above.max(below) }
}

/// Two means that vary together, in the same unit: (estimate, variance) of each, and their covariance. Fieller's limits, with
/// the normal quantile.
pub fn fieller(above: (f64, f64), below: (f64, f64), covariance: f64, alpha: f64) -> Result<Quotient, Why> {
    let ((a, of_a), (b, of_b)) = (above, below);
    if of_a < 0.0 || of_b <= 0.0 {
        return Err(Why::NoVariance);
    }
    let square = quantile::normal(1.0 - alpha / 2.0).powi(2);
    // Every ρ with (a − ρb)² ≤ z²·Var(a − ρb): a quadratic in ρ.
    let (first, half, last) = (b * b - square * of_b, a * b - square * covariance, a * a - square * of_a);
    let estimate = (b != 0.0).then(|| a / b);
    let inner = half * half - first * last;
    if first > 0.0 && inner >= 0.0 {
        let root = inner.sqrt();
        let (low, high) = ((half - root) / first, (half + root) / first);
        return Ok(Quotient::Between { estimate: a / b, low, high });
    }
    if first < 0.0 && inner > 0.0 {
        let root = inner.sqrt();
        return Ok(Quotient::Outside { estimate, at_most: (half + root) / first, at_least: (half - root) / first });
    }
    Ok(Quotient::Anything { estimate })
}
