//! 7. Why an order belongs to a message: evidence → touchpoints → models → conversions.
//!
//! Verdicts are derived from facts by pure functions; they may be thrown away and derived again, and come out the same.

mod ask;

pub use ask::{Settle, ask, ask_about_checkout};
