//! Many rows, few statements: the hot inserts, prepared once per connection.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, Insert, Iterable,
    PrimaryKeyToColumn, QueryTrait, Statement, Value,
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
    let mut values = values.into_iter();
    if backend == DbBackend::Postgres {
        let optional: Vec<bool> = all.iter().map(|column| column.def().is_null()).collect();
        while values.len() > 0 {
            let columns = columns(values.by_ref().take(ROWS * names.len()), &optional)?;
            let sql = from_arrays(table.table_name(), &names, &columns);
            let arrays = columns.into_iter().flat_map(|column| [Some(column.array), column.there]).flatten();
            inserted += told(txn.query_all_raw(Statement::from_sql_and_values(backend, sql, arrays)).await?.len());
        }
        return Ok(inserted);
    }
    while values.len() > 0 {
        let mut part: Vec<Value> = values.by_ref().take(MOST * names.len()).collect();
        let size = (part.len() / names.len()).next_power_of_two();
        part.resize(size * names.len(), Value::BigInt(None));
        let sql = text(table.table_name(), &names, size);
        inserted += txn.execute_raw(Statement::from_sql_and_values(backend, sql, part)).await?.rows_affected();
    }
    Ok(inserted)
}

/// Runs an insert that may find its row there already; answers how many it wrote, new or changed.
///
/// It is the rows that come back which count, never the number behind the command: where tables are sharded that one
/// says how many were looked at.
pub async fn insert_or<A>(txn: &impl ConnectionTrait, insert: Insert<A>) -> Result<u64, DbErr>
where
    A: ActiveModelTrait,
{
    let mut query = insert.into_query();
    if let Some(key) = <A::Entity as EntityTrait>::PrimaryKey::iter().next() {
        query.returning_col(key.into_column());
    }
    Ok(told(txn.query_all(&query).await?.len()))
}

fn told(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

/// The first column is one of the key, so that it is never absent.
fn text(table: &str, columns: &[&str], rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns.len()].join(","));
    let (columns, rows) = (columns.join(", "), vec![row; rows].join(","));
    format!(
        "INSERT INTO {table} ({columns}) SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL ON CONFLICT DO NOTHING"
    )
}

/// The rows that were written come back, so that they can be counted: see [`insert_or`].
fn from_arrays(table: &str, names: &[&str], columns: &[Column]) -> String {
    let (mut parameters, mut given, mut taken) = (Vec::new(), Vec::new(), Vec::new());
    for (n, column) in columns.iter().enumerate() {
        parameters.push(column.parameter(parameters.len() + 1));
        given.push(format!("v{n}"));
        taken.push(format!("v{n}"));
        if column.there.is_some() {
            parameters.push(format!("${}::boolean[]", parameters.len() + 1));
            given.push(format!("t{n}"));
            taken[n] = format!("CASE WHEN t{n} THEN v{n} END");
        }
    }
    let (names, first) = (names.join(", "), names[0]);
    let (parameters, given, taken) = (parameters.join(", "), given.join(", "), taken.join(", "));
    format!(
        "INSERT INTO {table} ({names}) SELECT {taken} FROM unnest({parameters}) AS given ({given}) \
         ON CONFLICT DO NOTHING RETURNING {first}"
    )
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
        let of = |rows: [Value; 4]| from_arrays("t", &["a", "b"], &columns(rows, &[false, true]).unwrap());
        assert_eq!(
            of([1_i64.into(), "x".into(), 2_i64.into(), None::<String>.into()]),
            "INSERT INTO t (a, b) SELECT v0, CASE WHEN t1 THEN v1 END \
             FROM unnest($1::bigint[], $2::text[], $3::boolean[]) AS given (v0, v1, t1) \
             ON CONFLICT DO NOTHING RETURNING a"
        );
        assert_eq!(
            of([1_i64.into(), "x".into(), 2_i64.into(), "y".into()]),
            of([1_i64.into(), None::<String>.into(), 2_i64.into(), None::<String>.into()])
        );
    }
}
