//! What a report says of an experiment, and what it keeps to itself. In this order:
//!
//! 1. The arms are not as planned (p below 0.001): nothing is said at all.
//! 2. Nobody's horizon has closed: nothing to say yet.
//! 3. Fewer than [`FEWEST`] conversions in an arm: who bought is shown, an interval of money is not. *Too early* is the answer.
//! 4. Up to [`MANY`] in the smaller arm the two-part interval is the headline. It allows for its being shown only behind
//!    this gate (`gated.rs`).
//! 5. Above, Welch is, with what came before taken out and the largest orders cut beside it.
//!
//! A conversion here is a recipient who bought and still pays something: money rests on no other. The live view, which stays
//! true at every look, stands behind the same gate. A programme's long-lived holdout is one such experiment whose outcome
//! grows.

use super::{
    ArmMoments, Capped, Cuped, Detectable, Interval, Options, Relative, SampleRatio, Sequential, Why, cuped_of,
    detectable, newcombe, relative, sample_ratio, sequential, two_part_of, two_part_relative, welch,
};

/// With fewer conversions in an arm no interval of money is shown.
pub const FEWEST: i64 = 20;

/// With more in the smaller arm the bell curve is near enough.
pub const MANY: i64 = 100;

/// An experiment as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Everybody assigned so far: holdout, treated.
    pub assigned: (usize, usize),
    /// Of the holdout, those whose horizon has closed.
    pub holdout: ArmMoments,
    /// Of the treated, those whose horizon has closed.
    pub treated: ArmMoments,
    /// The same with the largest sales cut, when somebody worked it out.
    pub capped: Option<Capped>,
}

/// How far an experiment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The arms are not as planned.
    Refused,
    /// Nobody's horizon has closed.
    NothingClosed,
    /// Too few conversions for an interval of money.
    TooEarly,
    /// Few buy: the two-part interval.
    TwoPart,
    /// Many buy: Welch's.
    Welch,
}

impl Stage {
    /// Its name, for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::NothingClosed => "nothing_closed",
            Self::TooEarly => "too_early",
            Self::TwoPart => "two_part",
            Self::Welch => "welch",
        }
    }

    /// By the conversions of the smaller arm.
    pub const fn of(conversions: i64) -> Self {
        match conversions {
            ..FEWEST => Self::TooEarly,
            FEWEST..=MANY => Self::TwoPart,
            _ => Self::Welch,
        }
    }
}

/// What is said.
#[derive(Clone, Debug)]
pub struct Judged {
    /// How far it has come.
    pub stage: Stage,
    /// Whether the arms are as planned; `None` while nobody is assigned.
    pub sample_ratio: Option<SampleRatio>,
    /// Recipients whose horizon has closed, and those of them who bought. `None` where nothing is said.
    pub counts: Option<Counts>,
    /// Money; only from [`Stage::TwoPart`] on.
    pub money: Option<Money>,
}

/// Who bought.
#[derive(Clone, Debug)]
pub struct Counts {
    /// Recipients: holdout, treated.
    pub n: (usize, usize),
    /// Buyers: holdout, treated.
    pub buyers: (usize, usize),
    /// What the gates count: the conversions of the smaller arm.
    pub conversions: i64,
    /// The difference of the shares that bought.
    pub conversion: Result<Interval, Why>,
    /// The smallest difference of shares that so many would find.
    pub detectable_conversion: Result<Detectable, Why>,
    /// The smallest difference of revenue a recipient that so many would find.
    pub detectable_revenue: Result<Detectable, Why>,
}

/// Money a recipient.
#[derive(Clone, Debug)]
pub struct Money {
    /// The difference to be believed.
    pub headline: Result<Interval, Why>,
    /// In per cent of the holdout.
    pub relative: Result<Relative, Why>,
    /// Stays true at every look.
    pub live: Result<Sequential, Why>,
    /// Only at [`Stage::Welch`]: with what came before taken out.
    pub cuped: Option<Result<Cuped, Why>>,
    /// Only at [`Stage::Welch`]: with the largest sales cut.
    pub winsorised: Option<Result<(f64, Interval), Why>>,
}

