//! Many rows, few statements: the hot inserts, prepared once per connection.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, Iterable, Statement, Value,
};

/// Rows per statement. A statement's text depends on its size; with few sizes every text is prepared once per
/// connection and never again, which is half of what a large insert costs. A handful of rows is one statement whatever
/// their number: that is what callers at the same moment ask for.
const SIZES: [usize; 12] = [512, 64, 32, 16, 8, 7, 6, 5, 4, 3, 2, 1];

/// Inserts what is not there yet, by the table's key or any other uniqueness; answers how many were not.
pub async fn insert_once<A>(txn: &impl ConnectionTrait, rows: impl IntoIterator<Item = A>) -> Result<u64, DbErr>
where
    A: ActiveModelTrait,
{
    let columns: Vec<<A::Entity as EntityTrait>::Column> = <A::Entity as EntityTrait>::Column::iter().collect();
    let mut values: Vec<Value> = Vec::new();
    for mut row in rows {
        for column in &columns {
            let value = row.take(*column).into_value();
            values.push(value.ok_or_else(|| DbErr::AttrNotSet(sea_orm::IdenStatic::as_str(column).to_owned()))?);
        }
    }
    let names: Vec<&str> = columns.iter().map(sea_orm::IdenStatic::as_str).collect();
    let (backend, table) = (txn.get_database_backend(), <A::Entity as Default>::default());
    let mut inserted = 0;
    let mut values = values.into_iter();
    for size in SIZES {
        while values.len() >= size * names.len() {
            let sql = text(backend, table.table_name(), &names, size);
            let part: Vec<Value> = values.by_ref().take(size * names.len()).collect();
            inserted += txn.execute_raw(Statement::from_sql_and_values(backend, sql, part)).await?.rows_affected();
        }
    }
    Ok(inserted)
}

fn text(backend: DbBackend, table: &str, columns: &[&str], rows: usize) -> String {
    let mut sql = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
    for n in 0..rows * columns.len() {
        sql.push_str(match (n % columns.len(), n) {
            (0, 0) => "(",
            (0, _) => "), (",
            _ => ", ",
        });
        if backend == DbBackend::Postgres {
            sql.push('$');
            sql.push_str(&(n + 1).to_string());
        } else {
            sql.push('?');
        }
    }
    sql.push_str(") ON CONFLICT DO NOTHING");
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_same_for_every_insert_of_a_size() {
        let two = |backend| text(backend, "t", &["a", "b"], 2);
        assert_eq!(two(DbBackend::Sqlite), "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING");
        assert_eq!(two(DbBackend::Postgres), "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING");
    }
}
