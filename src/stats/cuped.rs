//! CUPED: what a recipient spent before says much of what they spend after, and the message had no part in it (Deng, Xu,
//! Kohavi, Walker 2013).

use super::{Interval, Sample, Why, welch::welch};

/// The difference with what came before taken out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cuped {
    /// How much of a unit before is expected after.
    pub theta: f64,
    /// The difference.
    pub interval: Interval,
}

/// Each arm as pairs of (after, before). θ comes from both arms as one sample.
pub fn cuped(holdout: &[(f64, f64)], treated: &[(f64, f64)], alpha: f64) -> Result<Cuped, Why> {
    if holdout.len() < 2 || treated.len() < 2 {
        return Err(Why::TooFew);
    }
    let all = || holdout.iter().chain(treated);
    let after = Sample::of(&all().map(|(after, _)| *after).collect::<Vec<_>>());
    let before = Sample::of(&all().map(|(_, before)| *before).collect::<Vec<_>>());
    let together: f64 = all().map(|(y, x)| (y - after.mean) * (x - before.mean)).sum();
    if before.variance == 0.0 {
        return Err(Why::NoBefore);
    }
    let theta = together / (before.n - 1.0) / before.variance;
    let rest =
        |arm: &[(f64, f64)]| Sample::of(&arm.iter().map(|(y, x)| y - theta * (x - before.mean)).collect::<Vec<_>>());
    let welch = welch(&rest(holdout), &rest(treated), alpha)?;
    Ok(Cuped { theta, interval: welch.interval })
}
