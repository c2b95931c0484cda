//! The person behind the order is the recipient, who tapped the message's link.

use super::{Class, Evidence, Found, Kind, Rule, latest, within};
use crate::attribution::dossier::{Contender, Dossier, Tap};
use crate::attribution::policy::Terms;

pub(super) const RULE: Rule = Rule {
    kind: Kind::PersonClick,
    class: Class::Strong,
    called: "a tap of the same person",
    weak: true,
    clocks: &[],
    terms: Terms::within(24 * 3_600),
    clause: |terms| match terms.window_seconds {
        Some(_) => format!("was placed by a recipient{} of tapping it", within(terms.window_seconds)),
        None => "was placed by a recipient who had tapped it".to_owned(),
    },
    because: |won| format!("the recipient tapped that message's link and ordered{}", within(won.window_seconds)),
    look: |dossier, one, terms| {
        find(dossier, one).map(|(tap, same)| judge(dossier, one, terms, tap, same)).into_iter().collect()
    },
};

/// The recipient's last tap at the order or before it, and how they are known to be the person behind the order.
fn find<'a>(dossier: &Dossier, one: &'a Contender) -> Option<(&'a Tap, &'static str)> {
    let same = one.same_person(&dossier.facts)?;
    let before = |tap: &&Tap| tap.human && tap.at <= dossier.facts.order.ordered_at;
    Some((latest(dossier, one.taps.iter().filter(before))?, same))
}

/// Holds from the tap for the policy's window.
fn judge(dossier: &Dossier, one: &Contender, terms: &Terms, tap: &Tap, same: &str) -> Evidence {
    let fact = format!("The recipient tapped this message's link on {}, and ordered: {same}", tap.at);
    Evidence::new(Kind::PersonClick, (dossier, one), terms, Found::tap(tap, fact))
}
