//! Before a campaign: how many to hold out, what that will find, and when.
//!
//! *Test & Roll* (Feit, Berman, *Marketing Science* 2019, arXiv 1811.00457): with N people in all, it is not certainty that
//! pays but sending the better of two to those who are left. A test of n* in each arm earns most.

use super::{Detectable, Sample, Why, detectable, judge::FEWEST};

/// n* = √(N/4·q + (¾q)²) − ¾q with q = (s/σ)²: in each arm, of `all` people, when a response varies by `spread` (s) and true
/// means of messages by `prior` (σ).
pub fn test_and_roll(all: f64, spread: f64, prior: f64) -> Result<f64, Why> {
    if all <= 0.0 || spread <= 0.0 || prior <= 0.0 {
        return Err(Why::NoVariance);
    }
    let q = (spread / prior).powi(2);
    let part = 0.75 * q;
    // √(a + b²) − b without the difference of two large numbers.
    let quarter = all / 4.0 * q;
    Ok(quarter / ((quarter + part.powi(2)).sqrt() + part))
}

/// What is expected of recipients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// The share that buys unaided.
    pub base: f64,
    /// What a buyer spends, minor units.
    pub value: f64,
    /// The standard deviation of that, minor units.
    pub spread: f64,
}

impl Expected {
    /// Revenue a recipient.
    fn revenue(&self, n: f64) -> Sample {
        let mean = self.base * self.value;
        Sample { n, mean, variance: self.base * (self.value.powi(2) + self.spread.powi(2)) - mean.powi(2) }
    }

    fn share(&self, n: f64) -> Sample {
        Sample { n, mean: self.base, variance: self.base * (1.0 - self.base) }
    }
}

/// What an experiment of a size will find.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planned {
    /// Recipients held out.
    pub held: f64,
    /// Conversions expected in the smaller arm, and whether an interval of money will be shown.
    pub conversions: f64,
    /// Whether they are enough for that.
    pub shown: bool,
    /// The smallest difference of revenue a recipient that will be found.
    pub revenue: Detectable,
    /// The same in per cent of what the holdout spends.
    pub relative: f64,
    /// The smallest difference of the shares that buy.
    pub conversion: Detectable,
}

/// Of `recipients`, `share` are held out.
pub fn plan(expected: &Expected, recipients: f64, share: f64, alpha: f64, power: f64) -> Result<Planned, Why> {
    let (held, sent) = (recipients * share, recipients * (1.0 - share));
    let found = |of: &dyn Fn(f64) -> Sample| detectable(&of(held), &of(sent), alpha, power);
    let revenue = found(&|n| expected.revenue(n))?;
    let conversions = held.min(sent) * expected.base;
    #[expect(clippy::cast_precision_loss, reason = "20")]
    let shown = conversions >= FEWEST as f64;
    Ok(Planned {
        held,
        conversions,
        shown,
        revenue,
        relative: revenue.0 / (expected.base * expected.value),
        conversion: found(&|n| expected.share(n))?,
    })
}

/// The recipients it takes to find a `lift` (0.2: 20 per cent more) with `share` held out, and to show it; divided by how many
/// come in a day, the days.
pub fn recipients_needed(expected: &Expected, lift: f64, share: f64, alpha: f64, power: f64) -> Result<f64, Why> {
    // Detectable effects shrink with the root of the number.
    const SOME: f64 = 1e6;
    let found = plan(expected, SOME, share, alpha, power)?;
    #[expect(clippy::cast_precision_loss, reason = "20")]
    let gate = FEWEST as f64 / (expected.base * share.min(1.0 - share));
    Ok((SOME * (found.relative / lift).powi(2)).max(gate).ceil())
}
