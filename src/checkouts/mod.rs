//! Checkouts: begun, worked on, abandoned, completed. Facts only, in the shop's currency and in event time.
//!
//! ```text
//! begun ─▶ worked on ─▶ worked on … ─▶ completed      it became an order
//!              └─ quiet for a while = abandoned ─▶ worked on again
//! ```
//!
//! 1. Nobody tells that a checkout was abandoned: it is the absence of steps after an instant. So every step is appended
//!    as an activity, and whoever asks whether a checkout lay quiet at an instant counts from the last one before it.
//! 2. `checkouts` shows the newest state of each. A source that does not know something erases nothing, and completed
//!    stays completed, whoever says it first.
//! 3. The order in which tellings arrive, their repeats and delays change nothing.
//! 4. That a checkout was deleted is told by its number and its cart, sometimes before anything else of it.
//! 5. Whoever has the address at which a checkout opens again opens it with all that was typed into it: the address is
//!    kept sealed, and a month at most.

mod activity;
mod checkout;
mod contact;
mod deletion;
mod find;
mod person;
mod record;
mod recovery;

pub use activity::steps_of;
pub use checkout::{Column as CheckoutColumn, Entity as Checkouts, Model as Checkout, seal_recovery_url};
pub use contact::contacts_of;
pub use deletion::{Deleted, deleted_at, record_deleted};
pub use find::{Marks, begun_by, find, marked, of_cart, these, worked_on_since};
pub use person::{checkouts_of, forget, forget_old_recovery_urls};
pub use record::{CheckoutSnapshot, Knows, record};
pub use recovery::{Recovery, recovery};
