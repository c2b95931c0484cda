//! 6. What the shop sold: orders, refunds. Facts only, in the shop's currency and in event time.
//!
//! 1. Facts are appended: every state of an order we hear of is a version, every refund a row. `orders` shows the newest
//!    of them.
//! 2. The order in which facts arrive, their repeats and delays change nothing.
//! 3. Webhooks tell at once, Shopify's own book of sales tells exactly: once it is known it decides what an order is
//!    worth ([`Source`]). Where the two differ is counted.

mod book;
mod click;
mod code;
mod contact;
mod difference;
mod doubted;
mod facts;
mod journey;
mod money;
mod order;
mod person;
mod record;
mod refund;
mod sale;
mod snapshot;
mod some;
mod version;
mod visit;
mod worth;

pub use book::{
    BookRead, Column as BookColumn, Entity as Books, Model as Book, State as BookState, ask_book_again, book_of,
    due_books, leave_book, leave_old_books, next_book, record_book, want_books,
};
pub use click::with_clicks;
pub use contact::{contacts_of, ids_placed_by};
pub use difference::{
    Column as DifferenceColumn, DifferenceCount, Entity as Differences, Kind as DifferenceKind, Model as Difference,
    difference_counts, note_differences,
};
pub use facts::{
    Facts, completed, completing, facts, ids_after, latest_before, named, of_cart, of_checkout, of_checkouts, placed_by,
};
pub use journey::{
    Column as JourneyColumn, Entity as Journeys, Model as Journey, State as JourneyState, due_journeys,
    journey_not_ready, journey_of, leave_old_journeys, next_journey, record_journey,
};
pub use money::{Amounts, net_sales};
pub use order::{COLUMN as ORDER, Column as OrderColumn, Entity as Orders, Model as Order, OrderId, Texts};
pub use person::{forget, ids_naming, orders_of};
pub use record::{record, record_all, record_forgotten, record_refund};
pub use refund::{Column as RefundColumn, Entity as Refunds, Model as Refund};
pub use sale::{Agreement, Column as SaleColumn, Entity as Sales, Model as Sale};
pub use snapshot::{RefundSnapshot, Snapshot};
pub use some::{discounts_of, hold};
pub use version::Model as Version;
pub use visit::{Entity as Visits, Model as Visit};
pub use worth::{Because, Parts, Source};

/// Orders and their books written by hand, for tests of what is made of them.
#[cfg(test)]
pub(crate) use worth::tests as by_hand;
