//! The person behind the order is the recipient, whom the message reached. Exposure: they may not even have seen it.

use super::{Class, Evidence, Found, Kind, Rule, within};
use crate::attribution::dossier::{Contender, Dossier};
use crate::attribution::policy::{Terms, WindowClock};
use crate::kernel::Timestamp;

pub(super) const RULE: Rule = Rule {
    kind: Kind::PersonDelivered,
    class: Class::Exposure,
    called: "having got a message",
    weak: true,
    clocks: &[WindowClock::Delivered, WindowClock::Sent],
    terms: Terms::within(12 * 3_600).told(),
    clause: |terms| format!("was placed by a recipient whom the message had reached{}", within(terms.window_seconds)),
    because: |won| format!("that message reached the recipient, who ordered{}", within(won.window_seconds)),
    look: |dossier, one, terms| {
        find(dossier, one, terms).map(|(at, same)| judge(dossier, one, terms, at, same)).into_iter().collect()
    },
};

/// When the message arrived, and how its recipient is known to be the person behind the order. By the clock of sending
/// nobody asks whether it arrived, unless it is known that it did not.
fn find(dossier: &Dossier, one: &Contender, terms: &Terms) -> Option<(Timestamp, &'static str)> {
    let at = match terms.clock {
        Some(WindowClock::Sent) if one.times.never_arrived() => return None,
        Some(WindowClock::Sent) => one.times.sent.unwrap_or(one.issued_at),
        _ => one.times.arrived()?,
    };
    Some((at, one.same_person(&dossier.facts)?))
}

/// Holds from there for the policy's window.
fn judge(dossier: &Dossier, one: &Contender, terms: &Terms, at: Timestamp, same: &str) -> Evidence {
    let what =
        if terms.clock == Some(WindowClock::Sent) { "was sent to the recipient" } else { "reached the recipient" };
    let fact = format!("This message {what} on {at}, who ordered: {same}");
    let found = Found { since: at, touched_at: at, fact, ..Found::default() };
    Evidence::new(Kind::PersonDelivered, (dossier, one), terms, found)
}
