//! `position_based`: 40 % first, 40 % last, 20 % shared by those between; of two, half each.

use super::Seen;

/// In fifths of as many as stand between.
pub fn weights(touches: &[Seen]) -> Vec<u64> {
    let between = touches.len().saturating_sub(2) as u64;
    let edge = if between == 0 { 1 } else { 2 * between };
    let last = touches.len().saturating_sub(1);
    (0..touches.len()).map(|place| if place == 0 || place == last { edge } else { 1 }).collect()
}
