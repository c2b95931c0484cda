//! Everything the rules look at, of one order: its facts, and the messages that anything ties to it. No database here:
//! a dossier read from rows and one written by hand are judged alike.

use std::collections::BTreeSet;

use crate::campaigns::CampaignId;
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;
use crate::links::ClickId;
use crate::orders::Facts;
use crate::people::{self, Compared, Fact, Known, RecipientId};
use crate::pixel::Tie;

/// What is known of an order and of the messages near it.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// The order.
    pub facts: Facts,
    /// Recipients the order names, whoever wrote to them.
    pub buyers: BTreeSet<RecipientId>,
    /// Messages that something ties to it, by id.
    pub contenders: Vec<Contender>,
    /// Every checkout that the clicks of its browser were told with.
    pub ties: Vec<Tie>,
}

impl Dossier {
    /// Whether a click id, as it travels, is of a tap on one of our messages' links.
    pub fn is_ours(&self, click_id: &str) -> bool {
        self.contenders.iter().any(|one| one.taps.iter().any(|tap| tap.click_id.public() == click_id))
    }

    /// The contender of a message.
    pub fn contender(&self, message: MessageId) -> Option<&Contender> {
        self.contenders.iter().find(|one| one.message == message)
    }
}

/// A message that may have led to the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// The message.
    pub message: MessageId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// When code and link were issued.
    pub issued_at: Timestamp,
    /// What became of it.
    pub times: Times,
    /// The checkout it was about.
    pub checkout_token: Option<String>,
    /// Codes that were issued to it, and when each ended: a first code stays its own after it was replaced.
    pub codes: Vec<(String, Option<Timestamp>)>,
    /// Taps on its link: those that the order or its browser names, and people's before it. Oldest first.
    pub taps: Vec<Tap>,
    /// Its recipient; `None`: forgotten before the order, and nobody any more.
    pub recipient: Option<Contact>,
}

/// The earliest instant that was told of each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Left for the phone.
    pub sent: Option<Timestamp>,
    /// Arrived.
    pub delivered: Option<Timestamp>,
    /// Seen.
    pub read: Option<Timestamp>,
    /// Will not arrive.
    pub failed: Option<Timestamp>,
}

impl Times {
    /// When it arrived, as far as is known: who read it had it.
    pub fn arrived(&self) -> Option<Timestamp> {
        [self.delivered, self.read].into_iter().flatten().min()
    }

    /// Whether it is known never to have arrived.
    pub fn never_arrived(&self) -> bool {
        self.failed.is_some() && self.arrived().is_none()
    }
}

impl Contender {
    /// How its recipient is known to be the person behind an order, if so.
    pub fn same_person(&self, facts: &Facts) -> Option<&'static str> {
        match self.recipient.as_ref()?.compared(facts).by()? {
            Fact::Shopper => Some("the shopper's account is the same"),
            Fact::Phone => Some("the phone on the order is theirs"),
            Fact::Email => Some("the e-mail on the order is theirs"),
            // An order names no WhatsApp user.
            Fact::User => None,
        }
    }
}

/// A tap on a message's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Its id.
    pub click_id: ClickId,
    /// When.
    pub at: Timestamp,
    /// Whether a person tapped.
    pub human: bool,
}

/// A person's keyed hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Of the phone.
    pub phone: Option<String>,
    /// Of the e-mail.
    pub email: Option<String>,
    /// Shopify's number of the shopper.
    pub customer: Option<i64>,
}

impl Contact {
    /// Holds them against whom an order names.
    pub fn compared(&self, Facts { order, contacts, .. }: &Facts) -> Compared {
        let known = Known {
            shoppers: self.customer.as_slice(),
            phones: self.phone.as_slice(),
            emails: self.email.as_slice(),
            ..Known::default()
        };
        people::compare(&known, &Known::named(contacts, &order.shopify_customer_id))
    }
}
