//! All rules at once: a link's hits beside each other, and beside the message's sending.

use std::collections::HashMap;

use super::Verdict;
use super::reason::Reason;
use super::signs::{Signs, reasons};
use crate::kernel::Timestamp;

/// Hits of one device within so many seconds of each other are one visit.
pub const VISIT_SECONDS: i64 = 30 * 60;

/// So many hits on one link …
const BURST_HITS: usize = 8;

/// … within so many seconds are a program's. A person who taps impatiently comes to three or four.
const BURST_SECONDS: i64 = 10;

/// WhatsApp tells whole seconds: a message "sent at 10:00:00" left before 10:00:01. Within a second of that is too soon.
const TOO_SOON_SECONDS: i64 = 2;

/// How far, in seconds, a hit can reach: what is judged must be read with so much on both sides of it.
pub struct Around;

impl Around {
    /// Rounded up from a visit and a burst.
    pub const SECONDS: i64 = 2 * 3_600;
}

/// A hit as it was noted.
#[derive(Clone, Debug)]
pub struct Hit {
    /// When.
    pub at: Timestamp,
    /// Its signs.
    pub signs: Signs,
    /// The browser's name.
    pub agent: Option<String>,
    /// The device's mark on this link.
    pub device: i32,
    /// The verdict that stands; kept where the signs are gone.
    pub stands: Verdict,
}

/// When a link's message left, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// No later than this, by whatever was told of it.
    pub by: Timestamp,
    /// About then: it was sent or arrived. `None`: only that it was read is known, and who has read may tap at once.
    pub about: Option<Timestamp>,
}

/// Judges the hits of one link, oldest first; `left` is when its message left.
pub fn weigh(hits: &[Hit], left: Option<Left>) -> Vec<Verdict> {
    let bursts = bursts(hits);
    let mut last_seen: HashMap<i32, Timestamp> = HashMap::new();
    let judge = |(hit, in_burst): (&Hit, bool)| {
        if hit.signs.has(Signs::GONE) {
            return hit.stands.clone();
        }
        let mut found = reasons(hit.signs, hit.agent.as_deref());
        found.extend(left.and_then(|left| timing(hit.at, left)));
        if in_burst {
            found.push(Reason::Burst);
        }
        found.sort();
        let verdict = Verdict::from(found);
        if !verdict.human {
            return verdict;
        }
        let before = last_seen.insert(hit.device, hit.at);
        match before.is_some_and(|before| hit.at < before.plus_seconds(VISIT_SECONDS)) {
            true => Verdict { human: true, reasons: vec![Reason::Again] },
            false => verdict,
        }
    };
    hits.iter().zip(bursts).map(judge).collect()
}

fn timing(at: Timestamp, left: Left) -> Option<Reason> {
    if at < left.by {
        Some(Reason::BeforeSending)
    } else if left.about.is_some_and(|about| at < about.plus_seconds(TOO_SOON_SECONDS)) {
        Some(Reason::TooSoon)
    } else {
        None
    }
}

/// Which hits stand in a burst. HEAD counts too: a scanner asks with both.
fn bursts(hits: &[Hit]) -> Vec<bool> {
    let mut marked = vec![false; hits.len()];
    for (first, last) in (BURST_HITS - 1..hits.len()).enumerate() {
        if hits[last].at < hits[first].at.plus_seconds(BURST_SECONDS) {
            marked[first..=last].fill(true);
        }
    }
    marked
}
