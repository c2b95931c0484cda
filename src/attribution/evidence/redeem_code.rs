//! The order has a discount application of type `discount_code` whose code was issued to this message.

use super::{Class, Evidence, Kind, Rule};
use crate::attribution::dossier::{Contender, Dossier};
use crate::attribution::policy::Terms;
use crate::kernel::Timestamp;

pub(super) const RULE: Rule = Rule {
    kind: Kind::RedeemCode,
    class: Class::Certain,
    called: "a redeemed code",
    weak: false,
    of_taps: false,
    terms: Terms { window_seconds: Some(24 * 3_600) },
    clause: |_| "used a code issued to a recipient".to_owned(),
    because: |won| {
        let code = won.code.unwrap_or_default();
        format!("the code {code} was issued to the recipient of that message and used on this order")
    },
    look: |dossier, one, terms| {
        find(dossier, one).map(|(code, ends_at)| judge(dossier, one, terms, code, ends_at)).collect()
    },
};

/// Codes of the message that the order used, and when each ended.
fn find<'a>(dossier: &'a Dossier, one: &'a Contender) -> impl Iterator<Item = (&'a str, Option<Timestamp>)> {
    let used = dossier.facts.order.codes.0.iter();
    used.filter_map(|used| one.codes.iter().find(|(code, _)| code == used)).map(|(code, end)| (code.as_str(), *end))
}

/// Codes of messages that the order used, each with its message.
pub(in crate::attribution) fn used(dossier: &Dossier) -> Vec<(&Contender, &str)> {
    let of = |one| find(dossier, one).map(move |(code, _)| (one, code));
    dossier.contenders.iter().flat_map(of).collect()
}

/// Holds for the code's own life and the policy's window, because a checkout that was open when the code ended may
/// finish. The message touches the order at the order itself: that is when its code is entered.
fn judge(dossier: &Dossier, one: &Contender, terms: &Terms, code: &str, ends_at: Option<Timestamp>) -> Evidence {
    let ordered_at = dossier.facts.order.ordered_at;
    let window = ends_at.zip(terms.window_seconds).map(|(end, grace)| end.seconds_since(one.issued_at) + grace);
    Evidence {
        kind: Kind::RedeemCode,
        message: one.message,
        campaign: one.campaign,
        since: one.issued_at,
        touched_at: ordered_at,
        window_seconds: window,
        holds: window.is_none_or(|window| ordered_at.seconds_since(one.issued_at) <= window),
        issued_at: one.issued_at,
        fact: format!("The order used code {code}, which was issued to this message's recipient"),
        yielded: None,
        code: Some(code.to_owned()),
        click_id: None,
        by_pixel: false,
    }
}
