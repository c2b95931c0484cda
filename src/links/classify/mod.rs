//! Whether a hit on a link was a person's, and why we think so.
//!
//! ```text
//! hit ──at the door: its own signs──▶ verdict ──a minute later: its neighbours, its message's leaving──▶ verdict
//!                                        ▲ late news of its link, other rules
//! ```
//!
//! 1. Every hit is kept with its **signs**: what was seen at the door and nothing else. Signs are facts.
//! 2. A **verdict** is a pure function of a hit's signs, of the hits around it on the same link, and of when the message
//!    left. It comes out the same whatever was heard first, and may be derived again at any time.
//! 3. At the door only the plain rules can be asked ([`at_once`]); [`weigh`] asks them all, a little later. When the
//!    rules change, [`VERSION`] grows, and everything whose signs are still kept is classified anew.
//!
//! Data-centre networks are looked at where the operator named lists of them (`RECOUP_DATA_CENTRES`): providers publish
//! their own. None comes with the program. Lists made from routing tables are years of guesses, they call networks of
//! offices and of people's own lines data centres, and a wrong line takes people out of the numbers.

mod agents;
mod counted;
mod device;
mod flood;
mod job;
mod progress;
mod queue;
mod reason;
mod signs;
mod times;
mod turned;
mod weigh;

pub use agents::{Agent, who};
pub use counted::{HITS, LinkHits, hit_counts, hit_counts_each, hits_since, recount_hits};
pub use device::{address, device, nearest, network};
pub use job::{Classified, Classify, classify_again};
pub use queue::{Entity as Queue, enqueue};
pub use reason::Reason;
pub use signs::{HEADERS, Seen, Signs};
pub use times::{CAMPAIGN_HIT_DAYS, HIT_DAYS, HIT_TIMES, Hits, Judged, OfDay, hit_days, hit_times, strongest};
pub use turned::{RulesChanged, TapsTurned};
pub use weigh::{Around, Hit, Left, VISIT_SECONDS, weigh};

/// The version of the rules. It grows with every change to what [`weigh`] answers, the list of agents included.
pub const VERSION: i32 = 4;

/// A verdict: whether it counts, and all that speaks for it, strongest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it was a person's tap.
    pub human: bool,
    /// Why, strongest first; never empty.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    fn from(reasons: Vec<Reason>) -> Self {
        if reasons.is_empty() {
            return Self { human: true, reasons: vec![Reason::Browser] };
        }
        Self { human: false, reasons }
    }

    /// The text that is kept: the reasons' words, with commas.
    pub fn kept(&self) -> String {
        match self.reasons[..] {
            [reason] => reason.word().to_owned(),
            ref reasons => reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>().join(","),
        }
    }
}

/// What a hit's own signs say: all that can be known while the shopper waits.
pub fn at_once(signs: Signs, agent: Option<&str>) -> Verdict {
    Verdict::from(signs::reasons(signs, agent))
}

#[cfg(test)]
mod tests;
