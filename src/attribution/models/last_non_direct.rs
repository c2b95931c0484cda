//! `last_non_direct`: the whole value on the last touch that came from somewhere; where all were direct, on the last.

use super::{Seen, last_touch};

/// One on the last that is not direct, nothing on the others.
pub fn weights(touches: &[Seen]) -> Vec<u64> {
    match touches.iter().rposition(|touch| !touch.direct) {
        Some(last) => (0..touches.len()).map(|place| u64::from(place == last)).collect(),
        None => last_touch::weights(touches),
    }
}
