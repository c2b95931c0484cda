//! What is known of one order beside what its webhooks told, and what it counts as: in the quarter of an hour in which it
//! was placed.

use std::collections::BTreeMap;

use sea_orm::ActiveEnum;

use crate::db::counts::{Changes, QUARTER};
use crate::kernel::Timestamp;
use crate::orders::{BookState, DifferenceKind, JourneyState};

/// The book of what is known of orders: one line for orders of the online store, and one for each state and difference.
pub const ORDER_SOURCES: &str = "order_sources";

/// The line of orders of the online store.
pub const ONLINE: &str = "online";

/// What is known of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The quarter of an hour in which it was placed.
    pub quarter: i64,
    /// It was placed in the online store.
    pub online: bool,
    /// The pixel told of its checkout.
    pub seen: bool,
    /// How the asking for its visits stands.
    pub journey: Option<JourneyState>,
    /// How the asking for its sales stands.
    pub book: Option<BookState>,
    /// Whether its sales are known.
    pub known: bool,
    /// By how much its sales say more than its webhooks.
    pub differences: BTreeMap<DifferenceKind, i64>,
}

/// The line of journeys in a state.
pub fn of_journey(state: JourneyState) -> String {
    format!("journey {}", state.to_value())
}

/// The line of books in a state.
pub fn of_book(state: BookState) -> String {
    format!("book {}", state.to_value())
}

/// The line of a difference.
pub fn of_difference(kind: DifferenceKind) -> String {
    format!("differs {}", kind.to_value())
}

impl Known {
    /// As it is kept beside the order.
    pub fn kept(&self) -> String {
        let differences = self.differences.iter().map(|(kind, amount)| format!("{}:{amount}", kind.to_value()));
        [
            self.quarter.to_string(),
            u8::from(self.online).to_string(),
            u8::from(self.seen).to_string(),
            self.journey.map_or_else(String::new, |state| state.to_value()),
            self.book.map_or_else(String::new, |state| state.to_value()),
            u8::from(self.known).to_string(),
            differences.collect::<Vec<_>>().join(","),
        ]
        .join("|")
    }

    /// Reads what is kept.
    pub fn read(kept: &str) -> Option<Self> {
        let [quarter, online, seen, journey, book, known, differences] = kept.split('|').collect::<Vec<_>>()[..] else {
            return None;
        };
        let difference = |one: &str| {
            let (kind, amount) = one.split_once(':')?;
            Some((DifferenceKind::try_from_value(&kind.to_owned()).ok()?, amount.parse().ok()?))
        };
        Some(Self {
            quarter: quarter.parse().ok()?,
            online: online == "1",
            seen: seen == "1",
            journey: JourneyState::try_from_value(&journey.to_owned()).ok(),
            book: BookState::try_from_value(&book.to_owned()).ok(),
            known: known == "1",
            differences: differences.split(',').filter_map(difference).collect(),
        })
    }

    /// Counts it (`1`), or takes away what it counted as (`-1`); or as many alike.
    pub fn count(&self, changes: &mut Changes, by: i64) {
        let at = Timestamp::from_micros(self.quarter * QUARTER);
        let mut add = |line: &str, measure, amount: i64| changes.add(ORDER_SOURCES, at, line, measure, amount * by);
        if self.online {
            add(ONLINE, "orders", 1);
            add(ONLINE, "seen", i64::from(self.seen));
        }
        if let Some(state) = self.journey {
            add(&of_journey(state), "orders", 1);
        }
        if let Some(state) = self.book {
            add(&of_book(state), "orders", 1);
            add(&of_book(state), "known", i64::from(self.known));
        }
        for (kind, amount) in &self.differences {
            add(&of_difference(*kind), "orders", 1);
            add(&of_difference(*kind), "amount", *amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_an_order_reads_back() {
        let nothing = Known { quarter: 7, ..Known::default() };
        let all = Known {
            quarter: 1_980_000,
            online: true,
            seen: true,
            journey: Some(JourneyState::NotReady),
            book: Some(BookState::Read),
            known: true,
            differences: BTreeMap::from([(DifferenceKind::NetSales, -250), (DifferenceKind::Tax, 3)]),
        };
        for known in [nothing, all] {
            assert_eq!(Known::read(&known.kept()), Some(known));
        }
        assert_eq!(Known::read("7|1"), None);
    }
}
