//! Two arms side by side, as the API tells it: gates first, then figures, then one sentence.

use serde::Serialize;

use super::arms::ArmSum;
use super::sentence;
use crate::campaigns::Arm;
use crate::kernel::{Currency, Day, Money};
use crate::stats::{
    self, ArmMoments, Capped, Detectable, Interval, Judged, Known, Options, Outlook, Pace, Quotient, SampleRatio, Stage,
};

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

/// 28 days.
const LATELY: f64 = 28.0;

/// Compares two arms. `claimed`: net sales by policy, the default first; none where the arms do not differ in messages.
pub fn compare(asked: &Asked<'_>, claimed: &[(String, i64)]) -> Comparison {
    let (against, treated) = (asked.against.1, asked.treated.1);
    let options = Options { holdout_share: asked.share, ..Options::default() };
    let known = Known {
        assigned: (whole(against.assigned), whole(treated.assigned)),
        holdout: against.moments,
        treated: treated.moments,
        capped: Capped::of(
            (whole(against.moments.n), &against.sales),
            (whole(treated.moments.n), &treated.sales),
            options.winsorise,
        )
        .ok(),
    };
    let judged = stats::judge(&known, &options);
    let figures =
        judged.money.as_ref().and_then(|money| figures(asked, money, stats::p_value(&known, judged.stage), &options));
    let each = judged.money.as_ref().and_then(|money| money.headline.ok());
    let claims = claimed.iter().map(|(policy, minor)| Claim {
        policy: policy.clone(),
        claimed: Money::new(*minor, asked.currency),
        over_attribution: each.map(|each| over_attribution(*minor, &each, treated.moments.n)),
    });
    let claims: Vec<Claim> = claims.collect();
    let outlook = outlook(asked, &judged, &options);
    Comparison {
        stage: judged.stage.into(),
        sentence: sentence::of(asked, &judged, figures.as_ref(), claims.first(), outlook.as_ref()),
        treated: view(asked.treated, asked.currency),
        against: view(asked.against, asked.currency),
        sample_ratio: judged.sample_ratio.map(|ratio| ratio_view(ratio, asked.share)),
        conversions: judged.counts.as_ref().map(|counts| counts.conversions),
        conversion: judged.counts.as_ref().and_then(|counts| counts.conversion.ok()).map(Range::from),
        subsidy: subsidy(asked, &judged),
        figures,
        claims,
        outlook,
    }
}

fn whole(count: i64) -> usize {
    usize::try_from(count).unwrap_or(0)
}

