//! Everything the rules look at, of one order: its facts, and the messages that anything ties to it. No database here:
//! a dossier read from rows and one written by hand are judged alike.

use crate::campaigns::CampaignId;
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;
use crate::links::ClickId;
use crate::orders::Facts;
use crate::people::{self, Compared, Known};
use crate::pixel::Tie;

/// What is known of an order and of the messages near it.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// The order.
    pub facts: Facts,
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
    /// Known never to have arrived.
    pub failed: bool,
    /// When it arrived, as far as we know.
    pub arrived_at: Option<Timestamp>,
    /// The checkout it was about.
    pub checkout_token: Option<String>,
    /// Codes that were issued to it, and when each ended: a first code stays its own after it was replaced.
    pub codes: Vec<(String, Option<Timestamp>)>,
    /// Taps on its link: those that the order or its browser names, and those of the time before it. Oldest first.
    pub taps: Vec<Tap>,
    /// Its recipient; `None`: forgotten before the order, and nobody any more.
    pub recipient: Option<Contact>,
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
