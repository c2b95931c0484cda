//! Codes that recipients were given: what became of them all, and each with its message, its order and its campaign.
//!
//! 1. A code belongs to the message that carries it, and to the period in which that message was made. One that made way
//!    for another is shown with its message, and counted nowhere here.
//! 2. Each stands in one place: pending, live, redeemed, expired or revoked. The instant decides, not what was written down.

mod list;
mod routes;
mod standing;
mod sums;

pub use list::Cursor;
pub use routes::configure;
pub use standing::Standing;
pub(super) use sums::{Choice, sums};
