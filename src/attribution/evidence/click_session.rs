//! The click id stands in the address of the page the visit began on, or the pixel ties it to the order's checkout.

use super::{Class, Evidence, Found, Kind, Rule, latest};
use crate::attribution::dossier::{Contender, Dossier, Tap};
use crate::attribution::policy::Terms;
use crate::kernel::Timestamp;

pub(super) const RULE: Rule = Rule {
    kind: Kind::ClickSession,
    class: Class::Strong,
    called: "a visit opened by a link",
    weak: false,
    clocks: &[],
    terms: Terms::within(5 * 86_400),
    clause: |_| "ended a visit that a message's link opened".to_owned(),
    because: |_| "the visit that ended in it was opened by that message's link".to_owned(),
    look: |dossier, one, terms| {
        find(dossier, one).map(|(tap, seen)| judge(dossier, one, terms, tap, seen)).into_iter().collect()
    },
};

/// Who says that a tap opened the visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    /// It stands in the address of the page the visit began on.
    landing: bool,
    /// The pixel, in the browser that had this checkout, at this instant.
    pixel: Option<Timestamp>,
}

/// Of the taps on this message's link that opened the visit of the order, the latest at or before it.
fn find<'a>(dossier: &'a Dossier, one: &'a Contender) -> Option<(&'a Tap, Seen)> {
    let order = &dossier.facts.order;
    let seen = |tap: &Tap| Seen {
        landing: order.landing_click_id.as_ref().is_some_and(|id| *id == tap.click_id.public()),
        pixel: order.checkout_token.as_deref().and_then(|token| tied(dossier, one, tap, token)),
    };
    let tap = latest(dossier, one.taps.iter().filter(|tap| seen(tap) != Seen::default()))?;
    Some((tap, seen(tap)))
}

/// When the pixel tied a tap to a checkout. Anybody can write what the pixel says, so the tap must be a person's, from
/// when its message existed, and ties one checkout only: of those it was told with the first, by its earliest event, then
/// by its token. An event dated before the tap is a wrong clock or an invention: it ties only where nothing dated later
/// does, or whoever reads a click id in an address could take its order away.
fn tied(dossier: &Dossier, one: &Contender, tap: &Tap, token: &str) -> Option<Timestamp> {
    let told = || dossier.ties.iter().filter(|tie| tie.click_id == tap.click_id);
    let first = told().min_by_key(|tie| (tie.at < tap.at, tie.at, &tie.checkout_token))?;
    let ties = tap.human && tap.at >= one.issued_at && first.checkout_token == token;
    told().filter(|tie| ties && tie.checkout_token == token).map(|tie| tie.at).min()
}

/// Holds from the tap for the policy's window.
fn judge(dossier: &Dossier, one: &Contender, terms: &Terms, tap: &Tap, seen: Seen) -> Evidence {
    let found = Found { by_pixel: !seen.landing, ..Found::tap(tap, fact(tap.at, seen)) };
    Evidence::new(Kind::ClickSession, (dossier, one), terms, found)
}

fn fact(at: Timestamp, seen: Seen) -> String {
    let told =
        |when| format!("the pixel saw that link's click (of {at}) in the browser that had this checkout, on {when}");
    match (seen.landing, seen.pixel) {
        (true, None) => {
            format!("The visit that ended in this order began on the page this message's link opened on {at}")
        }
        (true, Some(when)) => format!(
            "The visit that ended in this order began on the page this message's link opened, and {}",
            told(when)
        ),
        (false, when) => format!("This message's link was tapped, and {}", told(when.unwrap_or(at))),
    }
}
