//! What the law lets a shopper ask of a shop: to see what is held about them, and to be forgotten.
//!
//! ```text
//! asked ──▶ done        due 30 days after it was asked
//! ```
//!
//! 1. A request is on record in the transaction that read it, under the delivery that brought it: repeats change nothing.
//! 2. It names a shopper, so it is kept sealed.
//! 3. It works without a token and for a shop that left: both are the usual case.

mod request;
mod routes;

pub use request::{Asked, COLUMN as REQUEST, Entity as Requests, Kind, Model as Request, record};
pub use routes::configure;
