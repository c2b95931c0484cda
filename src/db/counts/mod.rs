//! Counts beside the facts: what reports read instead of adding up raw rows.
//!
//! ```text
//! a fact changes ──▶ its difference is appended (same transaction) ──▶ added to its cell within a second
//! a report = cells + what nobody has added yet
//! ```
//!
//! 1. A difference is written in the transaction that changes the fact, as one row of its own: no two transactions wait
//!    for each other at a row that both count in, and a report never lags behind the facts.
//! 2. A cell is a quarter of an hour, because every time zone's day begins on one: days of any shop, those on which clocks
//!    change too, are sums of whole cells. Days of UTC, and stretches of 32 of them, are kept beside them, so that a year is
//!    few rows.
//! 3. Only what adds up is in here. A room says what a fact counts as (`+` as it is, `-` as it was), and counts the same
//!    from its raw rows ([`replace`]): both come to the same cells.
//! 4. Where no writer alone knows the difference, it raises a [`doubt`], and whoever takes it away counts what became of the
//!    fact; a report does so too, of what is doubted still.
//! 5. A book nobody has counted yet is not read ([`read`] answers `None`).

mod cell;
mod change;
mod changes;
mod counted;
mod doubt;
mod each;
mod fold;
mod line;
mod long;
mod read;
mod recount;

pub use changes::Changes;
pub use counted::{all_counted, mark_counted};
pub use doubt::{CHECKOUTS, CODES, Doubted, LEFT, ORDERS, doubt, doubted, shops_in_doubt, take_doubts};
pub use each::read_each;
pub use fold::{fold, fold_all, keep_folded};
pub use line::Line;
pub use long::recount_long;
pub use read::{read, read_days, read_days_of};
pub use recount::{Part, begin_recount, raced, replace};

use crate::kernel::{Day, Timestamp};

/// A quarter of an hour, in microseconds.
pub const QUARTER: i64 = 900_000_000;

/// A day of UTC.
pub const DAY: i64 = 96 * QUARTER;

/// The longest stretch that is kept: 32 days of UTC.
const LONG: i64 = 32 * DAY;

/// Where a day of the shop's stands in a book of days.
pub fn at_day(day: Day) -> Timestamp {
    Timestamp::from_micros(i64::from(day.0) * DAY)
}

/// The beginning of the quarter of an hour in which an instant lies.
pub const fn quarter(micros: i64) -> i64 {
    micros.div_euclid(QUARTER) * QUARTER
}
