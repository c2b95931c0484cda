//! Two arms side by side, in the words of the API.

use serde::Serialize;

use super::arms::ArmSum;
use crate::kernel::{Currency, Day, Money};
use crate::stats::{Interval, Quotient, Stage};

/// How far an experiment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LiftStage {
    /// The arms are not as planned: nothing is said.
    Refused,
    /// Nobody's horizon has closed.
    NothingClosed,
    /// Too few have bought for an interval of money.
    TooEarly,
    /// Few buy: the two-part interval is the headline.
    TwoPart,
    /// Many buy: Welch's is.
    Welch,
}

impl From<Stage> for LiftStage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Refused => Self::Refused,
            Stage::NothingClosed => Self::NothingClosed,
            Stage::TooEarly => Self::TooEarly,
            Stage::TwoPart => Self::TwoPart,
            Stage::Welch => Self::Welch,
        }
    }
}

/// An estimate with its limits (95 %).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = LiftRange)]
pub struct Range {
    /// The estimate.
    pub value: f64,
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

impl From<Interval> for Range {
    fn from(interval: Interval) -> Self {
        Self { value: interval.difference, low: interval.low, high: interval.high }
    }
}

/// Money with its limits (95 %), to the minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = LiftMoney)]
pub struct MoneyRange {
    /// The estimate.
    pub value: Money,
    /// The lower limit.
    pub low: Money,
    /// The upper limit.
    pub high: Money,
}

impl MoneyRange {
    /// A difference a recipient, for so many.
    pub fn of(each: &Interval, recipients: i64, currency: Currency) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "an estimate; its limits are far wider")]
        let money = |each: f64| Money::new(rounded(each * recipients as f64), currency);
        Self { value: money(each.difference), low: money(each.low), high: money(each.high) }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "money stays far below; beyond, the end of the scale")]
fn rounded(minor: f64) -> i64 {
    minor.round() as i64
}

/// One arm in numbers.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LiftArm)]
pub struct ArmView {
    /// What its recipients were given; `messages`: any message.
    pub name: &'static str,
    /// Everybody assigned.
    pub assigned: i64,
    /// Those whose horizon has closed; all figures are of them.
    pub recipients: i64,
    /// Those of them who bought, by any road.
    pub buyers: i64,
    /// Their orders.
    pub orders: i64,
    /// Their orders to which one of our codes ties a message. In an arm that got none: contamination.
    pub with_code: i64,
    /// Their net sales.
    pub revenue: Money,
    /// What discounts took off those.
    pub discounts: Money,
}

/// How many times more is claimed than was caused.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum OverAttribution {
    /// Between two limits.
    Between {
        /// The estimate.
        estimate: f64,
        /// The lower limit.
        low: f64,
        /// The upper limit.
        high: f64,
    },
    /// What was caused may be nothing: at most one, or at least the other, and nothing in between.
    Outside {
        /// The estimate, if there is one.
        estimate: Option<f64>,
        /// The end of the lower ray; `null`: there is none.
        at_most: Option<f64>,
        /// The beginning of the upper ray; `null`: there is none.
        at_least: Option<f64>,
    },
    /// Nothing can be ruled out.
    Anything {
        /// The estimate, if there is one.
        estimate: Option<f64>,
    },
}

impl From<Quotient> for OverAttribution {
    fn from(quotient: Quotient) -> Self {
        let finite = |value: f64| value.is_finite().then_some(value);
        match quotient {
            Quotient::Between { estimate, low, high } => Self::Between { estimate, low, high },
            Quotient::Outside { estimate, at_most, at_least } => {
                Self::Outside { estimate, at_most: finite(at_most), at_least: finite(at_least) }
            }
            Quotient::Anything { estimate } => Self::Anything { estimate },
        }
    }
}

/// What a policy claims, beside what was caused.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LiftClaim)]
pub struct Claim {
    /// The policy.
    pub policy: String,
    /// Net sales it attributes to the same messages.
    pub claimed: Money,
    /// Claimed / incremental; `null` while no interval of money is shown.
    pub over_attribution: Option<OverAttribution>,
}

