//! Who is left alone, so that what would have happened anyway can be known.

use crate::kernel::secret::hmac_sha256;

/// Where a recipient stands in an experiment (`measurement.md` §6), of 2⁶⁴: the first 8 bytes of
/// HMAC-SHA256(shop key, experiment ‖ 0x1f ‖ recipient key). Pure: the same answer for ever.
pub(super) fn place(shop_key: &[u8; 32], experiment: &str, recipient_key: &str) -> u64 {
    let digest = hmac_sha256(shop_key, &[experiment.as_bytes(), &[0x1f], recipient_key.as_bytes()]);
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Whether a place lies below a share in millionths: no float decides.
pub(super) fn below(place: u64, share_ppm: u32) -> bool {
    u128::from(place) * 1_000_000 < u128::from(share_ppm) << 64
}

/// Whether a recipient is held out of an experiment: `u` = [`place`] / 2⁶⁴, held out when `u < share`.
pub fn held_out(shop_key: &[u8; 32], experiment: &str, recipient_key: &str, share_ppm: u32) -> bool {
    below(place(shop_key, experiment, recipient_key), share_ppm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_kept_and_grows_monotonically() {
        let key = [3; 32];
        let held = |share| (0..20_000).filter(|i| held_out(&key, "exp", &format!("r{i}"), share)).count();
        assert_eq!(held(0), 0);
        assert_eq!(held(1_000_000), 20_000);
        // Binomial(20000, 0.1): five standard deviations are 212.
        assert!((held(100_000) as i64 - 2_000).abs() < 212, "{}", held(100_000));
        // A larger share only adds people: nobody flips back.
        assert!((0..2_000).all(|i| {
            let r = format!("r{i}");
            !held_out(&key, "exp", &r, 50_000) || held_out(&key, "exp", &r, 100_000)
        }));
    }

    #[test]
    fn experiments_draw_independently() {
        let key = [3; 32];
        let both = (0..20_000)
            .map(|i| format!("r{i}"))
            .filter(|r| held_out(&key, "a", r, 500_000) && held_out(&key, "b", r, 500_000));
        let both = both.count() as i64;
        assert!((both - 5_000).abs() < 307, "{both}");
    }
}
