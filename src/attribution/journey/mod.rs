//! What touched an order: our messages and other channels, by time. And what follows when another channel came last.
//!
//! 1. Facts of an order name where its visits began; the channel is read from them by [`channel`], purely.
//! 2. Shopify's customer journey tells visits with their instants, late and not of every order. The order itself tells
//!    one landing page at once and no instant: it lies before the first step of its checkout, which stands for it. A
//!    click after that step is later than the visit, a click before it may be earlier. Where both tell one visit,
//!    Shopify's instant counts.

mod channel;
mod claimed;
mod origin;
mod sources;

use serde::{Deserialize, Serialize};

pub use channel::Channel;
pub(super) use claimed::{Known, last_not_direct, last_tagged};
pub use origin::{Origin, channel};

use super::dossier::Dossier;
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;
use crate::orders::{Facts, Order, Visit};

/// One touch of a journey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = JourneyTouch)]
pub struct Touch {
    /// When; of a visit that only the order tells: when its checkout began at the latest.
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

/// Touches of other channels, the order's own landing last. A visit that one of our own links opened, by its click id, is
/// no other's; it is no evidence by itself either, for Shopify tells visits late and not of everybody.
pub(super) fn others(dossier: &Dossier) -> Vec<Touch> {
    let facts = &dossier.facts;
    let order = &facts.order;
    let before = || facts.visits.iter().filter(|visit| visit.at <= order.ordered_at);
    let ours = |visit: &&Visit| visit.click_id.as_deref().is_some_and(|id| dossier.is_ours(id));
    let told = before().filter(|visit| !ours(visit)).map(|visit| {
        let origin = channel(&visit.landing, visit.referrer.as_deref());
        touch(visit.at, origin, "A visit that Shopify saw before this order")
    });
    let mut touches: Vec<Touch> = told.collect();
    if !before().any(|visit| is_landing(visit, order)) {
        touches.extend(landing(dossier));
    }
    touches
}

/// The visit the order names, unless one of our own links opened it.
fn landing(dossier: &Dossier) -> Option<Touch> {
    let facts = &dossier.facts;
    let order = &facts.order;
    let ours = order.landing_click_id.as_deref().is_some_and(|id| dossier.is_ours(id));
    let landing = order.landing.as_deref().filter(|_| !ours)?;
    let at = landed_at(facts);
    let origin = channel(landing, order.referrer.as_deref());
    Some(touch(at, origin, "The visit that ended in this order"))
}

/// Whether a visit is the one the order names.
/// When the visit began that the order names, at the latest: before the first step of its checkout.
fn landed_at(facts: &Facts) -> Timestamp {
    let ordered_at = facts.order.ordered_at;
    facts.activities.first().copied().unwrap_or(ordered_at).min(ordered_at)
}

fn is_landing(visit: &Visit, order: &Order) -> bool {
    order.landing.as_ref() == Some(&visit.landing)
        && (&order.referrer, &order.landing_click_id) == (&visit.referrer, &visit.click_id)
}

fn touch(at: Timestamp, Origin { channel, claims, why }: Origin, visit: &str) -> Touch {
    Touch { at, channel, message_id: None, claims, why: format!("{visit} {why}.") }
}

/// The last click of another channel that claims the order too, later than an instant. What is in the list came before
/// the order.
pub(super) fn later(others: &[Touch], than: Timestamp) -> Option<&Touch> {
    others.iter().filter(|touch| touch.claims && touch.at > than).max_by_key(|touch| touch.at)
}
