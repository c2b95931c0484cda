//! One indicator's figure, and how each is made out of what is counted.

use serde::Serialize;

use super::sums::Sums;
use crate::kernel::{Currency, Money};
use crate::stats::wilson;

/// What an indicator measures in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KpiUnit)]
pub enum Unit {
    /// A share of 1.
    Share,
    /// Money for each.
    Money,
    /// So many times.
    Times,
}

/// An indicator in one period.
#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = KpiFigure)]
pub struct Figure {
    /// What is counted; of money: minor units.
    numerator: i64,
    /// Out of what.
    denominator: i64,
    /// Their ratio; `null`: there is nothing to divide by, or what it takes is not known.
    value: Option<f64>,
    /// Lower limit (95 %): of a share Wilson's, of what was caused that of lift.
    low: Option<f64>,
    /// Upper limit.
    high: Option<f64>,
    /// Of money: the ratio to the minor unit.
    amount: Option<Money>,
    /// Why nothing can be said, where something it takes is not known or not told of a part.
    why: Option<&'static str>,
}

/// What figures are made from.
pub(super) struct Known<'a> {
    pub(super) sums: &'a Sums,
    /// What messages caused, or why that is not told.
    pub(super) caused: Result<Effect, &'static str>,
    pub(super) currency: Currency,
}

/// What messages caused, in minor units.
#[derive(Clone, Copy)]
pub(super) struct Effect {
    pub(super) value: i64,
    pub(super) low: i64,
    pub(super) high: i64,
    /// What those messages cost, if every price is known.
    pub(super) cost: Option<i64>,
}

const NO_PRICE: &str = "Not every price is known, or some are in another currency.";

impl Known<'_> {
    /// What the messages cost, minor units.
    fn cost(&self) -> Result<i64, &'static str> {
        self.sums.spent.whole_in(self.currency).map(|money| money.minor).ok_or(NO_PRICE)
    }
}

/// How an indicator is made.
pub(super) struct Indicator {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) definition: &'static str,
    pub(super) note: Option<&'static str>,
    pub(super) unit: Unit,
    /// Whether it has the limits of what was caused.
    limits: bool,
    /// Numerator and denominator, or why there are none.
    of: fn(&Known<'_>) -> Result<(i64, i64), &'static str>,
}

impl Indicator {
    /// Its figure of what is known.
    pub(super) fn figure(&self, known: &Known<'_>) -> Figure {
        let (numerator, denominator) = match (self.of)(known) {
            Ok(of) => of,
            Err(why) => return Figure { why: Some(why), ..Figure::default() },
        };
        let bare = Figure { numerator, denominator, ..Figure::default() };
        if denominator <= 0 {
            return bare;
        }
        #[expect(clippy::cast_precision_loss, reason = "a ratio to be looked at; both counts stand beside it")]
        let value = Some(numerator as f64 / denominator as f64);
        match self.unit {
            Unit::Share => {
                let whole = |count: i64| usize::try_from(count).unwrap_or(0);
                let limits = wilson(whole(numerator), whole(denominator), 0.05).filter(|_| numerator <= denominator);
                Figure { value, low: limits.map(|(low, _)| low), high: limits.map(|(_, high)| high), ..bare }
            }
            Unit::Money => {
                let minor = (numerator + denominator / 2).div_euclid(denominator);
                Figure { value, amount: Some(Money::new(minor, known.currency)), ..bare }
            }
            Unit::Times => {
                #[expect(clippy::cast_precision_loss, reason = "limits to be looked at")]
                let times = |minor: i64| minor as f64 / denominator as f64;
                let limits = known.caused.ok().filter(|_| self.limits).map(|of| (times(of.low), times(of.high)));
                Figure { value, low: limits.map(|(low, _)| low), high: limits.map(|(_, high)| high), ..bare }
            }
        }
    }
}

