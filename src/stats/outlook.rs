//! *Too early* is an answer when it says until when: the day on which so many have come that the planned effect would be
//! found, and the day on which enough have bought for an interval of money, at today's pace.

use super::{ArmMoments, Detectable, Sample, Why, detectable, judge::FEWEST, sample::count};

/// Beyond ten years nobody waits.
const LONGEST: u32 = 3_650;

/// Recipients a day whose horizon closes: holdout, treated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Of the holdout.
    pub holdout: f64,
    /// Of the treated.
    pub treated: f64,
}

/// When more can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Days until the planned effect would be found; 0: it would be today. `None`: not within ten years at this pace.
    pub days_to_effect: Option<u32>,
    /// Days until an interval of money is shown: [`FEWEST`] conversions in both arms.
    pub days_to_gate: Option<u32>,
}

/// Recipients go on varying and buying as they did. `planned`: the difference of revenue a recipient to be found.
pub fn outlook(
    holdout: &ArmMoments,
    treated: &ArmMoments,
    pace: Pace,
    planned: f64,
    alpha: f64,
    power: f64,
) -> Result<Outlook, Why> {
    let (h, t) = (holdout.per_recipient(), treated.per_recipient());
    detectable(&h, &t, alpha, power)?;
    let found = |day: u32| {
        let later = |arm: &Sample, a_day: f64| Sample { n: arm.n + a_day * f64::from(day), ..*arm };
        let then = detectable(&later(&h, pace.holdout), &later(&t, pace.treated), alpha, power);
        then.is_ok_and(|Detectable(found)| found <= planned.abs())
    };
    let enough = |day: u32| {
        let bought = |arm: &ArmMoments, a_day: f64| {
            let share = count(usize::try_from(arm.conversions()).unwrap_or(0)) / arm.per_recipient().n;
            share * (arm.per_recipient().n + a_day * f64::from(day))
        };
        #[expect(clippy::cast_precision_loss, reason = "20")]
        let fewest = FEWEST as f64 - 1e-9;
        bought(holdout, pace.holdout) >= fewest && bought(treated, pace.treated) >= fewest
    };
    Ok(Outlook { days_to_effect: first(found), days_to_gate: first(enough) })
}

/// The first day on which something holds that goes on holding; by halves.
fn first(holds: impl Fn(u32) -> bool) -> Option<u32> {
    let (mut low, mut high) = (0, LONGEST);
    if !holds(high) {
        return None;
    }
    while low < high {
        let middle = u32::midpoint(low, high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
}
