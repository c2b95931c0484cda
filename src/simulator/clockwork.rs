//! The queue of everything that is still to happen, ordered by time and then by who was first to plan it.

use std::collections::BTreeMap;

use crate::kernel::{Day, Timestamp};

use super::browser::Telling;
use super::shopify::webhooks::Delivery;
use super::visit::{AfterMessage, Browse};
use super::whatsapp::StatusNote;

/// How long one step of the pretend world is: what is due within one is sent together.
pub(super) const STEP_SECONDS: i64 = 60 * 60;

/// Something that is to happen.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A local day begins: its visits are planned.
    DayBegins(Day),
    /// A Shopify webhook is due.
    Deliver(Box<Delivery>),
    /// WhatsApp has news of a message.
    Status(Box<StatusNote>),
    /// A browser's pixel tells of a checkout.
    Pixel(Box<Telling>),
    /// The platform sets up its broadcast number n.
    CreateBroadcast(u32),
    /// The platform draws and sends its broadcast number n.
    SendBroadcast(u32),
    /// The platform fetches what Meta counted of its templates and hands it in.
    HandInAnalytics,
    /// The platform looks after abandoned checkouts that went quiet long enough ago.
    DrawAbandoned,
    /// Somebody comes to the storefront by themselves.
    Browse(Box<Browse>),
    /// Somebody does what a message moved them to.
    AfterMessage(Box<AfterMessage>),
    /// Somebody completes a checkout they had left: its token, and the recipient number if a message moved them.
    Return { token: String, because_of: Option<usize> },
    /// WhatsApp or a mail scanner fetches a link to look at it.
    Preview { link: String, head: bool },
    /// A browser fetches a link in advance, for somebody who may never open it.
    Prefetch { link: String },
    /// Payment of an order arrives.
    Pay(i64),
    /// Payment of an order never arrives.
    Void(i64),
    /// The merchant refunds an order.
    Refund { order: i64, kind: RefundKind },
    /// The merchant cancels an order.
    Cancel(i64),
    /// The merchant touches an order (fulfils it).
    Touch(i64),
    /// An order without a checkout: point of sale, draft, renewal, test.
    Counter(CounterSale),
}

/// How much is given back.
#[derive(Clone, Copy, Debug)]
pub enum RefundKind {
    /// Every line and the shipping.
    Full,
    /// One piece of the first line.
    OnePiece,
    /// An amount in minor units without goods.
    Goodwill(i64),
    /// So much of the tip.
    Tip(i64),
}

/// Orders that come without a checkout of the online store.
#[derive(Clone, Copy, Debug)]
pub(super) enum CounterSale {
    PointOfSale(u64),
    Draft(u64),
    Renewal(u64),
    Test(u64),
}

/// Everything that is still to happen.
#[derive(Default)]
pub(super) struct Queue {
    due: BTreeMap<(Timestamp, u64), Event>,
    planned: u64,
}

impl Queue {
    /// Plans an event; events of the same instant keep the order in which they were planned.
    pub fn plan(&mut self, at: Timestamp, event: Event) {
        self.planned += 1;
        self.due.insert((at, self.planned), event);
    }

    /// The instant of the next event.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next event that is due until then.
    pub fn take(&mut self, until: Timestamp) -> Option<(Timestamp, Event)> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= until)?;
        let ((at, _), event) = entry.remove_entry();
        Some((at, event))
    }

    /// Takes everything that is on its way to the app, whenever it is due.
    pub fn take_mail(&mut self) -> Vec<Event> {
        let mail: Vec<_> = self
            .due
            .iter()
            .filter(|(_, event)| matches!(event, Event::Deliver(_) | Event::Status(_) | Event::Pixel(_)))
            .map(|(key, _)| *key)
            .collect();
        mail.iter().filter_map(|key| self.due.remove(key)).collect()
    }
}

/// The end of the step an instant lies in.
pub(super) fn step_end(at: Timestamp) -> Timestamp {
    Timestamp::from_seconds((at.seconds().div_euclid(STEP_SECONDS) + 1) * STEP_SECONDS)
}
