//! Kinds of evidence, strongest first. A new kind is one file here, which owns what it looks for and how it judges, one
//! variant, and one line in [`KINDS`] and in [`Kind::rule`].

mod checkout;
mod click_attribute;
mod click_session;
mod person_click;
mod person_delivered;
mod person_read;
pub(super) mod redeem_code;

use std::cmp::Reverse;

pub use super::kind::{Class, Kind};

use super::dossier::{Contender, Dossier, Tap};
use super::journey::{Touch, later};
use super::policy::{Pick, Policy, Terms, Veto, WindowClock, words};
use crate::campaigns::CampaignId;
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;

impl Kind {
    /// Its rule.
    pub const fn rule(self) -> &'static Rule {
        match self {
            Self::RedeemCode => &redeem_code::RULE,
            Self::Checkout => &checkout::RULE,
            Self::ClickAttribute => &click_attribute::RULE,
            Self::ClickSession => &click_session::RULE,
            Self::PersonClick => &person_click::RULE,
            Self::PersonRead => &person_read::RULE,
            Self::PersonDelivered => &person_delivered::RULE,
        }
    }

    /// How much it proves.
    pub const fn class(self) -> Class {
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
    /// The clocks a policy may choose from; none: it has one.
    pub clocks: &'static [WindowClock],
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

/// " within a day", or nothing where there is no limit.
fn within(window_seconds: Option<i64>) -> String {
    window_seconds.map(|window| format!(" within {}", words(window))).unwrap_or_default()
}

/// Every kind's rule, strongest first.
pub const KINDS: &[&Rule] = &[
    &redeem_code::RULE,
    &checkout::RULE,
    &click_attribute::RULE,
    &click_session::RULE,
    &person_click::RULE,
    &person_read::RULE,
    &person_delivered::RULE,
];

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
    /// Whether the order lies in the window. Both its ends count.
    pub in_window: bool,
    /// Why it counts for nothing although it is in time.
    pub yielded: Option<String>,
    /// Whether the policy credits its kind.
    pub credited: bool,
    /// Settles ties between equals: the later issue.
    pub issued_at: Timestamp,
    /// What it rests on, as a sentence without its end.
    pub fact: String,
    /// The code it rests on.
    pub code: Option<String>,
    /// The click id it rests on.
    pub click_id: Option<String>,
    /// Nothing but the pixel tells of it, and anybody may write what the pixel says.
    pub by_pixel: bool,
}

/// What a kind found, before it is judged.
#[derive(Default)]
struct Found {
    since: Timestamp,
    touched_at: Timestamp,
    fact: String,
    code: Option<String>,
    click_id: Option<String>,
    by_pixel: bool,
}

impl Found {
    /// A tap: its window begins with it, and it is when the message touched the order.
    fn tap(tap: &Tap, fact: String) -> Self {
        Self { since: tap.at, touched_at: tap.at, fact, click_id: Some(tap.click_id.public()), ..Self::default() }
    }
}

impl Evidence {
    fn new(kind: Kind, (dossier, one): (&Dossier, &Contender), terms: &Terms, found: Found) -> Self {
        let until = terms.window_seconds.map(|window| found.since.plus_seconds(window));
        let evidence = Self {
            kind,
            message: one.message,
            campaign: one.campaign,
            since: found.since,
            touched_at: found.touched_at,
            window_seconds: None,
            in_window: false,
            yielded: None,
            credited: terms.credited,
            issued_at: one.issued_at,
            fact: found.fact,
            code: found.code,
            click_id: found.click_id,
            by_pixel: found.by_pixel,
        };
        evidence.until(dossier, until)
    }

    /// Its window ends then, that instant included.
    fn until(self, dossier: &Dossier, until: Option<Timestamp>) -> Self {
        let ordered_at = dossier.facts.order.ordered_at;
        let in_window = self.since <= ordered_at && until.is_none_or(|until| ordered_at <= until);
        Self { window_seconds: until.map(|until| until.seconds_since(self.since)), in_window, ..self }
    }

