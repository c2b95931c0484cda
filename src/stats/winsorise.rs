//! One order of a thousand must not decide: what lies above a quantile becomes it. The quantile is of what was bought, in
//! both arms together, so that no arm is cut more than the other.
//!
//! A quantile is no sum. But only those who bought can be cut, and they are few: their amounts and the number of recipients
//! are enough ([`Capped`]).

use super::{Interval, Sample, Why, sample::count, welch};

/// The value a share `q` of these lie below, between neighbours in proportion (type 7 of Hyndman and Fan); `None` for none.
pub fn quantile_of(values: &mut [f64], q: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let place = q * count(values.len().checked_sub(1)?);
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

/// Both arms with the largest sales cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capped {
    /// Where.
    pub at: f64,
    /// Revenue a recipient, of the holdout.
    pub holdout: Sample,
    /// The same of the treated.
    pub treated: Sample,
}

impl Capped {
    /// Of each arm the number of recipients, and every net revenue that is not 0.
    pub fn of(holdout: (usize, &[i64]), treated: (usize, &[i64]), q: f64) -> Result<Self, Why> {
        #[expect(clippy::cast_precision_loss, reason = "estimates: beyond 2⁵³ the last digit does not matter")]
        let sales =
            |arm: &[i64]| arm.iter().filter(|minor| **minor != 0).map(|minor| *minor as f64).collect::<Vec<_>>();
        let (h, t) = (sales(holdout.1), sales(treated.1));
        let at = quantile_of(&mut [h.as_slice(), t.as_slice()].concat(), q).ok_or(Why::NoSales)?;
        let arm = |n: usize, sales: Vec<f64>| Sample::with_zeroes(n, sales.into_iter().map(|one| one.min(at)));
        Ok(Self { at, holdout: arm(holdout.0, h), treated: arm(treated.0, t) })
    }

    /// Where it was cut, and treated minus holdout.
    pub fn difference(&self, alpha: f64) -> Result<(f64, Interval), Why> {
        Ok((self.at, welch(&self.holdout, &self.treated, alpha)?.interval))
    }
}
