//! Ours beside Shopify's own net sales, day by day.

mod booked;
mod compare;
mod routes;
mod suspects;
mod word;

pub use compare::{AgreementDay, Reason, agreed_days};
pub use routes::configure;
pub use word::{Word, agreement_word};
