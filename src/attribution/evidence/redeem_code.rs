//! The order has a discount application of type `discount_code` whose code was issued to this message.

use super::{Evidence, Kind, Pointed, Pointer};
use crate::attribution::policy::Policy;
use crate::orders::Order;

/// Holds for the code's own life and a grace, because a checkout that was open when the code ended may finish.
/// The message touches the order at the order itself: that is when its code is entered.
pub fn judge(order: &Order, pointed: &Pointed, policy: &Policy) -> Option<Evidence> {
    let Pointer::Code(code, ends_at) = &pointed.by else { return None };
    let window = ends_at.map(|end| end.seconds_since(pointed.issued_at) + policy.redeem_code_grace_seconds);
    let age = order.ordered_at.seconds_since(pointed.issued_at);
    Some(Evidence {
        kind: Kind::RedeemCode,
        class: Kind::RedeemCode.class(),
        message: pointed.message,
        campaign: pointed.campaign,
        since: pointed.issued_at,
        touched_at: order.ordered_at,
        window_seconds: window,
        holds: window.is_none_or(|window| age <= window),
        issued_at: pointed.issued_at,
        fact: format!("The order used code {code}, which was issued to this message's recipient"),
        yielded: None,
        code: Some(code.clone()),
        click_id: None,
    })
}
