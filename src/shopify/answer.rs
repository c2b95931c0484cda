//! Reading an answer without trusting its size, and how long it asks us to wait.

use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// More than any answer of Shopify's that we ask for.
const LARGEST: usize = 2 * 1024 * 1024;

/// Why an answer's body could not be had.
pub(super) enum BodyError {
    TooLarge,
    Broken,
}

/// The whole body, if it is not larger than 2 MB.
pub(super) async fn body(mut response: Response) -> Result<Vec<u8>, BodyError> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > LARGEST => return Err(BodyError::TooLarge),
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Err(_) => return Err(BodyError::Broken),
        }
    }
}

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
