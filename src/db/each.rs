//! Rows by a list of keys, each key looked up by itself whatever the planner believes.
//!
//! PostgreSQL takes a shop or a campaign it has not counted yet for one row, and then reads *all* of its rows for a list
//! of keys within it: every new campaign is such a one, and 90 ms a look-up. A lateral join with a fence is planned per
//! key. SQLite goes by its indexes and needs no such thing.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, ValueTuple};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
    Select, Value,
};

use super::INSERT_ROWS;

const ASKED: &str = "asked";

/// Rows of `select` whose `column` is one of `values`, in no order. Together with the conditions of `select` the column
/// must be an index's key, or at least its beginning.
pub async fn each<E, T, V>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    column: E::Column,
    values: impl IntoIterator<Item = V>,
) -> Result<Vec<T>, DbErr>
where
    E: EntityTrait,
    T: FromQueryResult,
    V: Into<Value> + Ord,
{
    let values: BTreeSet<V> = values.into_iter().collect();
    let values = values.into_iter().map(|value| vec![value.into()]).collect();
    each_like(db, select, values, Expr::col(column.as_column_ref()).eq(asked("column1"))).await
}

/// [`each`] for a key of several columns: rows of `select` that stand as `like` says to one of `keys`, which differ. In
/// `like` the values of a key are called [`asked`] `column1`, `column2` and so on.
pub async fn each_like<E, T>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    keys: Vec<Vec<Value>>,
    like: Expr,
) -> Result<Vec<T>, DbErr>
where
    E: EntityTrait,
    T: FromQueryResult,
{
    let mut found = Vec::with_capacity(keys.len());
    for part in keys.chunks(INSERT_ROWS) {
        let Some(first) = part.first() else { break };
        // Few sizes, so that each text is prepared once per connection; nothing stands anyhow to NULL.
        let nothing: Vec<Value> = first.iter().map(Value::as_null).collect();
        let spare = std::iter::repeat_n(nothing, part.len().next_power_of_two() - part.len());
        let keys = part.iter().cloned().chain(spare).map(ValueTuple::Many);
        let one = select.clone().filter(like.clone());
        let query = match db.get_database_backend() {
            // The offset is the fence: without it the planner would make one join of both.
            DbBackend::Postgres => Query::select()
                .expr(Expr::cust("found.*"))
                .from_values(keys, ASKED)
                .join_lateral(JoinType::InnerJoin, one.offset(0).into_query(), "found", Expr::cust("TRUE"))
                .to_owned(),
            _ => one.into_query().from_values(keys, ASKED).to_owned(),
        };
        for row in &db.query_all(&query).await? {
            found.push(T::from_query_result(row, "")?);
        }
    }
    Ok(found)
}

/// A value of the key that is looked up.
pub fn asked(column: &'static str) -> Expr {
    Expr::col((ASKED, column))
}
