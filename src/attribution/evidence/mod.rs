//! Kinds of evidence, strongest first. A new kind is one file here, which owns what it looks for and how it judges, one
//! variant, and one line in [`KINDS`].

mod click_attribute;
mod click_session;
mod person_click;
pub(super) mod redeem_code;

use std::cmp::Reverse;

pub use super::kind::{Class, Kind};

use super::dossier::{Contender, Dossier};
use super::policy::{Pick, Policy, Terms};
use crate::campaigns::CampaignId;
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;

impl Kind {
    /// Its rule.
    pub fn rule(self) -> &'static Rule {
        KINDS.iter().find(|rule| rule.kind == self).expect("every kind has its line in the list; a test holds it")
    }

    /// How much it proves.
    pub fn class(self) -> Class {
        self.rule().class
    }
}

/// A kind of evidence: everything the house knows of it.
#[derive(Debug)]
pub struct Rule {
    /// Which.
    pub kind: Kind,
    /// How much it proves.
    pub class: Class,
    /// What it is called in a sentence.
    pub called: &'static str,
    /// Whether it names only the person, so that it gives way where a policy lets weak kinds.
    pub weak: bool,
    /// Whether it rests on taps.
    pub of_taps: bool,
    /// What it may by default.
    pub terms: Terms,
    /// What it says of an order, after "The order".
    pub clause: fn(&Terms) -> String,
    /// Why an order goes back to its message, after "because".
    pub because: fn(&Because<'_>) -> String,
    /// Looks for it between an order and a message, and judges what is found.
    pub look: fn(&Dossier, &Contender, &Terms) -> Vec<Evidence>,
}

/// What a sentence says of the evidence that won.
#[derive(Clone, Copy, Debug)]
pub struct Because<'a> {
    /// The code it rests on.
    pub code: Option<&'a str>,
    /// How long its window is.
    pub window_seconds: Option<i64>,
}

/// Every kind's rule, strongest first.
pub const KINDS: &[Rule] = &[redeem_code::RULE, click_attribute::RULE, click_session::RULE, person_click::RULE];

/// One piece of evidence, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its kind.
    pub kind: Kind,
    /// The message.
    pub message: MessageId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Where its window begins.
    pub since: Timestamp,
    /// When the message touched the order.
    pub touched_at: Timestamp,
    /// How long its window is; `None`: no limit.
    pub window_seconds: Option<i64>,
    /// Whether the order lies in the window, and nothing outweighs it.
    pub holds: bool,
    /// Settles ties between equals: the later issue.
    pub issued_at: Timestamp,
    /// What it rests on, as a sentence without its end.
    pub fact: String,
    /// Why it counts for nothing although it is in time.
    pub yielded: Option<String>,
    /// The code it rests on.
    pub code: Option<String>,
    /// The click id it rests on.
    pub click_id: Option<String>,
    /// Nothing but the pixel tells of it, and anybody may write what the pixel says.
    pub by_pixel: bool,
}

impl Evidence {
    /// Evidence of a tap: its window begins with it, and it is when the message touched the order. A tap after the order
    /// cannot have led to it.
    fn of_tap(
        kind: Kind,
        (dossier, one): (&Dossier, &Contender),
        (click_id, at): (String, Timestamp),
        terms: &Terms,
        fact: String,
    ) -> Self {
        let age = dossier.facts.order.ordered_at.seconds_since(at);
        Self {
            kind,
            message: one.message,
            campaign: one.campaign,
            since: at,
            touched_at: at,
            window_seconds: terms.window_seconds,
            holds: age >= 0 && terms.window_seconds.is_none_or(|window| age <= window),
            issued_at: one.issued_at,
            fact,
            yielded: None,
            code: None,
            click_id: Some(click_id),
            by_pixel: false,
        }
    }
}

/// All evidence that ties an order to messages, in the order of the policy's pick; what holds first.
/// The first one that holds is the originating message's.
pub fn gather(dossier: &Dossier, policy: &Policy) -> Vec<Evidence> {
    let rules = KINDS.iter().filter_map(|rule| Some((rule, policy.kinds.get(&rule.kind)?)));
    let looked = rules.flat_map(|(rule, terms)| dossier.contenders.iter().map(move |one| (rule, one, terms)));
    let mut found: Vec<Evidence> = looked.flat_map(|(rule, one, terms)| (rule.look)(dossier, one, terms)).collect();
    found.sort_by_key(|e| {
        let (touched, issued) = (Reverse(e.touched_at), Reverse(e.issued_at));
        let rank = match policy.pick {
            Pick::Strongest => (Some(e.kind), touched, None),
            Pick::Latest => (None, touched, Some(e.kind)),
        };
        (!e.holds, rank, issued, e.message, e.click_id.clone())
    });
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;

    use super::*;

    #[test]
    fn every_kind_stands_once_in_the_list_and_in_its_order() {
        let listed: Vec<Kind> = KINDS.iter().map(|rule| rule.kind).collect();
        assert_eq!(listed, Kind::iter().collect::<Vec<_>>());
        assert!(listed.is_sorted());
    }
}
