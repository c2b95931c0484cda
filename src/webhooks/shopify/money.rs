//! Amounts as Shopify writes them: `…_set.shop_money` strings where there are, plain strings in the order's currency
//! where there are not. Exact, or refused with a reason.

use serde::Deserialize;

use super::lenient;
use crate::kernel::{Currency, Money};
use crate::webhooks::parsed::Unreadable;

/// An amount in two currencies; only the shop's own is read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Bag {
    #[serde(deserialize_with = "lenient::object")]
    shop_money: Option<Coin>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Coin {
    #[serde(deserialize_with = "lenient::text")]
    amount: Option<String>,
    #[serde(deserialize_with = "lenient::text", alias = "currency")]
    currency_code: Option<String>,
}

impl Bag {
    /// The code it names its currency by.
    pub fn code(&self) -> Option<&str> {
        self.shop_money.as_ref()?.currency_code.as_deref()
    }
}

/// Reads amounts of one payload: all of them in one currency.
#[derive(Clone, Copy, Debug)]
pub struct Purse(pub Currency);

impl Purse {
    /// Of the first currency that is named. One that cannot be counted is told for what it is, and never read as another.
    pub fn named<'a>(
        what: &str,
        codes: impl IntoIterator<Item = Option<&'a str>>,
        otherwise: Option<Currency>,
    ) -> Result<Self, Unreadable> {
        let Some(code) = codes.into_iter().flatten().next() else {
            return otherwise.map(Self).ok_or_else(|| Unreadable::because(format!("the {what} names no currency")));
        };
        let named: String = code.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
        let refused = || format!("the {what} is in {named}, which cannot be counted: it has no published minor unit");
        Currency::parse(code).map(Self).ok_or_else(|| Unreadable::because(refused()))
    }

    /// The amount in minor units; absent counts as nothing.
    pub fn read(self, what: &str, set: Option<&Bag>, plain: Option<&str>) -> Result<i64, Unreadable> {
        self.find(what, set, plain).map(Option::unwrap_or_default)
    }

    /// The amount in minor units, if there is one.
    pub fn find(self, what: &str, set: Option<&Bag>, plain: Option<&str>) -> Result<Option<i64>, Unreadable> {
        let coin = set.and_then(|set| set.shop_money.as_ref());
        let Some(text) = coin.and_then(|coin| coin.amount.as_deref()) else {
            return plain.map(|text| self.parse(what, text)).transpose();
        };
        match set.and_then(Bag::code) {
            Some(other) if Currency::parse(other) != Some(self.0) => {
                let other: String = other.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
                Err(Unreadable::because(format!("{what} is in {other}, the rest in {}", self.0)))
            }
            _ => self.parse(what, text).map(Some),
        }
    }

    fn parse(self, what: &str, text: &str) -> Result<i64, Unreadable> {
        Money::parse(text, self.0)
            .map(|money| money.minor)
            .map_err(|error| Unreadable::because(format!("{what}: {error}")))
    }
}

/// Adds amounts up; too much to count is refused.
pub fn sum(amounts: impl IntoIterator<Item = Result<i64, Unreadable>>) -> Result<i64, Unreadable> {
    amounts.into_iter().try_fold(0_i64, |sum, amount| sum.checked_add(amount?).ok_or_else(too_large))
}

/// `price × quantity`.
pub fn times(price: i64, quantity: i64) -> Result<i64, Unreadable> {
    price.checked_mul(quantity).ok_or_else(too_large)
}

/// The amount with its sign turned.
pub fn less(amount: i64) -> Result<i64, Unreadable> {
    amount.checked_neg().ok_or_else(too_large)
}

fn too_large() -> Unreadable {
    Unreadable::because("the amounts are too large to count")
}
