//! One box for everything that has a name: orders, codes, campaigns, messages.

mod find;
mod routes;

pub use routes::configure;
