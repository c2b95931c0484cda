//! Shopify, as a protocol: proofs, payloads, the Admin API client. No database, no rooms.
//!
//! 1. Nothing a stranger says is believed before a proof: [`proof`] for deliveries, [`query`] for page loads,
//!    [`id_token`] for calls of the embedded UI. What was proven is a [`Verified`]. One secret signs all three: the table
//!    in [`proof`] says what keeps them apart.
//! 2. A shop's name becomes part of an address only as a [`ShopDomain`], because that address is sent the client secret.
//! 3. Time is handed in, HTTP clients are handed in.

pub mod domain;
pub mod gid;
pub mod origin;

pub mod proof;

pub mod named;

pub mod id_token;
pub mod query;

pub mod scopes;

pub mod oauth;

pub mod admin;

mod answer;

#[cfg(test)]
mod loopback;

pub use domain::ShopDomain;
pub use gid::parse_gid;
pub use origin::Origin;
pub use proof::{Delivery, Family, Secrets, Verified};
pub use scopes::Scopes;
