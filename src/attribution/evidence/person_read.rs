//! The person behind the order is the recipient, who read the message. Exposure: it shows no more than that.

use super::{Class, Evidence, Found, Kind, Rule, within};
use crate::attribution::dossier::{Contender, Dossier};
use crate::attribution::policy::Terms;
use crate::kernel::Timestamp;

pub(super) const RULE: Rule = Rule {
    kind: Kind::PersonRead,
    class: Class::Exposure,
    called: "having read a message",
    weak: true,
    clocks: &[],
    terms: Terms::within(12 * 3_600).told(),
    clause: |terms| format!("was placed by a recipient who had read the message{}", within(terms.window_seconds)),
    because: |won| format!("the recipient read that message and ordered{}", within(won.window_seconds)),
    look: |dossier, one, terms| {
        find(dossier, one).map(|(at, same)| judge(dossier, one, terms, at, same)).into_iter().collect()
    },
};

/// When the message was read, and how its recipient is known to be the person behind the order.
fn find(dossier: &Dossier, one: &Contender) -> Option<(Timestamp, &'static str)> {
    Some((one.times.read?, one.same_person(&dossier.facts)?))
}

/// Holds from the reading for the policy's window.
fn judge(dossier: &Dossier, one: &Contender, terms: &Terms, at: Timestamp, same: &str) -> Evidence {
    let fact = format!("The recipient read this message on {at}, and ordered: {same}");
    Evidence::new(
        Kind::PersonRead,
        (dossier, one),
        terms,
        Found { since: at, touched_at: at, fact, ..Found::default() },
    )
}
