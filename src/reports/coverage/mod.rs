//! How far orders are known beside what their webhooks told: their visits, Shopify's own sales of them, what the pixel saw.
//!
//! Orders, journeys, books, differences and the pixel each change by themselves, so none of their writers knows what an
//! order counts as now. Each raises a doubt of it in the transaction in which it changes something
//! ([`crate::db::counts::doubt`]); what the order was counted as is kept beside it, and whoever takes the doubt away counts
//! the difference. A report does the same with what is doubted still, without writing it down.

mod count;
mod known;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr};

pub use self::count::{count_doubted, keep_counted, recount};
use self::count::{differences, orders_of};
pub use self::known::ORDER_SOURCES;
use self::known::{ONLINE, of_book, of_difference, of_journey};
use crate::db::counts::{self, Line};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::{BookState, DifferenceKind, JourneyState};

/// What is known of the orders of some days.
#[derive(Clone, Debug, Default)]
pub struct Coverage(BTreeMap<String, Line>);

impl Coverage {
    fn of(&self, line: &str, measure: &str) -> i64 {
        self.0.get(line).map_or(0, |line| line.of(measure))
    }

    /// Orders of the online store, and those whose checkout the pixel told of.
    pub fn online(&self) -> (i64, i64) {
        (self.of(ONLINE, "orders"), self.of(ONLINE, "seen"))
    }

    /// Orders whose journey stands there.
    pub fn journeys(&self, state: JourneyState) -> i64 {
        self.of(&of_journey(state), "orders")
    }

    /// Orders whose book stands there, and how many of those are known.
    pub fn books(&self, state: BookState) -> (i64, i64) {
        (self.of(&of_book(state), "orders"), self.of(&of_book(state), "known"))
    }

    /// Orders that differ in something, and by how much in all.
    pub fn differing(&self, kind: DifferenceKind) -> (i64, i64) {
        (self.of(&of_difference(kind), "orders"), self.of(&of_difference(kind), "amount"))
    }
}

/// What is known of the orders placed between two instants; `None`: that is not counted.
pub async fn coverage(
    db: &impl ConnectionTrait,
    shop: ShopId,
    between: (Timestamp, Timestamp),
) -> Result<Option<Coverage>, DbErr> {
    let Some(mut lines) = counts::read(db, shop, ORDER_SOURCES, between).await? else { return Ok(None) };
    let mut doubted = counts::doubted(db, shop, counts::ORDERS).await?;
    doubted.extend(counts::doubted(db, shop, counts::CHECKOUTS).await?);
    let doubted = orders_of(db, shop, &doubted).await?;
    let since = differences(db, shop, &doubted).await?.0;
    for (line, of) in since.lines_within(ORDER_SOURCES, between) {
        lines.entry(line).or_default().extend(of);
    }
    Ok(Some(Coverage(lines)))
}
