//! The Admin GraphQL API, version 2026-10: one client, and plain functions by subject.
//!
//! Each subject's file takes and gives our own plain values; the generated types never leave this folder.

mod answer;
mod bucket;
mod client;
mod discount_input;
mod discount_seen;
mod documents;
mod user_error;

pub mod as_webhook;
pub mod bulk;
pub mod code_owners;
pub mod discount;
pub mod discounts;
pub mod journeys;
pub mod net_sales;
pub mod orders;
pub mod redeem_codes;
pub mod sales;
pub mod shop;
pub mod web_pixel;

pub use answer::{AdminError, AdminFailure, Answer, Cost, observed};
pub use client::{Admin, VERSION};
pub use user_error::{UserError, UserErrorCode};
