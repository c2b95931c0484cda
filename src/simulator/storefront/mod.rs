//! The pretend online store: sessions, checkouts, and pages a person can click through.

pub mod checkout;
mod pages;
pub(super) mod pixel;
pub(super) mod routes;
pub(super) mod session;
