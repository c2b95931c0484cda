//! `last_touch`: the whole value on the last message that touched the order.

use super::Touchpoint;

/// One on the last, nothing on the others.
pub fn weights(touchpoints: &[Touchpoint]) -> Vec<u64> {
    let last = touchpoints.len().saturating_sub(1);
    (0..touchpoints.len()).map(|i| u64::from(i == last)).collect()
}
