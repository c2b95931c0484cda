//! `time_decay`: a touch counts half as much for every seven days that it is older.

use super::Seen;

/// After so long a touch counts half.
const HALF_LIFE_SECONDS: f64 = 7.0 * 86_400.0;

/// What the youngest touch weighs: fine enough for any amount, and a thousand of them still fit.
const WHOLE: f64 = (1_u64 << 48) as f64;

/// 2^(−age/H), by the youngest touch: only the proportion matters.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a weight")]
pub fn weights(touches: &[Seen]) -> Vec<u64> {
    let youngest = touches.iter().map(|touch| touch.age_seconds).min().unwrap_or_default();
    let weight = |touch: &Seen| {
        let older = (touch.age_seconds - youngest) as f64;
        ((-older / HALF_LIFE_SECONDS).exp2() * WHOLE).round() as u64
    };
    touches.iter().map(weight).collect()
}
