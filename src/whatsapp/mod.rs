//! WhatsApp, as a protocol: proofs, payloads and Meta's answers. No database, no rooms.
//!
//! 1. A delivery is believed after [`proof::verify`], over the bytes as they came.
//! 2. [`payload::parse`] never fails on a shape it does not know: Meta repeats for a week what is not acknowledged.
//! 3. What Meta's error codes mean stands in one table, [`failure`].
//! 4. Numbers, user ids and message ids name people: their types print `***`.

pub mod failure;
pub mod payload;
pub mod person;
pub mod proof;
pub mod template_analytics;
pub mod update;
mod wish;

pub use person::{UserId, WaId, Wamid};
pub use proof::{Secrets, Verified};
pub use update::{Pricing, Status, Update, Wish};