/// Judges one experiment.
pub fn judge(known: &Known, options: &Options) -> Judged {
    let sample_ratio = sample_ratio(known.assigned.0, known.assigned.1, options.holdout_share);
    let nothing = |stage| Judged { stage, sample_ratio, counts: None, money: None };
    if sample_ratio.is_some_and(|ratio| ratio.refused) {
        return nothing(Stage::Refused);
    }
    if known.holdout.n == 0 && known.treated.n == 0 {
        return nothing(Stage::NothingClosed);
    }
    let counts = counts(&known.holdout, &known.treated, options);
    let stage = Stage::of(counts.conversions);
    let money = (stage != Stage::TooEarly).then(|| money(known, stage, options));
    Judged { stage, sample_ratio, counts: Some(counts), money }
}

fn counts(holdout: &ArmMoments, treated: &ArmMoments, options: &Options) -> Counts {
    let Options { alpha, power, .. } = *options;
    let ((bought_h, n_h), (bought_t, n_t)) = (holdout.bought(), treated.bought());
    Counts {
        n: (n_h, n_t),
        buyers: (bought_h, bought_t),
        conversions: holdout.conversions().min(treated.conversions()),
        conversion: newcombe(holdout.bought(), treated.bought(), alpha),
        detectable_conversion: detectable(&holdout.share(), &treated.share(), alpha, power),
        detectable_revenue: detectable(&holdout.per_recipient(), &treated.per_recipient(), alpha, power),
    }
}

fn money(known: &Known, stage: Stage, options: &Options) -> Money {
    let (holdout, treated) = (&known.holdout, &known.treated);
    let (h, t) = (holdout.per_recipient(), treated.per_recipient());
    let alpha = options.alpha;
    let live = sequential(&h, &t, alpha, options.sequential_n);
    if stage == Stage::TwoPart {
        return Money {
            headline: two_part_of(holdout, treated, alpha, GATE),
            relative: two_part_relative(holdout, treated, alpha, GATE),
            live,
            cuped: None,
            winsorised: None,
        };
    }
    Money {
        headline: welch(&h, &t, alpha).map(|welch| welch.interval),
        relative: relative(&h, &t, alpha),
        live,
        cuped: Some(cuped_of(holdout, treated, alpha)),
        winsorised: known.capped.as_ref().map(|capped| capped.difference(alpha)),
    }
}

/// [`FEWEST`], as the intervals behind the gate take it.
#[expect(clippy::cast_possible_truncation, reason = "20")]
pub(super) const GATE: usize = FEWEST as usize;

/// The chance of a difference at least as large as the headline's if there were none, for [`super::benjamini_hochberg`]; `None`
/// where there is no headline. It is the level at which the headline would just reach 0: of Welch's that is its p, of the
/// two-part interval it is looked for, which takes as long as thirty reports.
pub fn p_value(known: &Known, stage: Stage) -> Option<f64> {
    let (holdout, treated) = (&known.holdout, &known.treated);
    match stage {
        Stage::Refused | Stage::NothingClosed | Stage::TooEarly => None,
        Stage::TwoPart => level_at_zero(|alpha| two_part_of(holdout, treated, alpha, GATE)),
        Stage::Welch => welch(&holdout.per_recipient(), &treated.per_recipient(), 0.5).ok().map(|welch| welch.p),
    }
}

/// By halves; beyond one in 10⁹ nobody asks.
pub(super) fn level_at_zero(interval: impl Fn(f64) -> Result<Interval, Why>) -> Option<f64> {
    let (mut low, mut high) = (1e-9_f64, 1.0 - 1e-9);
    for _ in 0..30 {
        let middle = (low * high).sqrt();
        if interval(middle).ok()?.holds(0.0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high)
}