fn view((name, arm): (&'static str, &ArmSum), currency: Currency) -> ArmView {
    let money = |minor: i64| Money::new(minor, currency);
    ArmView {
        name,
        assigned: arm.assigned,
        recipients: arm.moments.n,
        buyers: arm.moments.buyers,
        orders: arm.orders,
        with_code: arm.redeemed,
        revenue: money(i64::try_from(arm.moments.revenue).unwrap_or(i64::MAX)),
        discounts: money(arm.discounts),
    }
}

fn ratio_view(ratio: SampleRatio, planned: f64) -> SampleRatioView {
    SampleRatioView { planned, chi2: ratio.chi2, p: ratio.p, refused: ratio.refused }
}

/// Claimed / incremental, both of everybody written to.
#[expect(clippy::cast_precision_loss, reason = "estimates")]
pub fn over_attribution(claimed_minor: i64, each: &Interval, recipients: i64) -> OverAttribution {
    let n = recipients as f64;
    let all = Interval { difference: each.difference * n, low: each.low * n, high: each.high * n };
    stats::quotient(claimed_minor as f64, &all).into()
}

fn figures(asked: &Asked<'_>, money: &stats::Money, p: Option<f64>, options: &Options) -> Option<Figures> {
    let headline = money.headline.ok()?;
    let n = asked.treated.1.moments.n;
    let winsorised = money.winsorised.and_then(Result::ok);
    Some(Figures {
        per_recipient: headline.into(),
        incremental: MoneyRange::of(&headline, n, asked.currency),
        p,
        relative: money.relative.ok().map(|relative| Range {
            value: relative.lift,
            low: relative.low,
            high: relative.high,
        }),
        live: money.live.ok().map(|live| Range::from(live.interval)),
        cuped: money.cuped.and_then(Result::ok).map(|cuped| Range::from(cuped.interval)),
        winsorised: winsorised.map(|(_, interval)| interval.into()),
        winsorised_at: winsorised.map(|(at, _)| at),
        profit: profit(asked, options),
    })
}

/// What the shop keeps: of both arms after the price of the goods, and less what the messages cost.
fn profit(asked: &Asked<'_>, options: &Options) -> Option<MoneyRange> {
    let (against, treated) = (asked.against.1.kept?, asked.treated.1.kept?);
    #[expect(clippy::cast_precision_loss, reason = "a price of a message")]
    let cost = asked.cost_minor? as f64;
    let kept = stats::welch(&against.per_recipient(), &treated.per_recipient(), options.alpha).ok()?.interval;
    let after = Interval { difference: kept.difference - cost, low: kept.low - cost, high: kept.high - cost };
    Some(MoneyRange::of(&after, treated.n, asked.currency))
}

/// Of the discounts of the arm with a code, the part that went to those who buy without one too: their share among its buyers
/// is (share that buys without) / (share that buys with).
#[expect(clippy::cast_precision_loss, reason = "estimates")]
fn subsidy(asked: &Asked<'_>, judged: &Judged) -> Option<MoneyRange> {
    let names = (asked.against.0, asked.treated.0);
    if names != (name(Arm::Message), name(Arm::MessageAndCode)) {
        return None;
    }
    judged.money.as_ref()?;
    let (treated, more) = (asked.treated.1, judged.counts.as_ref()?.conversion.ok()?);
    let bought = treated.moments.buyers as f64 / treated.moments.n as f64;
    let anyway = |more: f64| (bought - more) / bought * treated.discounts as f64;
    let part = Interval { difference: anyway(more.difference), low: anyway(more.high), high: anyway(more.low) };
    Some(MoneyRange::of(&part, 1, asked.currency))
}

fn outlook(asked: &Asked<'_>, judged: &Judged, options: &Options) -> Option<OutlookView> {
    let counts = judged.counts.as_ref()?;
    let (against, treated): (&ArmMoments, &ArmMoments) = (&asked.against.1.moments, &asked.treated.1.moments);
    #[expect(clippy::cast_precision_loss, reason = "recipients a day")]
    let pace = Pace { holdout: asked.lately.0 as f64 / LATELY, treated: asked.lately.1 as f64 / LATELY };
    let base = against.per_recipient().mean;
    let found = |detectable: Result<Detectable, stats::Why>| detectable.ok().map(|Detectable(found)| found);
    let detectable_minor = found(counts.detectable_revenue);
    let planned = asked.planned * base;
    let ahead = stats::outlook(against, treated, pace, planned, options.alpha, options.power).ok();
    let ahead = ahead.filter(|_| base > 0.0);
    let day = |days: fn(&Outlook) -> Option<u32>| {
        ahead.as_ref().and_then(days).and_then(|days| i32::try_from(days).ok()).map(|days| asked.today.plus(days))
    };
    Some(OutlookView {
        detectable_minor,
        detectable_relative: detectable_minor.filter(|_| base > 0.0).map(|found| found / base),
        detectable_conversion: found(counts.detectable_conversion),
        planned: asked.planned,
        effect_on: day(|ahead| ahead.days_to_effect),
        interval_on: day(|ahead| ahead.days_to_gate),
    })
}

/// What an arm is called.
pub const fn name(arm: Arm) -> &'static str {
    match arm {
        Arm::Nothing => "nothing",
        Arm::Message => "message",
        Arm::MessageAndCode => "message_and_code",
    }
}

/// All arms that got a message.
pub const MESSAGES: &str = "messages";
