//! Rows become the bytes of a file, a page at a time.

use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use sea_orm::DbErr;
use serde_json::{Map, Value};

use super::agreement_days::AgreementDays;
use super::cell::Cell;
use super::clicks::Clicks;
use super::definitions;
use super::learned_late::LearnedLate;
use super::ledger_lines::LedgerLines;
use super::messages::Messages;
use super::orders::Orders;
use super::restatements::Restatements;
use super::sheet::{Asked, Column, Sheet, Table, WHOLE};
use crate::db::Db;

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, UTF-8; `bom` says so to spreadsheets that would guess otherwise.
    Csv {
        /// Whether a byte order mark stands before it.
        bom: bool,
    },
    /// One JSON object a line.
    JsonLines,
}

/// A piece of a file.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What stands in it.
    pub bytes: Bytes,
    /// How many rows that is.
    pub rows: usize,
    /// How much of the file ends with it, in millionths.
    pub through: i32,
}

/// What a file is sent as.
pub type Pieces = BoxStream<'static, Result<Piece, DbErr>>;

/// A table, page after page.
pub fn stream(db: Db, asked: Asked, table: Table, format: Format) -> Pieces {
    match table {
        Table::Orders => sheet::<Orders>(db, asked, format),
        Table::Restatements => sheet::<Restatements>(db, asked, format),
        Table::LearnedLate => sheet::<LearnedLate>(db, asked, format),
        Table::Ledger => sheet::<LedgerLines>(db, asked, format),
        Table::Messages => sheet::<Messages>(db, asked, format),
        Table::Clicks => sheet::<Clicks>(db, asked, format),
        Table::Agreement => sheet::<AgreementDays>(db, asked, format),
    }
}

/// What every column of every table says.
pub fn definition_sheet(format: Format) -> Result<Vec<u8>, DbErr> {
    write(format, &definitions::COLUMNS.iter().collect::<Vec<_>>(), true, definitions::rows())
}

fn sheet<S: Sheet>(db: Db, asked: Asked, format: Format) -> Pieces {
    let shown: Vec<usize> = (0..S::COLUMNS.len()).filter(|n| asked.shows(&S::COLUMNS[*n])).collect();
    let begin = (Some(S::After::default()), true);
    let pieces = stream::try_unfold(begin, move |(after, first)| {
        let (db, asked, shown) = (db.clone(), asked.clone(), shown.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let (rows, next) = S::page(&db, &asked, after).await?;
            let columns: Vec<&Column> = shown.iter().map(|n| &S::COLUMNS[*n]).collect();
            let chosen = |row: Vec<Cell>| {
                let cells = row.into_iter().enumerate().filter(|(n, _)| shown.contains(n));
                cells.map(|(_, cell)| cell).collect::<Vec<Cell>>()
            };
            let (count, through) = (rows.len(), next.as_ref().map_or(WHOLE, |after| S::before(&asked, after)));
            let bytes = Bytes::from(write(format, &columns, first, rows.into_iter().map(chosen).collect())?);
            Ok(Some((Piece { bytes, rows: count, through }, (next, false))))
        }
    });
    // An empty piece would end the answer.
    pieces.try_filter(|piece| std::future::ready(!piece.bytes.is_empty())).boxed()
}

fn write(format: Format, columns: &[&Column], first: bool, rows: Vec<Vec<Cell>>) -> Result<Vec<u8>, DbErr> {
    let mut out = Vec::new();
    match format {
        Format::Csv { bom } => {
            if first && bom {
                out.extend("\u{feff}".as_bytes());
            }
            let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut out);
            let broken = |error: csv::Error| DbErr::Custom(format!("a row cannot be written: {error}"));
            if first {
                csv.write_record(columns.iter().map(|column| column.name)).map_err(broken)?;
            }
            for row in rows {
                csv.write_record(row.iter().map(Cell::csv)).map_err(broken)?;
            }
            csv.flush().map_err(|error| DbErr::Custom(error.to_string()))?;
        }
        Format::JsonLines => {
            for row in rows {
                let fields = columns.iter().zip(&row).map(|(column, cell)| (column.name.to_owned(), cell.json()));
                out.extend(Value::Object(fields.collect::<Map<String, Value>>()).to_string().into_bytes());
                out.push(b'\n');
            }
        }
    }
    Ok(out)
}
