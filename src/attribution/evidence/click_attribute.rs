//! A click id of this message stands in the order's note or cart attributes.

use super::{Class, Evidence, Found, Kind, Rule, latest};
use crate::attribution::dossier::{Contender, Dossier, Tap};
use crate::attribution::policy::Terms;

pub(super) const RULE: Rule = Rule {
    kind: Kind::ClickAttribute,
    class: Class::Certain,
    called: "a click id on the cart",
    weak: false,
    clocks: &[],
    terms: Terms::within(5 * 86_400),
    clause: |_| "carries the click id of a message's link".to_owned(),
    because: |_| "the order carries the click id of that message's link".to_owned(),
    look: |dossier, one, terms| find(dossier, one).map(|tap| judge(dossier, one, terms, tap)).into_iter().collect(),
};

/// Of the click ids on the cart that are taps on this message's link, the latest at or before the order.
fn find<'a>(dossier: &Dossier, one: &'a Contender) -> Option<&'a Tap> {
    let on_cart = &dossier.facts.order.click_ids.0;
    latest(dossier, one.taps.iter().filter(|tap| on_cart.contains(&tap.click_id.public())))
}

/// Holds from the tap for the policy's window.
fn judge(dossier: &Dossier, one: &Contender, terms: &Terms, tap: &Tap) -> Evidence {
    let fact = format!("The order's cart carried the click id of this message's link, tapped on {}", tap.at);
    Evidence::new(Kind::ClickAttribute, (dossier, one), terms, Found::tap(tap, fact))
}
