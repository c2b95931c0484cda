//! What a campaign promises, in one sentence a merchant reads.

use super::campaign::Model;
use super::conditions::Purchase;
use super::terms::ExpiryStart;
use crate::kernel::{Currency, Money};

/// The offer, what it depends on, how long it is good, and who is left out.
pub fn summary(campaign: &Model, currency: Currency) -> String {
    let promise = match &campaign.offer {
        Some(offer) => format!(
            "Every recipient gets a code of their own for {}{}{}{}, good for one order within {} {}",
            offer.in_words(currency),
            about(campaign),
            minimum(campaign, currency),
            purchase(campaign),
            span(campaign.expiry.after_seconds),
            match campaign.expiry.starts {
                ExpiryStart::Issue => "of being drawn",
                ExpiryStart::Delivery => "of the message arriving",
            },
        ),
        None => "Every recipient gets a tracked link of their own, and no discount".to_owned(),
    };
    let share = |ppm: i32| rust_decimal::Decimal::new(ppm.into(), 4).normalize();
    let (left_out, bare) = (share(campaign.holdout_ppm), share(campaign.message_ppm));
    match (campaign.holdout_ppm, campaign.message_ppm) {
        (0, 0) => format!("{promise}."),
        (_, 0) => format!(
            "{promise}; {left_out} % of recipients get no message, so that you can see what the messages brought."
        ),
        _ => format!(
            "{promise}; {left_out} % of recipients get no message and {bare} % a message without a code, so that you can see what the messages brought and what the code added."
        ),
    }
}

fn about(campaign: &Model) -> String {
    let Some(about) = &campaign.applies_to else { return String::new() };
    match (about.products.len(), about.collections.len()) {
        (1, _) => " on one product".to_owned(),
        (0, 1) => " on one collection".to_owned(),
        (0, collections) => format!(" on {collections} collections"),
        (products, _) => format!(" on {products} products"),
    }
}

fn minimum(campaign: &Model, currency: Currency) -> String {
    match (campaign.minimum_subtotal_minor, campaign.minimum_quantity) {
        (Some(minor), _) => format!(" from {} {currency} on", Money::new(minor, currency).decimal()),
        (None, Some(1)) => String::new(),
        (None, Some(pieces)) => format!(" from {pieces} pieces on"),
        (None, None) => String::new(),
    }
}

fn purchase(campaign: &Model) -> &'static str {
    match campaign.purchase {
        Purchase::OneTime => "",
        Purchase::Subscription => " when bought as a subscription (its first order)",
        Purchase::Both => " when bought once or as a subscription (its first order)",
    }
}

/// Seconds in the largest units that say them exactly, the two largest at most: `2 days`, `1 hour 30 minutes`.
fn span(seconds: i64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (size, name) in units {
        let count = left / size;
        left %= size;
        if count > 0 {
            parts.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        }
    }
    parts.truncate(2);
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_a_person_says_them() {
        assert_eq!(
            [172_800, 5_400, 900, 90_061].map(span),
            ["2 days", "1 hour 30 minutes", "15 minutes", "1 day 1 hour"]
        );
    }
}
