//! The person behind the order is the recipient, who tapped the message's link. Only taps of people are pointers.

use super::{Evidence, Kind, Pointed, Pointer};
use crate::attribution::policy::Policy;
use crate::orders::Order;

/// Holds from the click for the policy's window. A click after the order cannot have led to it.
pub fn judge(order: &Order, pointed: &Pointed, policy: &Policy) -> Option<Evidence> {
    let Pointer::Person(click, at, same) = &pointed.by else { return None };
    let age = order.ordered_at.seconds_since(*at);
    Some(Evidence {
        kind: Kind::PersonClick,
        class: Kind::PersonClick.class(),
        message: pointed.message,
        campaign: pointed.campaign,
        since: *at,
        touched_at: *at,
        window_seconds: Some(policy.person_click_seconds),
        holds: (0..=policy.person_click_seconds).contains(&age),
        issued_at: pointed.issued_at,
        fact: format!("The recipient tapped this message's link on {at}, and ordered: {same}"),
        yielded: None,
        code: None,
        click_id: Some(click.clone()),
    })
}
