//! Very many rows at once, the fastest way each engine has: `COPY` on PostgreSQL, a statement prepared once on SQLite.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement, Value};
use sqlx::postgres::PgPoolCopyExt;
use uuid::Uuid;

use super::Db;

/// Rows per statement on SQLite: one text, prepared once per connection.
const ROWS: usize = 250;

/// A value in its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A whole number, an instant.
    Big(i64),
    /// One of our ids.
    Id(Uuid),
    /// A text.
    Text(String),
}

impl Db {
    /// Appends rows to a table in a transaction of their own: all of them or, when one is there already, none.
    /// Every row has a cell for each column; columns that are not named stay empty.
    pub async fn append(
        &self,
        table: &'static str,
        columns: &[&'static str],
        rows: Vec<Vec<Cell>>,
    ) -> Result<(), DbErr> {
        if self.is_sqlite() { self.insert(table, columns, rows).await } else { self.copy(table, columns, &rows).await }
    }

    async fn insert(&self, table: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Result<(), DbErr> {
        let txn = self.begin_write().await?;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let part: Vec<Value> = rows.by_ref().take(ROWS).flatten().map(value).collect();
            let sql = text(table, columns, part.len() / columns.len().max(1));
            txn.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, part)).await?;
        }
        txn.commit().await
    }

    async fn copy(&self, table: &str, columns: &[&str], rows: &[Vec<Cell>]) -> Result<(), DbErr> {
        let failed = |error| DbErr::Exec(RuntimeErr::SqlxError(std::sync::Arc::new(error)));
        let sql = format!("COPY {table} ({}) FROM STDIN", columns.join(", "));
        let mut lines = String::with_capacity(rows.len() * 200);
        for row in rows {
            for (n, cell) in row.iter().enumerate() {
                if n > 0 {
                    lines.push('\t');
                }
                write(&mut lines, cell);
            }
            lines.push('\n');
        }
        let mut copy = self.write.get_postgres_connection_pool().copy_in_raw(&sql).await.map_err(failed)?;
        copy.send(lines.into_bytes()).await.map_err(failed)?;
        copy.finish().await.map(drop).map_err(failed)
    }
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Big(number) => number.into(),
        Cell::Id(id) => id.into(),
        Cell::Text(text) => text.into(),
    }
}

/// A cell as `COPY` reads it: a tab, a line's end or a backslash inside a text stand behind a backslash.
fn write(to: &mut String, cell: &Cell) {
    use std::fmt::Write;
    let written = match cell {
        Cell::Big(number) => write!(to, "{number}"),
        Cell::Id(id) => write!(to, "{id}"),
        Cell::Text(text) => {
            for character in text.chars() {
                match character {
                    '\\' => to.push_str("\\\\"),
                    '\t' => to.push_str("\\t"),
                    '\n' => to.push_str("\\n"),
                    '\r' => to.push_str("\\r"),
                    other => to.push(other),
                }
            }
            Ok(())
        }
    };
    written.expect("a String takes what is written to it");
}

fn text(table: &str, columns: &[&str], rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns.len()].join(", "));
    format!("INSERT INTO {table} ({}) VALUES {}", columns.join(", "), vec![row; rows].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copy_reads_is_what_was_meant() {
        let mut line = String::new();
        write(&mut line, &Cell::Text("a\tb\\N\n".into()));
        write(&mut line, &Cell::Big(-7));
        assert_eq!(line, "a\\tb\\\\N\\n-7");
        assert_eq!(text("t", &["a", "b"], 2), "INSERT INTO t (a, b) VALUES (?, ?), (?, ?)");
    }
}
