//! Messages of a period with what became of each, and one recipient's life.
//!
//! Nobody is named: a recipient is an opaque id. How they are reached is opened on request alone, by a merchant, and every
//! opening is on record before anything is shown.

mod contact;
mod life;
mod list;
mod routes;
mod standing;
mod sums;

pub use routes::configure;
pub(super) use sums::sums;
