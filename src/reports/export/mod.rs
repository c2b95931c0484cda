//! What reports count, row by row, in files: CSV and JSON lines.
//!
//! 1. A file is read as it is sent, a page of rows at a time: its size is bounded by nothing but the shop's history.
//! 2. Every column has its definition, in the list of tables and in `definitions.csv`; money stands as a decimal, with its
//!    minor units and its currency beside it.
//! 3. A file is of one instant, which its name tells: what is judged anew while it is sent does not change it.
//! 4. No row names a person, and a code that could still be spent is shown only to who may hand codes out.
//! 5. No cell begins a formula in a spreadsheet.

mod agreement_days;
mod cell;
mod clicks;
mod definitions;
mod learned_late;
mod ledger_lines;
mod messages;
mod orders;
mod restatements;
mod routes;
mod sheet;
mod write;

pub(super) use routes::configure;
pub use sheet::{Asked, Table, WHOLE};
pub use write::{Format, Pieces, definition_sheet, stream};
