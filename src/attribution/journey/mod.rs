//! What touched an order: our messages and other channels, by time. And what follows when another channel came last.
//!
//! 1. Facts of an order name where its visit began; the channel is read from them by [`channel`], purely.
//! 2. The instant a visit began is not told. It lies before the first step of its checkout, which stands for it: a click
//!    after that step is later than the visit, a click before it may be earlier.

mod channel;
mod sources;

use serde::{Deserialize, Serialize};

pub use channel::{Channel, Origin, channel};

use super::evidence::{Class, Evidence, Kind, Pointed, Pointer};
use crate::campaigns::MessageId;
use crate::kernel::Timestamp;
use crate::orders::Facts;

/// One touch of a journey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = JourneyTouch)]
pub struct Touch {
    /// When; of a visit: when its checkout began at the latest.
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
    /// By which channel.
    pub channel: Channel,
    /// Our message; `null`: another channel.
    pub message_id: Option<MessageId>,
    /// Whether another channel that is paid or owned was clicked: it claims the order too.
    pub claims: bool,
    /// By what it is known, in a sentence.
    pub why: String,
}

impl Touch {
    pub(super) fn ours(message: MessageId, at: Timestamp, why: String) -> Self {
        Self { at, channel: Channel::Whatsapp, message_id: Some(message), claims: false, why }
    }
}

/// Touches of other channels. A visit that one of our own links opened is no other's.
pub(super) fn others(facts: &Facts, pointed: &[Pointed]) -> Vec<Touch> {
    let order = &facts.order;
    let ours = pointed.iter().any(|one| matches!(&one.by, Pointer::Session(_, _, seen) if seen.landing));
    let Some(landing) = order.landing.as_deref().filter(|_| !ours) else { return Vec::new() };
    let Origin { channel, claims, why } = channel(landing, order.referrer.as_deref());
    let at = facts.activities.first().copied().unwrap_or(order.ordered_at).min(order.ordered_at);
    vec![Touch { at, channel, message_id: None, claims, why: format!("The visit that ended in this order {why}.") }]
}

/// A tap of the same person says less than a later click of another paid or owned channel.
pub(super) fn veto(evidence: &mut [Evidence], others: &[Touch]) {
    for e in evidence.iter_mut().filter(|e| e.holds && e.kind == Kind::PersonClick) {
        if let Some(later) = later(others, e.touched_at) {
            e.holds = false;
            e.yielded = Some(format!("a later click by {} outweighs it", later.channel.called()));
        }
    }
    // What holds stands first, as everywhere.
    evidence.sort_by_key(|e| !e.holds);
}

/// Why the winner is contested, in a sentence.
pub(super) fn contested(winner: &Evidence, others: &[Touch]) -> Option<String> {
    let later = later(others, winner.since)?;
    let stays = match winner.class {
        Class::Certain => "The evidence is certain and stays",
        Class::Strong => "The evidence names this visit's browser and stays",
    };
    Some(format!(
        "Contested: {} was clicked after this message and will claim the order too. {stays}.",
        later.channel.called()
    ))
}

fn later(others: &[Touch], than: Timestamp) -> Option<&Touch> {
    others.iter().filter(|touch| touch.claims && touch.at > than).max_by_key(|touch| touch.at)
}