    /// Whether it is in time and nothing outweighs it.
    pub const fn holds(&self) -> bool {
        self.in_window && self.yielded.is_none()
    }
}

/// The latest of some taps that is at the order or before it; of several of one instant the one with the greatest id.
fn latest<'a>(dossier: &Dossier, taps: impl Iterator<Item = &'a Tap>) -> Option<&'a Tap> {
    taps.filter(|tap| tap.at <= dossier.facts.order.ordered_at).max_by_key(|tap| (tap.at, tap.click_id))
}

/// All evidence that ties an order to messages, as a receipt lists it: what holds, in the order of the policy's pick, then
/// what yielded to another channel's click, then what lies outside its window. Where something wins, it stands first.
pub fn gather(dossier: &Dossier, policy: &Policy, others: &[Touch]) -> Vec<Evidence> {
    // Before a message's issue there was nothing to act on.
    let near = || dossier.contenders.iter().filter(|one| one.issued_at <= dossier.facts.order.ordered_at);
    let rules = KINDS.iter().filter_map(|rule| Some((rule, policy.kinds.get(&rule.kind)?)));
    let looked = rules.flat_map(|(rule, terms)| near().map(move |one| (rule, one, terms)));
    let mut found: Vec<Evidence> = looked.flat_map(|(rule, one, terms)| (rule.look)(dossier, one, terms)).collect();
    one_exposure_a_message(&mut found);
    for evidence in found.iter_mut().filter(|evidence| evidence.in_window) {
        evidence.yielded = yields(evidence, policy.veto, others);
    }
    found.sort_by_key(|e| {
        let (touched, issued) = (Reverse(e.touched_at), Reverse(e.issued_at));
        let rank = match policy.pick {
            Pick::Strongest => (Some(e.kind), touched, None),
            Pick::Latest => (None, touched, Some(e.kind)),
        };
        (!e.in_window, e.yielded.is_some(), rank, issued, e.message, e.code.clone())
    });
    if let Some(place) = found.iter().position(wins) {
        found[..=place].rotate_right(1);
    }
    found
}

/// Whether an order may go back to it: the first of those does.
fn wins(evidence: &Evidence) -> bool {
    evidence.holds() && evidence.credited
}

/// The winner among what [`gather`] found.
pub fn winner(gathered: &[Evidence]) -> Option<&Evidence> {
    gathered.first().filter(|evidence| wins(evidence))
}

/// Of reading and receiving a message only one is told: reading if it is in time, else receiving.
fn one_exposure_a_message(found: &mut Vec<Evidence>) {
    let of = |kind: Kind, found: &[Evidence]| -> Vec<(MessageId, bool)> {
        found.iter().filter(|e| e.kind == kind).map(|e| (e.message, e.in_window)).collect()
    };
    let (read, delivered) = (of(Kind::PersonRead, found), of(Kind::PersonDelivered, found));
    let read_in_time = |message| read.contains(&(message, true));
    let delivered_at_all = |message| delivered.iter().any(|(one, _)| *one == message);
    found.retain(|e| match e.kind {
        Kind::PersonDelivered => !read_in_time(e.message),
        Kind::PersonRead => e.in_window || !delivered_at_all(e.message),
        _ => true,
    });
}

/// What only names the person says less than a later click of another paid or owned channel; a policy may say so of
/// every kind, or of none.
fn yields(evidence: &Evidence, veto: Veto, others: &[Touch]) -> Option<String> {
    let may = match veto {
        Veto::Weak => evidence.kind.rule().weak,
        Veto::All => true,
        Veto::None => false,
    };
    let later = later(others, evidence.touched_at).filter(|_| may)?;
    Some(format!("a later click by {} outweighs it", later.channel.called()))
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;

    use super::*;

    #[test]
    fn every_kind_stands_once_in_the_list_and_in_its_order() {
        let listed: Vec<Kind> = KINDS.iter().map(|rule| rule.kind).collect();
        assert_eq!(listed, Kind::iter().collect::<Vec<_>>());
        assert!(listed.is_sorted() && listed.iter().all(|kind| kind.rule().kind == *kind));
    }
}
