//! Codes in the wrong hands: what was seen, and the alarms raised over it.

pub(super) mod alarm;
pub(super) mod attempt;
pub(super) mod radar;
pub(super) mod sighting;
