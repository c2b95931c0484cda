//! Money: whole minor units with their currency, and no float anywhere near it.
//!
//! 1. Parsing is exact or refused: `"19.99"` EUR is 1999, `"19.999"` EUR is an error, `"20"` VND is 20.
//! 2. Two currencies are never added.
//! 3. A split sums to the whole, to the unit.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A currency that can be counted: one of ISO 4217, or one that only Shopify still knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Members of Shopify's `CurrencyCode` that ISO 4217 does not list (any more), with the decimals of their minor unit:
/// those ISO gave them, or those of the currency they stand at par with (JEP: GBP, KID: AUD). `USDC` is left out on
/// purpose: nobody publishes a minor unit for it, so it cannot be counted.
const BESIDE_ISO: [(&str, u32); 8] =
    [("ANG", 2), ("BYR", 0), ("JEP", 2), ("KID", 2), ("LTL", 2), ("LVL", 2), ("STD", 2), ("VEF", 2)];

impl Currency {
    /// Reads the code of a currency that can be counted. `None` is no licence to count in another one.
    pub fn parse(code: &str) -> Option<Self> {
        let code = code.to_ascii_uppercase();
        let beside = || BESIDE_ISO.iter().any(|(other, _)| *other == code);
        let known = iso_currency::Currency::from_code(&code).is_some() || beside();
        known.then(|| code.as_bytes().try_into().ok().map(Self)).flatten()
    }

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals its minor unit has: EUR 2, JPY 0, BHD 3.
    pub fn exponent(self) -> u32 {
        let beside = BESIDE_ISO.iter().find(|(other, _)| *other == self.code()).map(|(_, exponent)| *exponent);
        let iso = || iso_currency::Currency::from_code(self.code()).and_then(|c| c.exponent()).unwrap_or(2).into();
        beside.unwrap_or_else(iso)
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = String::deserialize(from)?;
        Self::parse(&code).ok_or_else(|| serde::de::Error::custom("expected an ISO 4217 currency code such as EUR"))
    }
}

/// An amount in minor units (cents) of a currency. In JSON `{"minor": 1999, "currency": "EUR"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Whole minor units; below 2^53 in anything a shop sells.
    pub minor: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
}

/// Why an amount was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("`{0}` is not an amount")]
    NotANumber(String),
    /// More decimals than the currency has, or too large to count.
    #[error("`{0}` cannot be counted in whole minor units of {1}")]
    Inexact(String, Currency),
    /// Two currencies met in one sum.
    #[error("{0} and {1} cannot be added")]
    Currencies(Currency, Currency),
    /// The sum does not fit.
    #[error("amount too large")]
    Overflow,
}

impl Money {
    /// An amount from minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Reads a decimal string as Shopify writes them. Trailing zeros beyond the exponent are fine, digits are not.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let refused = || MoneyError::NotANumber(amount.chars().take(40).collect());
        // The decimal parser also takes `1e3` and `1_000`; a shop never writes those, so they are damage, not amounts.
        if !amount.trim().bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-') {
            return Err(refused());
        }
        let decimal: Decimal = amount.trim().parse().map_err(|_| refused())?;
        let scaled = decimal.checked_mul(Decimal::from(10_i64.pow(currency.exponent()))).ok_or(MoneyError::Overflow)?;
        if !scaled.fract().is_zero() {
            return Err(MoneyError::Inexact(amount.to_owned(), currency));
        }
        i64::try_from(scaled.trunc())
            .map(|minor| Self::new(minor, currency))
            .map_err(|_| MoneyError::Inexact(amount.to_owned(), currency))
    }

    /// Reads a decimal number that may say more than a minor unit can hold, as sums over many small prices do: to the
    /// nearest unit, of two equally near the even one. Also takes a float's way of writing (`1e-2`).
    pub fn nearest(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let refused = || MoneyError::NotANumber(amount.chars().take(40).collect());
        let decimal = amount.parse().or_else(|_| Decimal::from_scientific(amount)).map_err(|_| refused())?;
        let scaled = Decimal::checked_mul(decimal, Decimal::from(10_i64.pow(currency.exponent())));
        let whole = scaled.ok_or(MoneyError::Overflow)?.round();
        i64::try_from(whole).map(|minor| Self::new(minor, currency)).map_err(|_| MoneyError::Overflow)
    }

    /// The decimal string of this amount, with the currency's own number of decimals.
    pub fn decimal(self) -> String {
        Decimal::from_i128_with_scale(self.minor.into(), self.currency.exponent()).to_string()
    }

    /// The sum, if both are one currency and it fits.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Currencies(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// Shares this amount by weights; the parts sum to the whole exactly. Remainders go to the largest fractions,
    /// ties to the earlier part. All weights zero: everything to the first part. No parts: nothing.
    pub fn split(self, weights: &[u64]) -> Vec<Self> {
        split_minor(self.minor, weights).into_iter().map(|minor| Self::new(minor, self.currency)).collect()
    }
}

