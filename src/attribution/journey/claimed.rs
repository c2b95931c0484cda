//! Whom others would give an order to, by the visits that are known: tools that read the tags of addresses, and Shopify's
//! own customer journey. Neither looks at a code, a message or a person.

use url::form_urlencoded;

use super::super::dossier::Dossier;
use super::{Channel, channel, is_landing, landed_at};
use crate::kernel::Timestamp;

/// How much is known of the visits before an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Shopify told visits.
    Visits,
    /// Only the page on which the visit began that ended in the order.
    Landing,
    /// Nothing.
    Nothing,
}

impl Known {
    /// Of an order.
    pub fn of(dossier: &Dossier) -> Self {
        let facts = &dossier.facts;
        match (facts.visits.iter().any(|visit| visit.at <= facts.order.ordered_at), &facts.order.landing) {
            (true, _) => Self::Visits,
            (false, Some(_)) => Self::Landing,
            (false, None) => Self::Nothing,
        }
    }
}

/// The channel of the last visit whose address carries a UTM source or medium, Shopify's visits and the order's own landing
/// page taken together; `None`: no known address carries one.
pub fn last_tagged(dossier: &Dossier) -> Option<Channel> {
    let facts = &dossier.facts;
    let order = &facts.order;
    let before = || facts.visits.iter().filter(|visit| visit.at <= order.ordered_at);
    let mut landings: Vec<(Timestamp, &str)> = before().map(|visit| (visit.at, visit.landing.as_str())).collect();
    if !before().any(|visit| is_landing(visit, order)) {
        landings.extend(order.landing.as_deref().map(|landing| (landed_at(facts), landing)));
    }
    let last = landings.into_iter().filter(|(_, landing)| is_tagged(landing)).max_by_key(|(at, _)| *at);
    last.map(|(_, landing)| channel(landing, None).channel)
}

fn is_tagged(landing: &str) -> bool {
    let mut pairs = form_urlencoded::parse(landing.as_bytes());
    pairs.any(|(key, value)| matches!(&*key, "utm_source" | "utm_medium") && !value.trim().is_empty())
}

/// The channel of the last visit of Shopify's customer journey that came from somewhere; `None`: there is none.
pub fn last_not_direct(dossier: &Dossier) -> Option<Channel> {
    let facts = &dossier.facts;
    let before = facts.visits.iter().rev().filter(|visit| visit.at <= facts.order.ordered_at);
    let mut channels = before.map(|visit| channel(&visit.landing, visit.referrer.as_deref()).channel);
    channels.find(|channel| *channel != Channel::Direct)
}
