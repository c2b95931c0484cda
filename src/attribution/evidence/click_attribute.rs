//! A click id of this message stands in the order's note or cart attributes.

use super::{Evidence, Kind, Pointed, Pointer};
use crate::attribution::policy::Policy;
use crate::orders::Order;

/// Holds from the click for the policy's window. A click after the order cannot have led to it.
pub fn judge(order: &Order, pointed: &Pointed, policy: &Policy) -> Option<Evidence> {
    let Pointer::Click(click, at) = &pointed.by else { return None };
    let age = order.ordered_at.seconds_since(*at);
    Some(Evidence {
        kind: Kind::ClickAttribute,
        class: Kind::ClickAttribute.class(),
        message: pointed.message,
        campaign: pointed.campaign,
        since: *at,
        touched_at: *at,
        window_seconds: Some(policy.click_attribute_seconds),
        holds: (0..=policy.click_attribute_seconds).contains(&age),
        issued_at: pointed.issued_at,
        fact: "The order's cart carried the click id of this message's link".to_owned(),
        yielded: None,
        code: None,
        click_id: Some(click.clone()),
    })
}
