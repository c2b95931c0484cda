//! What of the truth left traces that the app was told of. A verdict can rest on nothing else: who moved whom is in the
//! book too, and nobody but the book knows it.

use serde::Serialize;

use super::shopify::order::Order;
use super::state::State;
use super::visit::click_in;
use crate::kernel::Timestamp;
use crate::simulator::storefront::session::CLICK_ATTRIBUTE;

/// A person's tap that the app answered.
#[derive(Clone, Debug, Serialize)]
pub struct Tapped {
    /// The click id it was given.
    pub click: String,
    /// When.
    pub at: Timestamp,
}

/// A status the app took.
#[derive(Clone, Debug, Serialize)]
pub struct StatusTold {
    /// `sent`, `delivered`, `read`, `failed`.
    pub status: &'static str,
    /// When it happened.
    pub at: Timestamp,
}

/// A click that the pixel told with a checkout.
#[derive(Clone, Debug, Serialize)]
pub struct PixelTold {
    /// The click id.
    pub click: String,
    /// The checkout's token.
    pub checkout: String,
    /// When the pixel saw it.
    pub at: Timestamp,
}

/// A visit that Shopify's customer journey tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VisitTold {
    /// When it began.
    pub at: Timestamp,
    /// Path and query of its first page.
    pub landing: String,
    /// The page before it.
    pub referrer: Option<String>,
}

/// What an order says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Clues {
    /// Shopify's number of the shopper.
    pub customer: Option<i64>,
    /// The phone on it.
    pub phone: Option<String>,
    /// The e-mail on it.
    pub email: Option<String>,
    /// The click ids on its cart.
    pub cart_clicks: Vec<String>,
    /// The page its visit began on.
    pub landing: Option<String>,
    /// The page before that.
    pub referrer: Option<String>,
    /// When its checkout was begun.
    pub checkout_began: Option<Timestamp>,
    /// Its journey, and when Shopify had it ready.
    pub journey: Vec<VisitTold>,
    /// See above; `None`: it has none.
    pub journey_ready_at: Option<Timestamp>,
}

impl Clues {
    pub(super) fn of(order: &Order, checkout_began: Option<Timestamp>) -> Self {
        let clicks = order.attributes.iter().filter(|(name, _)| name == CLICK_ATTRIBUTE);
        let told = |seen: &super::journey::Seen| VisitTold {
            at: seen.at,
            landing: seen.landing.clone(),
            referrer: seen.referrer.clone(),
        };
        Self {
            customer: order.buyer.customer_id,
            phone: order.buyer.phone.clone(),
            email: order.buyer.email.clone(),
            cart_clicks: clicks.map(|(_, click)| click.clone()).collect(),
            landing: order.landing_site.clone(),
            referrer: order.referring_site.clone(),
            checkout_began,
            journey: order.visits.iter().map(told).collect(),
            journey_ready_at: order.journey_ready_at,
        }
    }
}

impl State {
    /// A person tapped a link, and the app sent them on to this address.
    pub(super) fn tapped(&mut self, link: &str, location: Option<&str>) {
        let Some(click) = location.and_then(click_in) else { return };
        let (at, plain) = (self.clock.now(), link.split('?').next().unwrap_or(link));
        let brought = location.and_then(|to| to.split_once("/discount/")).map(|(_, rest)| rest);
        let brought = brought.and_then(|rest| rest.split(['?', '/', '#']).next()).map(str::to_owned);
        for one in self.recipients.iter_mut().filter(|one| one.link.as_deref() == Some(plain)) {
            one.taps.push(Tapped { click: click.clone(), at });
            one.brought.extend(brought.clone());
        }
    }

    /// The app took a status of a recipient's message.
    pub(super) fn told(&mut self, recipient: usize, status: &'static str, at: Timestamp) {
        if let Some(one) = self.recipients.get_mut(recipient) {
            one.told.push(StatusTold { status, at });
        }
    }
}
