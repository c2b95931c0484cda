//! 6½. Checkouts that lie quiet: offered to whoever can write to their shoppers, and taken back the moment they buy.
//!
//! ```text
//! unreachable ──a phone is known──▶ working ──quiet for long enough──▶ open ──its own order──────────▶ recovered
//!                                      ▲                                │├──another order of theirs──▶ withdrawn
//!                                      └─────────worked on again────────┘└──deleted──────────────────▶ deleted
//!                                   ended before it lay quiet: over
//! ```
//!
//! 1. What becomes of a checkout is a pure function of facts ([`judge`]): its steps, its contact, its end, the orders of
//!    the same person. Which road they came by, in which order and how often, changes nothing.
//! 2. It is abandoned at its last step and so many seconds, by event time. Whoever can be reached late, or is heard of
//!    late, was abandoned then all the same, and is offered once it is known.
//! 3. The row is looked at again in the transaction that keeps a fact, and at the one instant at which time alone changes
//!    it: `next_at`. One job a shop waits for the earliest of those.
//! 4. Of several delays (one per campaign) the shortest says when a checkout is abandoned; each campaign is told at its
//!    own.
//! 5. Whom a checkout was drawn for, and who is held out, stands with the draws: the held out are followed like all
//!    others, and get no message.

mod abandonment;
mod begin;
mod delays;
mod follow_delays;
mod forgotten;
mod judge;
mod list;
mod load;
mod offered;
mod review;
mod routes;
mod view;
mod watch;

pub use abandonment::{
    Because, Column as AbandonmentColumn, Entity as Abandonments, Model as Abandonment, State, rows_of,
};
pub use begin::Begin;
pub use follow_delays::FollowDelays;
pub use forgotten::forget;
pub use offered::{Offered, Withdrawn};
pub use review::{Touched, Watch, review};
pub use routes::configure;
pub use view::{AbandonedCheckout, views};
