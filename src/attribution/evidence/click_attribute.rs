//! A click id of this message stands in the order's note or cart attributes.

use super::{Class, Evidence, Kind, Rule};
use crate::attribution::dossier::{Contender, Dossier, Tap};
use crate::attribution::policy::Terms;

pub(super) const RULE: Rule = Rule {
    kind: Kind::ClickAttribute,
    class: Class::Certain,
    called: "a click id on the cart",
    weak: false,
    of_taps: true,
    terms: Terms { window_seconds: Some(5 * 86_400) },
    clause: |_| "carries the click id of a message's link".to_owned(),
    because: |_| "the order carries the click id of that message's link".to_owned(),
    look: |dossier, one, terms| find(dossier, one).map(|(id, tap)| judge(dossier, one, terms, id, tap)).collect(),
};

/// Click ids on the cart that are taps on this message's link.
fn find<'a>(dossier: &'a Dossier, one: &'a Contender) -> impl Iterator<Item = (&'a str, &'a Tap)> {
    let on_cart = dossier.facts.order.click_ids.0.iter();
    on_cart.filter_map(|id| Some((id.as_str(), one.taps.iter().find(|tap| tap.click_id.public() == *id)?)))
}

/// Holds from the tap for the policy's window.
fn judge(dossier: &Dossier, one: &Contender, terms: &Terms, id: &str, tap: &Tap) -> Evidence {
    let fact = "The order's cart carried the click id of this message's link".to_owned();
    Evidence::of_tap(Kind::ClickAttribute, (dossier, one), (id.to_owned(), tap.at), terms, fact)
}
