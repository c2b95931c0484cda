//! A rate with everything it takes to be believed: what is divided by what, both counts, and the limits of chance.

use serde::Serialize;

use crate::stats::wilson;

/// A share of 1.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct Share {
    /// Numerator / denominator, in words.
    definition: &'static str,
    numerator: i64,
    denominator: i64,
    /// Their ratio; `null`: there is nothing to divide by.
    value: Option<f64>,
    /// Lower limit (Wilson, 95 %).
    low: Option<f64>,
    /// Upper limit.
    high: Option<f64>,
}

impl Share {
    /// So many of so many.
    pub fn new(definition: &'static str, numerator: i64, denominator: i64) -> Self {
        let bare = Self { definition, numerator, denominator, value: None, low: None, high: None };
        if denominator <= 0 {
            return bare;
        }
        let whole = |count: i64| usize::try_from(count).unwrap_or(0);
        let limits = wilson(whole(numerator), whole(denominator), 0.05).filter(|_| numerator <= denominator);
        #[expect(clippy::cast_precision_loss, reason = "a ratio to be looked at; both counts stand beside it")]
        let value = Some(numerator as f64 / denominator as f64);
        Self { value, low: limits.map(|(low, _)| low), high: limits.map(|(_, high)| high), ..bare }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_divided_by_nothing() {
        let none = Share::new("hits / tries", 0, 0);
        assert_eq!((none.value, none.low, none.high), (None, None, None));
        let half = Share::new("hits / tries", 5, 10);
        assert_eq!(half.value, Some(0.5));
        assert!(half.low.unwrap() > 0.23 && half.high.unwrap() < 0.77);
    }
}
