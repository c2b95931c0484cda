//! The smallest effect that arms of this size would find as often as is asked.

use super::{Sample, Why, quantile, welch};

/// The smallest difference that is found with a given power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detectable(pub f64);

/// (z₁₋α/₂ + z_power) standard errors.
pub fn detectable(holdout: &Sample, treated: &Sample, alpha: f64, power: f64) -> Result<Detectable, Why> {
    let error = welch::variance(holdout, treated)?.sqrt();
    Ok(Detectable((quantile::normal(1.0 - alpha / 2.0) + quantile::normal(power)) * error))
}
