//! `first_touch`: the whole value on whoever touched the order first.

use super::Seen;

/// One on the first, nothing on the others.
pub fn weights(touches: &[Seen]) -> Vec<u64> {
    (0..touches.len()).map(|place| u64::from(place == 0)).collect()
}
