//! The lift in per cent of what the holdout did: a quotient, by the delta method. Its limits use Student's t with
//! Welch's degrees of freedom, as gbstats 0.8.0 does.

use super::{Sample, Why, quantile, welch};

/// A relative lift; 0.1 is ten per cent more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relative {
    /// The estimate.
    pub lift: f64,
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

/// (treated − holdout) / holdout.
pub fn relative(holdout: &Sample, treated: &Sample, alpha: f64) -> Result<Relative, Why> {
    welch::variance(holdout, treated)?;
    if holdout.mean == 0.0 {
        return Err(Why::NothingHeld);
    }
    let lift = (treated.mean - holdout.mean) / holdout.mean;
    let of_treated = treated.of_mean() / holdout.mean.powi(2);
    let of_holdout = holdout.of_mean() * treated.mean.powi(2) / holdout.mean.powi(4);
    let half =
        quantile::student(1.0 - alpha / 2.0, welch::freedom(holdout, treated)) * (of_treated + of_holdout).sqrt();
    Ok(Relative { lift, low: lift - half, high: lift + half })
}