const fn share(
    name: &'static str,
    title: &'static str,
    definition: &'static str,
    note: Option<&'static str>,
    of: fn(&Known<'_>) -> Result<(i64, i64), &'static str>,
) -> Indicator {
    Indicator { name, title, definition, note, unit: Unit::Share, limits: false, of }
}

/// Every indicator, in the order in which they are shown.
pub(super) const INDICATORS: &[Indicator] = &[
    share(
        "delivery_rate",
        "Delivery rate",
        "Messages that arrived / messages that were sent.",
        Some("Who read a message got it."),
        |k| Ok((k.sums.delivered, k.sums.sent)),
    ),
    share(
        "read_rate",
        "Read rate, measured",
        "Messages known to be read / messages that arrived.",
        Some("A lower bound: people may switch read receipts off."),
        |k| Ok((k.sums.read, k.sums.delivered)),
    ),
    share(
        "read_rate_receipts",
        "Read rate of people who send receipts",
        "Messages known to be read / messages that arrived, of people who sent a read receipt within the 90 days before the period's end.",
        Some("It says nothing of everybody else."),
        |k| Ok((k.sums.senders_read, k.sums.senders_delivered)),
    ),
    share(
        "click_through",
        "Click-through",
        "Messages whose link a person tapped / messages that arrived.",
        Some("Previews, prefetches and known machines are no people."),
        |k| Ok((k.sums.clicked, k.sums.delivered)),
    ),
    share(
        "click_through_raw",
        "Click-through, every hit",
        "Messages whose link was hit by anybody or anything / messages that arrived.",
        Some(
            "With previews, prefetches and known machines: it is shown beside click-through, and is nobody's interest.",
        ),
        |k| Ok((k.sums.hit, k.sums.delivered)),
    ),
    share(
        "click_to_read",
        "Click-to-read",
        "Messages whose link a person tapped / messages known to be read.",
        Some("An upper bound: who switched receipts off and tapped is in the numerator alone."),
        |k| Ok((k.sums.clicked, k.sums.read)),
    ),
    share(
        "redemption_rate",
        "Redemption rate",
        "Codes that an order used / codes on messages that arrived.",
        None,
        |k| Ok((k.sums.redeemed, k.sums.coded)),
    ),
    share(
        "conversion_rate",
        "Conversion rate",
        "Messages with an attributed order, whenever it came / messages that arrived.",
        Some("Attributed is not caused: that takes a holdout."),
        |k| Ok((k.sums.ordered, k.sums.delivered)),
    ),
    Indicator {
        name: "revenue_per_recipient",
        title: "Revenue per message",
        definition: "Attributed net sales of the period's orders / messages that arrived.",
        note: None,
        unit: Unit::Money,
        limits: false,
        of: |k| Ok((k.sums.net, k.sums.delivered)),
    },
    Indicator {
        name: "average_order_value",
        title: "Average order",
        definition: "Attributed net sales / attributed orders.",
        note: None,
        unit: Unit::Money,
        limits: false,
        of: |k| Ok((k.sums.net, k.sums.orders)),
    },
    Indicator {
        name: "cost_per_message",
        title: "Cost per message",
        definition: "What WhatsApp charged, else the shop's own rates / messages that arrived.",
        note: Some("Only where every price is known and in the shop's currency."),
        unit: Unit::Money,
        limits: false,
        of: |k| Ok((k.cost()?, k.sums.delivered)),
    },
    Indicator {
        name: "return_on_spend",
        title: "Return on WhatsApp spend, attributed",
        definition: "Attributed net sales / what the period's messages cost.",
        note: Some("Of what is attributed, not of what was caused."),
        unit: Unit::Times,
        limits: false,
        of: |k| Ok((k.sums.net, k.cost()?)),
    },
    Indicator {
        name: "incremental_return_on_spend",
        title: "Return on WhatsApp spend, caused",
        definition: "Net sales that would not have come without messages / what those messages cost whose effect was measured.",
        note: Some(
            "Its limits are those of lift. Without a holdout, or before its gate, there is none. Not every message of the period need be in it: those of a programme since it began; else those of campaigns with a holdout to people whose 7 days are over.",
        ),
        unit: Unit::Times,
        limits: true,
        of: |k| Ok((k.caused?.value, k.caused?.cost.ok_or(NO_PRICE)?)),
    },
    share(
        "opt_out_rate",
        "Opt-out rate",
        "People who said stop within 72 hours of a message / messages that arrived.",
        None,
        |k| Ok((k.sums.opt_outs, k.sums.delivered)),
    ),
];