/// A price as it was told, to the digit: a message costs fractions of a cent. In JSON
/// `{"amount": "0.1131", "currency": "EUR"}`; minor units (`{"minor": 11, "currency": "EUR"}`) are read as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "PriceTold")]
pub struct Price {
    /// A decimal number of the currency's base unit, as text.
    #[schema(value_type = String, example = "0.1131")]
    amount: Decimal,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
}

/// A price as somebody writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceTold {
    amount: Option<String>,
    minor: Option<i64>,
    currency: Currency,
}

/// What nobody pays for one message in any currency; beyond it sums would overflow.
const MOST: i64 = 10_000_000;

impl TryFrom<PriceTold> for Price {
    type Error = String;

    fn try_from(told: PriceTold) -> Result<Self, String> {
        let price = match told {
            PriceTold { amount: Some(amount), minor: None, currency } => {
                Self::parse(&amount, currency).map_err(|error| error.to_string())?
            }
            PriceTold { amount: None, minor: Some(minor), currency } => Money::new(minor, currency).into(),
            _ => return Err("a price has either `amount` or `minor`".to_owned()),
        };
        match price.is_sensible() {
            true => Ok(price),
            false => Err(format!("a price is not negative and at most {MOST}")),
        }
    }
}

impl From<Money> for Price {
    fn from(money: Money) -> Self {
        let amount = Decimal::from_i128_with_scale(money.minor.into(), money.currency.exponent());
        Self { amount, currency: money.currency }
    }
}

impl Price {
    /// Reads a decimal number to its last digit, or not at all.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let refused = || MoneyError::NotANumber(amount.chars().take(40).collect());
        if !amount.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(refused());
        }
        let amount = Decimal::from_str_exact(amount).map_err(|_| refused())?;
        Ok(Self { amount, currency })
    }

    /// The decimal number, with the digits it was told with.
    pub fn decimal(self) -> String {
        self.amount.to_string()
    }

    /// Its currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether one message may cost this.
    pub fn is_sensible(self) -> bool {
        (self.amount.is_zero() || self.amount.is_sign_positive()) && self.amount <= Decimal::from(MOST)
    }

    /// What so many cost, to the digit; `None` beyond all counting.
    pub fn times(self, count: i64) -> Option<Self> {
        Some(Self { amount: self.amount.checked_mul(Decimal::from(count))?, ..self })
    }

    /// The sum of two, if both are one currency and it fits.
    pub fn plus(self, other: Self) -> Option<Self> {
        let amount = self.amount.checked_add(other.amount).filter(|_| self.currency == other.currency)?;
        Some(Self { amount, ..self })
    }

    /// The same in whole minor units, if that says all of it.
    pub fn money(self) -> Option<Money> {
        Money::parse(&self.decimal(), self.currency).ok()
    }

    /// Whether this tells more of a price than `known` does: it is told to more digits. Of two with as many digits the
    /// larger one, so that it does not matter which was told first.
    pub fn tells_more_than(self, known: Option<Self>) -> bool {
        let order = |price: Self| (price.amount.scale(), price.amount, price.currency);
        known.is_none_or(|known| order(self) >= order(known))
    }
}

