//! 8. Verdicts read back: net sales, what messages are credited with, funnel, ledger, receipts.
//!
//! 1. Every number is the shop's currency, in minor units, and belongs to days of the shop's own zone.
//! 2. The ledger's lines sum to net sales exactly, because both are one sum over the same rows.
//! 3. Every count of orders is one of [`measures`]: a link opens exactly the orders its number counts.
//! 4. What adds up is read from counts kept beside the facts ([`counted`], [`crate::db::counts`]), never summed from raw rows
//!    while somebody waits.
//! 5. `as_of` an earlier instant shows what was true then: stages of conversions have a beginning and an end.

mod agreement;
mod by_name;
mod campaigns;
mod checkout;
mod checkouts;
mod claims;
mod code_lookup;
mod codes;
mod cohorts;
mod costs;
mod counted;
mod coverage;
mod export;
mod funnel;
mod journey;
mod kpis;
mod ledger;
mod links;
mod measures;
mod messages;
mod opt_outs;
mod orders;
mod paths;
mod period;
mod pixel;
mod receipt;
mod routes;
mod sales_book;
mod search;
mod share;
mod summary;
mod templates;
mod timeline;
mod totals;
mod witness;

pub use agreement::{Word, agreement_word};
pub use by_name::Report;
pub use counted::{Begin, Recount, recount, stand};
pub use coverage::{count_doubted, keep_counted};
pub use export::{Asked, Format, Pieces, Table, WHOLE, definition_sheet, stream};
pub use period::{Period, ReportQuery};
pub use routes::configure;
