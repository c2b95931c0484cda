//! `time_decay`: a touch counts half as much for every seven days that it is older.

use super::Seen;

/// After so long a touch counts half.
const HALF_LIFE_MICROS: f64 = 7.0 * 86_400_000_000.0;

/// What the youngest touch weighs: as fine as the calculation, and a thousand of them still fit.
const WHOLE: f64 = (1_u64 << 53) as f64;

/// 2^(−age/H), by the youngest touch: only the proportion matters.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a weight")]
pub fn weights(touches: &[Seen]) -> Vec<u64> {
    let youngest = touches.iter().map(|touch| touch.age_micros).min().unwrap_or_default();
    let weight = |touch: &Seen| {
        let older = (touch.age_micros - youngest) as f64;
        ((-older / HALF_LIFE_MICROS).exp2() * WHOLE).round() as u64
    };
    touches.iter().map(weight).collect()
}