/// Figures of money; only behind their gate.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LiftFigures)]
pub struct Figures {
    /// Difference of net revenue a recipient, minor units; the headline.
    pub per_recipient: Range,
    /// The same for all who were written to and whose horizon has closed.
    pub incremental: MoneyRange,
    /// The chance of a difference at least as large if messages did nothing.
    pub p: Option<f64>,
    /// The difference in relation to the other arm's revenue.
    pub relative: Option<Range>,
    /// Stays true however often one looks (always valid); minor units a recipient.
    pub live: Option<Range>,
    /// With what each had bought before taken out (CUPED); minor units a recipient.
    pub cuped: Option<Range>,
    /// With the largest sales cut; minor units a recipient.
    pub winsorised: Option<Range>,
    /// Where they were cut, minor units.
    pub winsorised_at: Option<f64>,
    /// What the shop keeps of it after the price of the goods and of the messages; `null`: it said no margin.
    pub profit: Option<MoneyRange>,
}

/// What so many could find, and when more can be said.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LiftOutlook)]
pub struct OutlookView {
    /// The smallest difference of revenue a recipient that so many would find, minor units.
    pub detectable_minor: Option<f64>,
    /// The same in relation to the other arm's revenue.
    pub detectable_relative: Option<f64>,
    /// The smallest difference of the shares that buy.
    pub detectable_conversion: Option<f64>,
    /// The relative effect that was planned to be found.
    pub planned: f64,
    /// The day on which the planned effect would be found, at the pace of the last 28 days.
    #[schema(value_type = Option<String>, format = "date")]
    pub effect_on: Option<Day>,
    /// The day on which an interval of money is shown, at that pace.
    #[schema(value_type = Option<String>, format = "date")]
    pub interval_on: Option<Day>,
}

/// Whether the arms are as large as planned (χ², refused below p = 0.001).
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LiftSampleRatio)]
pub struct SampleRatioView {
    /// The planned share of the arm that is compared with.
    pub planned: f64,
    /// χ² with one degree of freedom.
    pub chi2: f64,
    /// Its p.
    pub p: f64,
    /// Whether nothing is said because of it.
    pub refused: bool,
}

/// One arm beside another.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LiftComparison)]
pub struct Comparison {
    /// How far it has come.
    pub stage: LiftStage,
    /// It in one sentence.
    pub sentence: String,
    /// The arm that got more.
    pub treated: ArmView,
    /// The arm it is compared with.
    pub against: ArmView,
    /// Whether the arms are as planned; `null` while nobody is assigned.
    pub sample_ratio: Option<SampleRatioView>,
    /// What the gate counts: conversions of the smaller arm. 20 open the interval of money.
    pub conversions: Option<i64>,
    /// Difference of the shares that bought (Newcombe).
    pub conversion: Option<Range>,
    /// Money; `null` before its gate.
    pub figures: Option<Figures>,
    /// What is claimed for the same recipients, by policy, the default first.
    pub claims: Vec<Claim>,
    /// Of the discounts of the treated, what went to people who would have bought anyway; `null` where both arms have a
    /// code or none, or nothing is said.
    pub subsidy: Option<MoneyRange>,
    /// What can be found so far and when more can be.
    pub outlook: Option<OutlookView>,
}

/// What a comparison is made from.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its arms: (name, arm).
    pub against: (&'static str, &'a ArmSum),
    /// The arm that got more.
    pub treated: (&'static str, &'a ArmSum),
    /// The planned share of `against` among both.
    pub share: f64,
    /// Newly assigned of both arms in the last 28 days: against, treated.
    pub lately: (i64, i64),
    /// Today.
    pub today: Day,
    /// The relative effect to be found.
    pub planned: f64,
    /// What a message costs, minor units, when it is known.
    pub cost_minor: Option<i64>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Whether everything the shop sold is known up to some instant.
    pub known: bool,
}