/// [`Money::split`] on bare minor units.
pub fn split_minor(whole: i64, weights: &[u64]) -> Vec<i64> {
    let total: i128 = weights.iter().map(|&w| i128::from(w)).sum();
    if total == 0 {
        return weights.iter().enumerate().map(|(i, _)| if i == 0 { whole } else { 0 }).collect();
    }
    // Split the size and give the sign back: then a refund undoes its sale part by part.
    let (sign, size) = (i128::from(whole.signum()), i128::from(whole).abs());
    let mut parts: Vec<i128> = weights.iter().map(|&w| size * i128::from(w) / total).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(size * i128::from(weights[i]) % total), i));
    let missing = size - parts.iter().sum::<i128>();
    for &i in order.iter().take(usize::try_from(missing).unwrap_or(0)) {
        parts[i] += 1;
    }
    parts.into_iter().map(|part| i64::try_from(sign * part).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn what_a_unit_cannot_hold_goes_to_the_nearest() {
        let nearest = |amount: &str, code: &str| Money::nearest(amount, currency(code)).map(|m| m.minor).ok();
        assert_eq!(nearest("0.0349", "USD"), Some(3));
        assert_eq!([nearest("0.025", "USD"), nearest("0.035", "USD")], [Some(2), Some(4)]);
        assert_eq!([nearest("1.25e1", "JPY"), nearest("0.0005", "BHD")], [Some(12), Some(0)]);
        assert_eq!([nearest("1e40", "USD"), nearest("\"1\"", "USD"), nearest("", "USD")], [None; 3]);
    }

    #[test]
    fn parses_exactly_or_not_at_all() {
        let parse = |amount: &str, code: &str| Money::parse(amount, currency(code)).map(|m| m.minor);
        assert_eq!(parse("19.99", "EUR"), Ok(1999));
        assert_eq!(parse("0.0", "VND"), Ok(0));
        assert_eq!(parse("20", "VND"), Ok(20));
        assert_eq!(parse("1.234", "BHD"), Ok(1234));
        assert_eq!(parse("-1.00", "EUR"), Ok(-100));
        assert!(matches!(parse("19.999", "EUR"), Err(MoneyError::Inexact(..))));
        assert!(matches!(parse("0.5", "JPY"), Err(MoneyError::Inexact(..))));
        for wrong in ["", "NaN", "1e3", "12,50", "--1", "99999999999999999999999999999999"] {
            assert!(parse(wrong, "EUR").is_err(), "{wrong}");
        }
    }

    /// Every shop opens: each member of the schema's `CurrencyCode` is counted, or is known to be none of ours to count.
    #[test]
    fn every_currency_of_shopify_is_counted_but_one() {
        let schema = include_str!("../shopify/admin-2026-10.graphql");
        let members = schema.split_once("enum CurrencyCode {").unwrap().1.split_once("\n}").unwrap().0;
        let codes: Vec<&str> = members
            .split_whitespace()
            .filter(|word| (3..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase()))
            .collect();
        assert!(
            codes.len() > 160 && ["JEP", "BYR", "EUR", "USDC"].iter().all(|code| codes.contains(code)),
            "{codes:?}"
        );
        let uncounted: Vec<&&str> = codes.iter().filter(|code| Currency::parse(code).is_none()).collect();
        assert_eq!(uncounted, [&"USDC"]);
        let exponent = |code: &str| Currency::parse(code).map(Currency::exponent);
        assert_eq!(
            [exponent("JEP"), exponent("KID"), exponent("BYR"), exponent("byr")],
            [Some(2), Some(2), Some(0), Some(0)]
        );
        assert_eq!(Money::parse("12.50", currency("JEP")).map(|money| money.decimal()), Ok("12.50".to_owned()));
    }

    #[test]
    fn a_price_is_kept_as_told() {
        let read = |text: &str| serde_json::from_str::<Price>(text);
        let told = read(r#"{"amount": "0.1131", "currency": "EUR"}"#).unwrap();
        assert_eq!((told.decimal().as_str(), told.money()), ("0.1131", None));
        assert_eq!(serde_json::to_string(&told).unwrap(), r#"{"amount":"0.1131","currency":"EUR"}"#);
        let rounded = read(r#"{"minor": 11, "currency": "EUR"}"#).unwrap();
        assert_eq!((rounded.decimal().as_str(), rounded.money()), ("0.11", Some(Money::new(11, currency("EUR")))));
        assert!(!rounded.tells_more_than(Some(told)) && told.tells_more_than(Some(rounded)));
        assert!(told.tells_more_than(None) && told.tells_more_than(Some(told)));
        let other = read(r#"{"amount": "0.1099", "currency": "EUR"}"#).unwrap();
        assert!(told.tells_more_than(Some(other)) && !other.tells_more_than(Some(told)));
        let sum = told.times(3).and_then(|thrice| thrice.plus(rounded));
        assert_eq!(sum.map(Price::decimal).as_deref(), Some("0.4493"));
        assert_eq!(told.plus(Price::parse("1", currency("USD")).unwrap()), None);
        for wrong in ["1e-2", "-1", "", "0.1131 ", "1_000", "0.00000000000000000000000000001131"] {
            assert!(Price::parse(wrong, currency("EUR")).is_err(), "{wrong}");
        }
        assert!(read(r#"{"amount": "1", "minor": 1, "currency": "EUR"}"#).is_err());
        for wrong in [r#"{"minor": -1, "currency": "EUR"}"#, r#"{"amount": "-0.01", "currency": "EUR"}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(read(r#"{"minor": 4611686018427387904, "currency": "EUR"}"#).is_err());
        assert!(read(r#"{"amount": "0", "currency": "EUR"}"#).is_ok());
        assert!(read(r#"{"currency": "EUR"}"#).is_err());
    }

    #[test]
    fn refuses_to_mix_currencies() {
        let euro = Money::new(1, currency("EUR"));
        assert_eq!(
            euro.plus(Money::new(1, currency("USD"))),
            Err(MoneyError::Currencies(currency("EUR"), currency("USD")))
        );
    }

    proptest! {
        #[test]
        fn a_split_sums_to_the_whole(whole in -1_000_000_000_i64..1_000_000_000, weights in prop::collection::vec(0_u64..1_000_000, 1..20)) {
            prop_assert_eq!(split_minor(whole, &weights).iter().sum::<i64>(), whole);
        }

        #[test]
        fn what_is_printed_reads_back(minor: i64, code in prop::sample::select(vec!["EUR", "JPY", "BHD"])) {
            let money = Money::new(minor, currency(code));
            prop_assert_eq!(Money::parse(&money.decimal(), money.currency), Ok(money));
        }
    }
}
