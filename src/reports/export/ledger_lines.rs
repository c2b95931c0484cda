//! The ledger's lines: they sum to net sales.

use sea_orm::DbErr;

use super::cell::Cell;
use super::sheet::{Asked, Column, Page, Sheet, column};
use crate::db::Db;
use crate::reports::ledger::ledger;

/// The table.
pub struct LedgerLines;

impl Sheet for LedgerLines {
    const COLUMNS: &'static [Column] = &[
        column("from", "First day of the period, in the shop's time zone."),
        column("to", "Last day of the period, included."),
        column(
            "line",
            "The ledger's line. Those that are no net sales begin with `left_out.`; the lines without it sum to `total`.",
        ),
        column("title", "What it is called."),
        column("orders", "How many orders stand on it."),
        column("net_sales", "Their net sales; of a line left out: the amount left out."),
        column("net_sales_minor", "The same in minor units."),
        column("currency", "The shop's currency (ISO 4217)."),
        column("why", "What the line means."),
    ];

    type After = ();

    async fn page(db: &Db, asked: &Asked, (): ()) -> Result<Page<()>, DbErr> {
        let ledger = ledger(db.read(), &asked.shop, &asked.period).await?;
        let days = || [Cell::text(asked.period.from), Cell::text(asked.period.to)];
        let row = |(name, title, orders, money, why): (String, &str, i64, _, &str)| {
            let mut row = days().to_vec();
            row.extend([Cell::text(name), Cell::text(title), Cell::Whole(orders)]);
            row.extend(Cell::money(money));
            row.push(Cell::text(why));
            row
        };
        Ok((ledger.rows().into_iter().map(row).collect(), None))
    }
}
