//! The door: prove → keep once → answer 200 → translate their words into ours.
//!
//! ```text
//!            ┌──▶ done      its facts are recorded
//! pending ───┼──▶ ignored   nothing of it concerns us; the reason says why
//!            └──▶ dead      it cannot be read, or failed five times      all three ──replay──▶ pending
//! ```
//!
//! 1. Nothing is kept before its signature held, over the raw bytes.
//! 2. A delivery is on disk, once per (shop, source, delivery id), before it is answered 200; so is the promise to
//!    translate it, in the same transaction.
//! 3. Bodies are sealed at rest; they open for their own shop only.
//! 4. Translation is pure reading first, then one short transaction. What cannot be read harms no neighbour, and a bug
//!    of ours is repaired by [`replay`].
//! 5. What we read again at the Admin API comes this way too ([`keep`]), so that nothing but its source differs.
//! 6. Late, twice, out of order: the facts come out the same, because the rooms record by event time.
//! 7. What is older than any retry of Shopify's is kept with a reason and not applied: somebody sends it again.
//! 8. What a delivery says of somebody who was forgotten before is recorded without them, and its body is emptied at
//!    once. A body that was erased or aged out stays away: its row remains so that a repeat is known for one.

mod delivery;
mod edited;
mod inbox;
mod inbox_view;
mod parsed;
mod person;
mod replay;
mod routes;
mod sales_moved;
mod shopify;
mod told;
mod translate;
mod whatsapp;

#[cfg(test)]
mod tests;

pub use delivery::{COLUMN as DELIVERY, Entity as Deliveries, Model as Delivery, Source, State as DeliveryState};
pub use edited::Edited;
pub use inbox::{Inbox, keep};
pub use inbox_view::configure as configure_api;
pub use person::{Mention, drop_old, empty, empty_old, mentions_of};
pub use replay::{Key, Replay, matching, outcomes, put_back, replay};
pub use routes::configure;
pub use sales_moved::SalesMoved;
pub use shopify::{TOPICS, Topic, landing};
pub use translate::{Backlog, MOST_COUNTED, Translate, backlog, last_heard, oldest_pending};
