//! Comparing two arms: gates first, then figures, then one sentence.

use super::arms::ArmSum;
use super::sentence;
use super::view::{
    ArmView, Asked, Claim, Comparison, Figures, MoneyRange, OutlookView, OverAttribution, Range, SampleRatioView,
};
use crate::campaigns::Arm;
use crate::kernel::{Currency, Day, Money};
use crate::stats::{
    self, ArmMoments, Capped, Detectable, Interval, Judged, Known, Options, Outlook, Pace, Sample, SampleRatio,
};

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
    judged.counts.as_ref()?;
    let arms = (&asked.against.1.moments, &asked.treated.1.moments);
    look_ahead(arms, asked.lately, (asked.today, asked.planned), options)
}

/// What two arms could find, and when more can be said. `lately`: newly assigned of both in the last 28 days.
pub fn look_ahead(
    (against, treated): (&ArmMoments, &ArmMoments),
    lately: (i64, i64),
    (today, planned): (Day, f64),
    options: &Options,
) -> Option<OutlookView> {
    if against.n == 0 && treated.n == 0 {
        return None;
    }
    let Options { alpha, power, .. } = *options;
    #[expect(clippy::cast_precision_loss, reason = "recipients a day")]
    let pace = Pace { holdout: lately.0 as f64 / LATELY, treated: lately.1 as f64 / LATELY };
    let base = against.per_recipient().mean;
    let found =
        |one: &Sample, other: &Sample| stats::detectable(one, other, alpha, power).ok().map(|Detectable(found)| found);
    let detectable_minor = found(&against.per_recipient(), &treated.per_recipient());
    let ahead = stats::outlook(against, treated, pace, planned * base, alpha, power).ok();
    let ahead = ahead.filter(|_| base > 0.0);
    let day = |days: fn(&Outlook) -> Option<u32>| {
        ahead.as_ref().and_then(days).and_then(|days| i32::try_from(days).ok()).map(|days| today.plus(days))
    };
    Some(OutlookView {
        detectable_minor,
        detectable_relative: detectable_minor.filter(|_| base > 0.0).map(|found| found / base),
        detectable_conversion: found(&against.share(), &treated.share()),
        planned,
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
