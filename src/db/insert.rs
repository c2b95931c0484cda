//! Many rows, few statements: the hot inserts, prepared once per connection.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, Iterable, Statement, Value,
};

use super::columns::{Column, columns};

/// Rows per statement on SQLite. A statement's text depends on its size, and a text is prepared once per connection,
/// which is half of what a large insert costs. So few sizes: powers of two, filled up with rows that are nothing.
const MOST: usize = 512;

/// Rows per statement on PostgreSQL, whose text is the same for any number.
const ROWS: usize = 2_500;

/// Inserts what is not there yet, by the table's key or any other uniqueness; answers how many were not. Up to
/// [`MOST`] rows are one statement, which needs no transaction around it.
pub async fn insert_once<A>(txn: &impl ConnectionTrait, rows: impl IntoIterator<Item = A>) -> Result<u64, DbErr>
where
    A: ActiveModelTrait,
{
    let all: Vec<<A::Entity as EntityTrait>::Column> = <A::Entity as EntityTrait>::Column::iter().collect();
    let rows = rows.into_iter();
    let mut values: Vec<Value> = Vec::with_capacity(rows.size_hint().0 * all.len());
    for mut row in rows {
        for column in &all {
            let value = row.take(*column).into_value();
            values.push(value.ok_or_else(|| DbErr::AttrNotSet(sea_orm::IdenStatic::as_str(column).to_owned()))?);
        }
    }
    let names: Vec<&str> = all.iter().map(sea_orm::IdenStatic::as_str).collect();
    let (backend, table) = (txn.get_database_backend(), <A::Entity as Default>::default());
    let mut inserted = 0;
    if backend == DbBackend::Postgres {
        for part in values.chunks(ROWS * names.len()) {
            let columns = columns(part, names.len())?;
            let sql = from_arrays(table.table_name(), &names, &columns);
            let arrays = columns.into_iter().map(|column| column.array.into());
            inserted += txn.execute_raw(Statement::from_sql_and_values(backend, sql, arrays)).await?.rows_affected();
        }
        return Ok(inserted);
    }
    let mut values = values.into_iter();
    while values.len() > 0 {
        let mut part: Vec<Value> = values.by_ref().take(MOST * names.len()).collect();
        let size = (part.len() / names.len()).next_power_of_two();
        part.resize(size * names.len(), Value::BigInt(None));
        let sql = text(table.table_name(), &names, size);
        inserted += txn.execute_raw(Statement::from_sql_and_values(backend, sql, part)).await?.rows_affected();
    }
    Ok(inserted)
}

/// The first column is one of the key, so that it is never absent.
fn text(table: &str, columns: &[&str], rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns.len()].join(","));
    let (columns, rows) = (columns.join(", "), vec![row; rows].join(","));
    format!(
        "INSERT INTO {table} ({columns}) SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL ON CONFLICT DO NOTHING"
    )
}

fn from_arrays(table: &str, names: &[&str], columns: &[Column]) -> String {
    let arrays: Vec<String> = columns.iter().zip(1..).map(|(column, number)| column.parameter(number)).collect();
    let (names, arrays) = (names.join(", "), arrays.join(", "));
    format!("INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_same_for_every_insert_of_a_size() {
        assert_eq!(
            text("t", &["a", "b"], 2),
            "INSERT INTO t (a, b) SELECT * FROM (VALUES (?,?),(?,?)) WHERE column1 IS NOT NULL ON CONFLICT DO NOTHING"
        );
        let rows: [Value; 4] = [1_i64.into(), "x".into(), 2_i64.into(), None::<String>.into()];
        assert_eq!(
            from_arrays("t", &["a", "b"], &columns(&rows, 2).unwrap()),
            "INSERT INTO t (a, b) SELECT * FROM unnest($1::text::bigint[], $2::text::text[]) ON CONFLICT DO NOTHING"
        );
    }
}
