//! Drift: what the merchant does to our discounts in the admin. Noticed, kept, shown; never overwritten.
//!
//! 1. Shopify tells only that something happened, of every app's discounts. Ours are asked for and compared with what
//!    we wanted.
//! 2. Codes that would not work as promised are not handed out: a discount that is gone, or ends before its slot does,
//!    is retired. Any other change is the merchant's right and stays.

mod check;
mod compare;
mod notice;

pub use check::{DriftCheck, check_drift};
pub use notice::{DriftKind, DriftNotice, drift_notices};

pub(in crate::codes) use check::check;
pub(in crate::codes) use compare::{is_ours, seen};
