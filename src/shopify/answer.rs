//! How much of an answer is wanted, and how long it asks us to wait.

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Bytes of an answer of Shopify's: more than any that we ask for.
pub(super) const LARGEST: u64 = 2 * 1024 * 1024;

/// `Retry-After` in whole seconds, rounded up, at least one and at most an hour; two when it says nothing readable.
pub(super) fn retry_after(headers: &HeaderMap) -> u64 {
    let text = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).unwrap_or("2").trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let more = u64::from(fraction.bytes().any(|b| b != b'0'));
    whole.parse::<u64>().map_or(2, |seconds| seconds.saturating_add(more)).clamp(1, 3600)
}

/// A short text of theirs that is safe to keep and to show.
pub(super) fn excerpt(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_as_asked_within_reason() {
        let wait = |text: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]));
        assert_eq!((wait("2.0"), wait("1.5"), wait("0"), wait("86400")), (2, 2, 1, 3600));
        assert_eq!((wait("Wed, 21 Oct 2026 07:28:00 GMT"), retry_after(&HeaderMap::new())), (2, 2));
    }
}
