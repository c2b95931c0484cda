//! 6. What the shop sold: orders, refunds. Facts only, in the shop's currency and in event time.
//!
//! 1. Facts are appended: every state of an order we hear of is a version, every refund a row. `orders` shows the newest
//!    of them.
//! 2. The order in which facts arrive, their repeats and delays change nothing.

mod code;
mod contact;
mod facts;
mod journey;
mod money;
mod order;
mod person;
mod record;
mod refund;
mod snapshot;
mod version;
mod visit;

pub use contact::contacts_of;
pub use facts::{Facts, completed, facts, ids_after, ids_between, of_cart, of_checkout, of_checkouts};
pub use journey::{
    Column as JourneyColumn, Entity as Journeys, Model as Journey, State as JourneyState, due_journeys,
    journey_not_ready, journey_of, leave_old_journeys, next_journey, record_journey,
};
pub use money::{Amounts, net_sales};
pub use order::{COLUMN as ORDER, Column as OrderColumn, Entity as Orders, Model as Order, OrderId};
pub use person::{forget, ids_naming, orders_of};
pub use record::{record, record_forgotten, record_refund};
pub use refund::Model as Refund;
pub use snapshot::{RefundSnapshot, Snapshot};
pub use version::Model as Version;
pub use visit::{Entity as Visits, Model as Visit};
