//! Who claims how much of the same orders: we, others' ways of counting, and tools that look at visits alone.

mod report;
mod routes;

pub(super) use report::claims;
pub use routes::configure;
