//! What becomes of a checkout, from its facts. Pure.
//!
//! 1. Quiet is the time from a step to the next one, to the end, or to now. A checkout that lay quiet long enough was
//!    abandoned then, by event time, whatever was heard when; of several such times the latest counts.
//! 2. Its own order ends it, whatever else happened. Else the earliest of a deletion and an order of the same person.
//! 3. An order of theirs counts when it was placed after the checkout began, and nobody worked on the checkout for more
//!    than a day after it: then they came back for something else.

use super::abandonment::{Because, State};
use crate::kernel::Timestamp;
use crate::orders::OrderId;

/// Somebody who still works on a checkout so long after they bought shops anew.
const SAME_SHOPPING_SECONDS: i64 = 86_400;

/// Everything that decides.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// When it was worked on, oldest first; not empty.
    pub steps: Vec<Timestamp>,
    /// When it became an order, and which, if that was told.
    pub completed: Option<(Timestamp, Option<OrderId>)>,
    /// Orders of the same person, oldest first.
    pub bought: Vec<(Timestamp, OrderId)>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// Whether anybody is known who could be reached.
    pub reachable: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub state: State,
    pub last_at: Timestamp,
    pub abandoned_at: Option<Timestamp>,
    pub ended: Option<End>,
}

/// How a checkout ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub at: Timestamp,
    pub by: Because,
    pub order: Option<OrderId>,
}

/// Judges a checkout that is abandoned after so many quiet seconds.
pub(super) fn judge(facts: &Facts, after_seconds: i32, now: Timestamp) -> Verdict {
    let after = i64::from(after_seconds);
    let ended = end(facts);
    let counts = |step: &&Timestamp| ended.is_none_or(|end| **step < end.at);
    let steps: Vec<Timestamp> = facts.steps.iter().filter(counts).copied().collect();
    let first = facts.steps.first().copied().unwrap_or_default();
    let last_at = steps.last().copied().unwrap_or(first);
    let until = ended.map_or(now, |end| end.at);
    let mut quiet = steps.windows(2).map(|pair| (pair[0], pair[1])).chain(steps.last().map(|last| (*last, until)));
    let long = quiet.rfind(|(from, to)| *to >= from.plus_seconds(after));
    let abandoned_at = long.map(|(from, _)| from.plus_seconds(after));
    let (state, abandoned_at) = match ended {
        _ if !facts.reachable && ended.is_none() => (State::Unreachable, None),
        None if abandoned_at == Some(last_at.plus_seconds(after)) => (State::Open, abandoned_at),
        // It lay quiet before; now it does not.
        None => (State::Working, None),
        Some(_) if abandoned_at.is_none() || !facts.reachable => (State::Over, None),
        Some(end) => {
            let state = match end.by {
                Because::Completed => State::Recovered,
                Because::Deleted => State::Deleted,
                _ => State::Withdrawn,
            };
            (state, abandoned_at)
        }
    };
    Verdict { state, last_at, abandoned_at, ended }
}

fn end(facts: &Facts) -> Option<End> {
    if let Some((at, order)) = facts.completed {
        return Some(End { at, by: Because::Completed, order });
    }
    let (first, last) = (facts.steps.first()?, facts.steps.last()?);
    let counts = |(at, _): &&(Timestamp, OrderId)| at >= first && *last <= at.plus_seconds(SAME_SHOPPING_SECONDS);
    let bought = facts.bought.iter().find(counts);
    let bought = bought.map(|(at, order)| End { at: *at, by: Because::Bought, order: Some(*order) });
    let deleted = facts.deleted_at.map(|at| End { at, by: Because::Deleted, order: None });
    [bought, deleted].into_iter().flatten().min_by_key(|end| end.at)
}

#[cfg(test)]
mod tests;
