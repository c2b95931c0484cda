//! What there is to be had, and what every column says.

use serde::Serialize;

use super::agreement_days::AgreementDays;
use super::cell::Cell;
use super::clicks::Clicks;
use super::learned_late::LearnedLate;
use super::ledger_lines::LedgerLines;
use super::messages::Messages;
use super::orders::Orders;
use super::restatements::Restatements;
use super::sheet::{Column, Sheet, TABLES, Table, column};

/// A table that can be had as a file.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ExportTable)]
pub struct TableView {
    /// Its name: `GET /api/exports/{name}.csv`, `.jsonl`.
    pub name: Table,
    /// What is in it.
    pub what: &'static str,
    /// Its columns.
    #[schema(inline)]
    pub columns: &'static [Column],
}

/// The definitions' own columns.
pub(super) const COLUMNS: &[Column] =
    &[column("table", "The table."), column("column", "The column."), column("definition", "What it says.")];

/// All tables.
pub fn tables() -> Vec<TableView> {
    let view = |name: Table| TableView { name, what: what(name), columns: columns(name) };
    TABLES.into_iter().map(view).collect()
}

const fn what(table: Table) -> &'static str {
    match table {
        Table::Orders => "Every order placed in the period, with its verdict.",
        Table::Restatements => {
            "Every step of the period by which an order came to another line, another worth or another message: paid, refunded, cancelled. What was learned late is in the step of its own instant: what it changed in what had been said stands in `learned_late`."
        }
        Table::LearnedLate => {
            "Orders of which something else was learned in the period than had been said of an instant before it: webhooks that came days late, orders found by reconciliation, rules that were changed."
        }
        Table::Ledger => "The ledger of the period; its lines sum to net sales.",
        Table::Messages => "Messages issued in the period, and what became of them.",
        Table::Clicks => "Taps on links in the period.",
        Table::Agreement => {
            "Every day of the period beside Shopify's own net sales of it: ours = Shopify's + the named lines + what is unexplained."
        }
    }
}

const fn columns(table: Table) -> &'static [Column] {
    match table {
        Table::Orders => Orders::COLUMNS,
        Table::Restatements => Restatements::COLUMNS,
        Table::LearnedLate => LearnedLate::COLUMNS,
        Table::Ledger => LedgerLines::COLUMNS,
        Table::Messages => Messages::COLUMNS,
        Table::Clicks => Clicks::COLUMNS,
        Table::Agreement => AgreementDays::COLUMNS,
    }
}

/// The definitions as rows of a file.
pub(super) fn rows() -> Vec<Vec<Cell>> {
    let of = |table: TableView| {
        table
            .columns
            .iter()
            .map(move |one| vec![Cell::text(table.name.name()), Cell::text(one.name), Cell::text(one.definition)])
    };
    tables().into_iter().flat_map(of).collect()
}
