//! The click id stands in the address of the page the visit began on, or the pixel ties it to the order's checkout.

use super::{Evidence, Kind, Pointed, Pointer, Seen};
use crate::attribution::policy::Policy;
use crate::kernel::Timestamp;
use crate::orders::Order;

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
