//! What a comparison says, in one sentence a shop owner reads. It never says more than the interval does.

use super::view::{Asked, Claim, Figures, OutlookView};
use crate::kernel::{Day, Money};
use crate::stats::{FEWEST, Judged, Stage};

/// The sentence of a comparison.
pub fn of(
    asked: &Asked<'_>,
    judged: &Judged,
    figures: Option<&Figures>,
    claim: Option<&Claim>,
    outlook: Option<&OutlookView>,
) -> String {
    match (judged.stage, figures) {
        (Stage::Refused, _) => refused(asked),
        (Stage::NothingClosed, _) if !asked.known => {
            "Nothing can be said yet: it is not known up to when Shopify's orders are all here.".to_owned()
        }
        (Stage::NothingClosed, _) => "Nothing can be said yet: for nobody has the time to buy passed.".to_owned(),
        (_, Some(figures)) => found(figures, claim),
        (Stage::TooEarly, None) => too_early(judged, outlook),
        (_, None) => "Nothing can be said: what was bought gives no interval.".to_owned(),
    }
}

fn refused(asked: &Asked<'_>) -> String {
    let (left, others) = (asked.against.1.assigned, asked.treated.1.assigned);
    #[expect(clippy::cast_precision_loss, reason = "a share in words")]
    let share = left as f64 / (left + others).max(1) as f64;
    format!(
        "Nothing is said of it: {:.1} % of both sides were planned for the side that got less, and {:.1} % are there. Chance does that less than once in a thousand times, so something else chose who got what.",
        asked.share * 100.0,
        share * 100.0
    )
}

fn too_early(judged: &Judged, outlook: Option<&OutlookView>) -> String {
    let have = judged.counts.as_ref().map_or(0, |counts| counts.conversions);
    format!(
        "Too early: {have} of the {FEWEST} purchases in each arm have come that an interval of money takes.{}",
        when(outlook.and_then(|outlook| outlook.interval_on))
    )
}

/// On which day enough will have been bought.
pub fn when(day: Option<Day>) -> String {
    day.map_or_else(
        || " At the pace of the last 28 days that is more than ten years off.".to_owned(),
        |day| format!(" At the pace of the last 28 days that is on {day} at the earliest."),
    )
}

fn found(figures: &Figures, claim: Option<&Claim>) -> String {
    let (low, high) = (figures.incremental.low, figures.incremental.high);
    let between = |low: &str, high: &str| format!("between {low} and {high}");
    let effect = match (low.minor > 0, high.minor < 0) {
        (true, _) => "Messages brought",
        (_, true) => "Messages cost sales:",
        _ => "Whether messages brought any money cannot be told from chance:",
    };
    let claim = claim.map(|claim| claim.claimed).filter(|claimed| claimed.minor > 0 && low.minor > 0);
    let Some(claimed) = claim else {
        let amounts = between(&spoken(low), &spoken(high));
        return format!("{effect} {amounts} that would not have come without them.");
    };
    #[expect(clippy::cast_precision_loss, reason = "a share in words")]
    let of_hundred = |money: Money| format!("{:.0}", 100.0 * money.minor as f64 / claimed.minor as f64);
    format!(
        "Of 100 {} claimed, {} would not have come without these messages.",
        claimed.currency,
        between(&of_hundred(low), &of_hundred(high))
    )
}

fn spoken(money: Money) -> String {
    format!("{} {}", money.decimal(), money.currency)
}
