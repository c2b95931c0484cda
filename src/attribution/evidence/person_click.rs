//! The person behind the order is the recipient, who tapped the message's link.

use super::{Class, Evidence, Kind, Rule};
use crate::attribution::dossier::{Contact, Contender, Dossier, Tap};
use crate::attribution::policy::{Terms, words};
use crate::orders::Facts;
use crate::people::Fact;

pub(super) const RULE: Rule = Rule {
    kind: Kind::PersonClick,
    class: Class::Strong,
    called: "a tap of the same person",
    weak: true,
    of_taps: true,
    terms: Terms { window_seconds: Some(24 * 3_600) },
    clause: |terms| match terms.window_seconds {
        Some(window) => format!("was placed by a recipient within {} of tapping it", words(window)),
        None => "was placed by a recipient who had tapped it".to_owned(),
    },
    because: |won| match won.window_seconds {
        Some(window) => format!("the recipient tapped that message's link and ordered within {}", words(window)),
        None => "the recipient tapped that message's link and ordered".to_owned(),
    },
    look: |dossier, one, terms| {
        find(dossier, one).map(|(tap, same)| judge(dossier, one, terms, tap, same)).into_iter().collect()
    },
};

/// The recipient's last tap at the order or before it, and how they are known to be the person behind the order.
fn find<'a>(dossier: &Dossier, one: &'a Contender) -> Option<(&'a Tap, &'static str)> {
    let same = same(one.recipient.as_ref()?, &dossier.facts)?;
    let ordered_at = dossier.facts.order.ordered_at;
    let tap = one.taps.iter().rfind(|tap| tap.human && tap.at <= ordered_at)?;
    Some((tap, same))
}

/// How a recipient is known to be the person behind an order, if so.
fn same(one: &Contact, facts: &Facts) -> Option<&'static str> {
    match one.compared(facts).by()? {
        Fact::Shopper => Some("the shopper's account is the same"),
        Fact::Phone => Some("the phone on the order is theirs"),
        Fact::Email => Some("the e-mail on the order is theirs"),
        // An order names no WhatsApp user.
        Fact::User => None,
    }
}

/// Holds from the tap for the policy's window.
fn judge(dossier: &Dossier, one: &Contender, terms: &Terms, tap: &Tap, same: &str) -> Evidence {
    let fact = format!("The recipient tapped this message's link on {}, and ordered: {same}", tap.at);
    Evidence::of_tap(Kind::PersonClick, (dossier, one), (tap.click_id.public(), tap.at), terms, fact)
}
