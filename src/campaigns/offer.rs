//! What a code is worth.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::kernel::{Currency, Money};

/// What a code takes off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Offer {
    /// A share of the order.
    Percentage {
        /// Per cent as text, `"15"` or `"12.5"`: above 0, at most 100, two decimals.
        #[schema(example = "15")]
        percentage: String,
    },
    /// An amount, in the shop's currency.
    FixedAmount {
        /// Minor units, above 0.
        amount_minor: i64,
    },
    /// The shipping.
    FreeShipping {},
}

impl Offer {
    /// What is wrong with it: the field, and what to write instead.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        match self {
            Self::Percentage { .. } if self.basis_points().is_none() => Err((
                "offer.percentage",
                "Write per cent above 0 and at most 100 with at most two decimals, e.g. \"15\".",
            )),
            // Above the limit a number is no longer exact in everybody's JSON.
            Self::FixedAmount { amount_minor } if !(1..=1_000_000_000_000).contains(amount_minor) => Err((
                "offer.amount_minor",
                "Write an amount above 0 in minor units of the shop's currency, e.g. 1000 for 10.00 EUR or 1000 JPY.",
            )),
            _ => Ok(()),
        }
    }

    /// A percentage in hundredths of a per cent; `None` for other offers and for what is no percentage.
    pub fn basis_points(&self) -> Option<u32> {
        let Self::Percentage { percentage } = self else { return None };
        if !percentage.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return None;
        }
        let decimal: rust_decimal::Decimal = percentage.parse().ok()?;
        let points = decimal.checked_mul(100.into())?;
        let points = points.is_integer().then_some(points)?;
        u32::try_from(points).ok().filter(|points| (1..=10_000).contains(points))
    }

    /// The offer in words, e.g. `15 % off`.
    pub fn in_words(&self, currency: Currency) -> String {
        match self {
            Self::Percentage { percentage } => format!("{percentage} % off"),
            Self::FixedAmount { amount_minor } => {
                format!("{} {currency} off", Money::new(*amount_minor, currency).decimal())
            }
            Self::FreeShipping {} => "free shipping".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact_or_refused() {
        let points = |text: &str| Offer::Percentage { percentage: text.into() }.basis_points();
        assert_eq!(points("15"), Some(1500));
        assert_eq!(points("12.5"), Some(1250));
        assert_eq!(points("100"), Some(10_000));
        for wrong in ["0", "-1", "100.01", "1.234", "ten", "", "1e1"] {
            assert_eq!(points(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn unknown_fields_are_refused() {
        assert!(serde_json::from_str::<Offer>(r#"{"type":"free_shipping"}"#).is_ok());
        assert!(serde_json::from_str::<Offer>(r#"{"type":"percentage","percentage":"5","max":1}"#).is_err());
        assert!(serde_json::from_str::<Offer>(r#"{"type":"free_shipping","x":1}"#).is_err());
    }
}
