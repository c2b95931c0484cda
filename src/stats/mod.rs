//! Statistics: pure functions over numbers, with nothing of ours in them. Money is minor units as `f64`, because these are
//! estimates; what is counted never comes through here.
//!
//! 1. Every figure is checked against other people's packages (`tests/it/fixtures/experiments`).
//! 2. Where nothing can be said, a function says why ([`Why`]) and invents no number.
//! 3. Two-sided at level `alpha` throughout; a difference is treated minus holdout.

mod cuped;
mod detectable;
mod experiment;
mod gated;
mod interval;
mod judge;
mod league;
mod moments;
mod next;
mod outlook;
mod planner;
mod pool;
mod pooled;
mod proportion;
pub mod quantile;
mod quotient;
mod ratio;
mod relative;
mod sample;
mod sequential;
mod several;
mod strata;
mod two_part;
mod welch;
mod winsorise;

pub use cuped::{Cuped, cuped};
pub use detectable::{Detectable, detectable};
pub use experiment::{Arm, Experiment, Options, Row, analyse};
pub use interval::Interval;
pub use judge::{Counts, FEWEST, Judged, Known, MANY, Money, Stage, judge, p_value};
pub use league::{League, Ranked, league};
pub use moments::{ArmMoments, Spent, cuped_of};
pub use next::{Next, next};
pub use outlook::{Outlook, Pace, outlook};
pub use planner::{Expected, Planned, plan, recipients_needed, test_and_roll};
pub use pool::{Campaign, JudgedPool, judge_pool};
pub use pooled::{Pooled, pooled};
pub use proportion::{newcombe, wilson};
pub use quotient::{Quotient, fieller, quotient};
pub use ratio::{SampleRatio, sample_ratio, sample_ratio_over};
pub use relative::{Relative, relative};
pub use sample::Sample;
pub use sequential::{Sequential, sequential};
pub use several::benjamini_hochberg;
pub use strata::{Hits, Strata, strata};
pub use two_part::{two_part, two_part_of, two_part_relative};
pub use welch::{Welch, welch};
pub use winsorise::{Capped, quantile_of, winsorise};

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
    /// Too few campaigns to say how they differ.
    TooFewCampaigns,
    /// More was given back than paid: no quotient of amounts.
    GivenBack,
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
            Self::TooFewCampaigns => "too few campaigns to say how they differ",
            Self::GivenBack => "somebody was given back more than they paid",
            Self::NoCampaigns => "no campaign has two recipients in each arm",
        }
    }
}

#[cfg(test)]
mod tests;
