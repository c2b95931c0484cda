//! One order of a thousand must not decide: what lies above a quantile becomes it. The quantile is of what was bought, in
//! both arms together, so that no arm is cut more than the other.

/// The value a share `q` of these lie below, between neighbours in proportion (type 7 of Hyndman and Fan); `None` for none.
pub fn quantile_of(values: &mut [f64], q: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let place = q * super::sample::count(values.len().checked_sub(1)?);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place within the list")]
    let below = place.floor() as usize;
    let (low, high) = (values.get(below)?, values.get(below + 1).or_else(|| values.last())?);
    Some(low + (high - low) * place.fract())
}

/// Both arms with everything above the quantile of their sales brought down to it; `None` when nothing was sold.
pub fn winsorise(holdout: &[f64], treated: &[f64], q: f64) -> Option<(f64, Vec<f64>, Vec<f64>)> {
    let mut sales: Vec<f64> = holdout.iter().chain(treated).copied().filter(|value| *value != 0.0).collect();
    let at = quantile_of(&mut sales, q)?;
    let cut = |arm: &[f64]| arm.iter().map(|value| value.min(at)).collect();
    Some((at, cut(holdout), cut(treated)))
}
