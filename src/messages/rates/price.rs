//! The one rule by which a message has a price. Pure.

use serde::Serialize;

use super::RateCard;
use crate::kernel::{Day, Price};
use crate::messages::message::Model as Message;

/// Where a message's price comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// It was told with a status, by Meta or by the platform.
    Reported,
    /// The shop's own table says it.
    RateTable,
    /// It did not arrive, or WhatsApp says that it is free.
    NotCharged,
    /// Nobody told it and the table has no rate for it: unknown, and not nothing.
    RateMissing,
}

/// What a message costs, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MessageCost)]
pub struct Priced {
    /// `null` when it is not charged or not known.
    pub price: Option<Price>,
    /// Where it comes from.
    pub source: CostSource,
    /// Nobody told the category; a message with a code or a link to buy is marketing.
    pub category_assumed: bool,
}

/// What a message is charged by.
#[derive(Clone, Copy, Debug)]
pub struct Costing<'a> {
    /// As it was told.
    pub told: Option<Price>,
    /// The day it arrived.
    pub arrived_on: Option<Day>,
    /// Whose number it went to.
    pub country: Option<&'a str>,
    /// WhatsApp's category.
    pub category: Option<&'a str>,
    /// Whether it is charged.
    pub kind: Option<&'a str>,
}

/// The category of what nobody told one of.
pub const ASSUMED: &str = "marketing";

impl Costing<'_> {
    /// The category, told or assumed.
    pub fn category(&self) -> &str {
        self.category.unwrap_or(ASSUMED)
    }

    /// The price, and who says so.
    pub fn price(&self, card: &RateCard) -> Priced {
        let priced = |price, source| Priced { price, source, category_assumed: false };
        if self.told.is_some() {
            return priced(self.told, CostSource::Reported);
        }
        let Some(on) = self.arrived_on.filter(|_| !self.kind.is_some_and(|kind| kind.starts_with("free"))) else {
            return priced(None, CostSource::NotCharged);
        };
        let rate = card.rate(self.country, self.category(), on);
        let source = if rate.is_some() { CostSource::RateTable } else { CostSource::RateMissing };
        Priced { category_assumed: self.category.is_none(), ..priced(rate, source) }
    }
}

impl Message {
    /// What it costs, by the shop's days.
    pub fn priced(&self, card: &RateCard, zone: chrono_tz::Tz) -> Priced {
        let costing = Costing {
            told: self.cost(),
            arrived_on: self.arrived_at().map(|at| at.day(zone)),
            country: self.country.as_deref(),
            category: self.price_category.as_deref(),
            kind: self.price_kind.as_deref(),
        };
        costing.price(card)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::rate;
    use super::*;
    use crate::kernel::Currency;

    #[test]
    fn what_is_told_stands_and_what_is_unknown_is_missing() {
        let card = RateCard(vec![rate("AT", "marketing", "2026-01-01", "0.1131")]);
        let told = Price::parse("0.0999", Currency::parse("USD").unwrap()).ok();
        let arrived = Costing {
            told: None,
            arrived_on: Day::parse("2026-11-01"),
            country: Some("AT"),
            category: Some("marketing"),
            kind: Some("regular"),
        };
        let says = |costing: Costing<'_>| {
            let priced = costing.price(&card);
            (priced.price.map(Price::decimal), priced.source, priced.category_assumed)
        };
        let found = |text: &str| Some(text.to_owned());
        assert_eq!(says(Costing { told, ..arrived }), (found("0.0999"), CostSource::Reported, false));
        assert_eq!(says(arrived), (found("0.1131"), CostSource::RateTable, false));
        assert_eq!(says(Costing { category: None, ..arrived }), (found("0.1131"), CostSource::RateTable, true));
        assert_eq!(says(Costing { arrived_on: None, ..arrived }), (None, CostSource::NotCharged, false));
        assert_eq!(says(Costing { kind: Some("free_entry_point"), ..arrived }), (None, CostSource::NotCharged, false));
        assert_eq!(says(Costing { country: Some("DE"), ..arrived }), (None, CostSource::RateMissing, false));
        assert_eq!(says(Costing { country: None, ..arrived }), (None, CostSource::RateMissing, false));
    }
}
