//! The click id stands in the address of the page the visit began on, or the pixel ties it to the order's checkout.

use super::{Evidence, Kind, Pointed, Pointer, Seen};
use crate::attribution::policy::Policy;
use crate::kernel::Timestamp;
use crate::links::Click;
use crate::messages::Message;
use crate::orders::Order;
use crate::pixel::Tie;

/// Whether the pixel may tie a click to a checkout. Anybody can write what the pixel says, so the click must be a person's,
/// from when its message existed, and ties one checkout only: of those in `ties` the first, by its earliest event, then
/// by its token. An event dated before the click is a wrong clock or an invention: it ties only where nothing dated later
/// does, or whoever reads a click id in an address could take its order away.
pub fn pixel_ties(click: &Click, message: &Message, token: &str, ties: &[Tie]) -> bool {
    let first = ties.iter().filter(|tie| tie.click_id == click.id);
    let first = first.min_by_key(|tie| (tie.at < click.at, tie.at, &tie.checkout_token));
    click.human && click.at >= message.issued_at && first.is_some_and(|first| first.checkout_token == token)
}

/// Holds from the click for the policy's window. A click after the order cannot have led to it.
pub fn judge(order: &Order, pointed: &Pointed, policy: &Policy) -> Option<Evidence> {
    let Pointer::Session(click, at, seen) = &pointed.by else { return None };
    let age = order.ordered_at.seconds_since(*at);
    Some(Evidence {
        kind: Kind::ClickSession,
        class: Kind::ClickSession.class(),
        message: pointed.message,
        campaign: pointed.campaign,
        since: *at,
        touched_at: *at,
        window_seconds: Some(policy.click_session_seconds),
        holds: (0..=policy.click_session_seconds).contains(&age),
        issued_at: pointed.issued_at,
        fact: fact(*at, *seen),
        yielded: None,
        code: None,
        click_id: Some(click.clone()),
    })
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
