//! The order completes the abandoned checkout the message was about.

use super::{Class, Evidence, Found, Kind, Rule, within};
use crate::attribution::dossier::{Contender, Dossier};
use crate::attribution::policy::Terms;

pub(super) const RULE: Rule = Rule {
    kind: Kind::Checkout,
    class: Class::Certain,
    called: "the checkout the message was about",
    weak: false,
    clocks: &[],
    terms: Terms::within(5 * 86_400),
    clause: |_| "completed the checkout a message was about".to_owned(),
    because: |won| format!("it completed the checkout that message was about{}", within(won.window_seconds)),
    look: |dossier, one, terms| find(dossier, one).map(|fact| judge(dossier, one, terms, fact)).into_iter().collect(),
};

/// The order has the token of this message's checkout, and the message was not lost on its way.
fn find(dossier: &Dossier, one: &Contender) -> Option<&'static str> {
    let token = dossier.facts.order.checkout_token.as_ref()?;
    let about = one.checkout_token.as_ref() == Some(token) && !one.times.never_arrived();
    about.then_some("The order completed the checkout this message was about")
}

/// Holds from when the message arrived, else from when it was sent, else from its issue; that is also its touch.
fn judge(dossier: &Dossier, one: &Contender, terms: &Terms, fact: &str) -> Evidence {
    let (since, what) = match (one.times.arrived(), one.times.sent) {
        (Some(at), _) => (at, "arrived"),
        (None, Some(at)) => (at, "was sent"),
        (None, None) => (one.issued_at, "was issued"),
    };
    let found =
        Found { since, touched_at: since, fact: format!("{fact}, which {what} on {since}"), ..Found::default() };
    Evidence::new(Kind::Checkout, (dossier, one), terms, found)
}
