//! How it goes: numbers for whoever runs Recoup, sentences for the merchant whose shop it is.
//!
//! 1. What happens is counted where it happens, in this process's memory ([`recorder`]); what stands in the database is
//!    looked up when somebody asks, bounded, along indexes, at most every ten seconds ([`gauges`]).
//! 2. Nothing is counted by shop, address or person: labels come from lists of ours.
//! 3. `/metrics` is for the inside. It is answered at the public address only to who proves it ([`routes`]).
//! 4. A merchant sees what concerns their shop and nothing else ([`shop`]), and who has just begun what comes first
//!    ([`setup`]).

mod gauges;
mod recorder;
mod routes;
mod setup;
mod shop;
mod words;

pub use gauges::Gauges;
pub use recorder::install;
pub use routes::{configure, configure_apart, configure_metrics};
