//! Abandoned checkouts of a period: how many and worth what, who was written to, what came back, and by which evidence the
//! orders that came back are known.

mod counted;
mod report;
mod routes;

pub(super) use counted::{LEFT_CHECKOUTS, count_doubted_checkouts, recount_checkouts};
pub(super) use report::report;
pub use routes::configure;
