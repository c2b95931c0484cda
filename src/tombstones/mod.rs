//! What the law lets a shopper ask of a shop, as far as every room must know it: the requests, the tombstones of whom
//! was forgotten, and the log of who looked. What is *done* about a request stands in `privacy/`, which calls every room.
//!
//! ```text
//! asked ──▶ ready ──downloaded──▶ done        to see what is held
//!   │  └──▶ erasing ─────────────▶ done        to be forgotten; a shop: likewise
//!   ├─────▶ ignored   nothing to do; the reason says why
//!   └─────▶ dead      it cannot be read; the reason says why      due 30 days after it was asked
//! ```
//!
//! 1. A request is on record in the transaction that read it, under the delivery that brought it, and so is the promise
//!    to act on it: repeats change nothing.
//! 2. It names a shopper, so it is kept sealed, and the payload is destroyed when it was dealt with.
//! 3. It works without a token and for a shop that left: both are the usual case.
//! 4. A tombstone holds keyed hashes and an instant. Events older than it bring nothing back, however late or often they
//!    come. Events after it (a new order, a platform drawing the person again, which says they agreed again) count anew.
//! 5. Reading protected fields leaves a row in the access log: who, which kind, whose (opaque), why; never a value.

mod access;
mod request;
mod requested;
mod routes;
mod tombstone;

pub use access::{Reading, drop_old_readings, note};
pub use request::{
    Asked, COLUMN as REQUEST, Column as RequestColumn, Entity as Requests, Kind, Model as Request, State,
    destroy_old_payloads, overdue, record,
};
pub use requested::Requested;
pub use routes::configure;
pub use tombstone::{
    Entity as Tombstones, Marker, Model as Tombstone, Thing, anybody_forgotten, bury, covering, marks_of,
};
