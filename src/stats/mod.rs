//! Statistics: pure functions over numbers, with nothing of ours in them. Money is minor units as `f64`, because these are
//! estimates; what is counted never comes through here.
//!
//! 1. Every figure is checked against other people's packages (`tests/it/fixtures/experiments`).
//! 2. Where nothing can be said, a function says why ([`Why`]) and invents no number.
//! 3. Two-sided at level `alpha` throughout; a difference is treated minus holdout.

mod cuped;
mod detectable;
mod experiment;
mod interval;
mod pooled;
mod proportion;
mod quantile;
mod ratio;
mod relative;
mod sample;
mod sequential;
mod two_part;
mod welch;
mod winsorise;

pub use cuped::{Cuped, cuped};
pub use detectable::{Detectable, detectable};
pub use experiment::{Arm, Experiment, Options, Row, analyse};
pub use interval::Interval;
pub use pooled::{Pooled, pooled};
pub use proportion::{newcombe, wilson};
pub use ratio::{SampleRatio, sample_ratio};
pub use relative::{Relative, relative};
pub use sample::Sample;
pub use sequential::{Sequential, sequential};
pub use two_part::two_part;
pub use welch::{Welch, welch};
pub use winsorise::{quantile_of, winsorise};

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Fewer than two in an arm.
    TooFew,
    /// Everybody alike.
    NoVariance,
    /// The arm left alone sold nothing: there is nothing to compare with.
    NothingHeld,
    /// No figure from before was given.
    NoBefore,
    /// Fewer than two buyers in an arm.
    TooFewBuyers,
    /// Nobody bought anything.
    NoSales,
    /// No campaign with both arms.
    NoCampaigns,
}

impl Why {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::TooFew => "an arm has fewer than two recipients",
            Self::NoVariance => "nothing varies, so there is no error to speak of",
            Self::NothingHeld => "the holdout sold nothing, so there is nothing to be relative to",
            Self::NoBefore => "no revenue from before eligibility was given, or it is the same for everybody",
            Self::TooFewBuyers => "an arm has fewer than two buyers, or they all spent the same",
            Self::NoSales => "nobody bought anything",
            Self::NoCampaigns => "no campaign has two recipients in each arm",
        }
    }
}

#[cfg(test)]
mod tests;
