//! Codes in the wrong hands.
//!
//! What looks like it is kept as a [`sighting`] (checkouts that carried a code as an [`attempt`]) and raises one [`alarm`]
//! per kind and slot ([`radar`]). Nothing is done by itself.

pub(super) mod alarm;
pub(super) mod attempt;
pub(super) mod radar;
pub(super) mod sighting;
