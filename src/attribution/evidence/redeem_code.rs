//! The order has a discount application of type `discount_code` whose code was issued to this message.

use std::collections::BTreeSet;

use super::{Class, Evidence, Found, Kind, Rule};
use crate::attribution::dossier::{Contender, Dossier};
use crate::attribution::policy::{Terms, WindowClock};
use crate::kernel::Timestamp;

pub(super) const RULE: Rule = Rule {
    kind: Kind::RedeemCode,
    class: Class::Certain,
    called: "a redeemed code",
    weak: false,
    clocks: &[WindowClock::CodeLife, WindowClock::Issued, WindowClock::Sent, WindowClock::Unlimited],
    terms: Terms::within(24 * 3_600).by(WindowClock::CodeLife),
    clause: |_| "used a code issued to a recipient".to_owned(),
    because: |won| {
        let code = won.code.unwrap_or_default();
        format!("the code {code} was issued to the recipient of that message and used on this order")
    },
    look: |dossier, one, terms| {
        find(dossier, one).map(|(code, ends_at)| judge(dossier, one, terms, code, ends_at)).collect()
    },
};

/// Codes of the message that the order used, and when each ended; one that it names twice is one.
fn find<'a>(dossier: &'a Dossier, one: &'a Contender) -> impl Iterator<Item = (&'a str, Option<Timestamp>)> {
    let used: BTreeSet<&String> = dossier.facts.order.codes.0.iter().collect();
    let own = move |used: &String| one.codes.iter().find(|(code, _)| code == used);
    used.into_iter().filter_map(own).map(|(code, end)| (code.as_str(), *end))
}

/// Codes of messages that the order used, each with its message.
pub(in crate::attribution) fn used(dossier: &Dossier) -> Vec<(&Contender, &str)> {
    let of = |one| find(dossier, one).map(move |(code, _)| (one, code));
    dossier.contenders.iter().flat_map(of).collect()
}

/// Holds by the policy's clock; usually for the code's own life and the policy's window, because a checkout that was open
/// when the code ended may finish. The message touches the order at the order itself: that is when its code is entered.
fn judge(dossier: &Dossier, one: &Contender, terms: &Terms, code: &str, ends_at: Option<Timestamp>) -> Evidence {
    let window = terms.window_seconds;
    let after = |at: Timestamp| window.map(|window| at.plus_seconds(window));
    let (since, until) = match terms.clock.unwrap_or(WindowClock::CodeLife) {
        WindowClock::Sent => (one.times.sent.unwrap_or(one.issued_at), after(one.times.sent.unwrap_or(one.issued_at))),
        WindowClock::Issued => (one.issued_at, after(one.issued_at)),
        WindowClock::Unlimited => (one.issued_at, None),
        WindowClock::CodeLife | WindowClock::Delivered => (one.issued_at, ends_at.and_then(after)),
    };
    let fact = format!("The order used code {code}, which was issued to this message's recipient");
    let touched_at = dossier.facts.order.ordered_at;
    let found = Found { since, touched_at, fact, code: Some(code.to_owned()), ..Found::default() };
    Evidence::new(Kind::RedeemCode, (dossier, one), terms, found).until(dossier, until)
}
