//! Rows by a list of keys, each key looked up by itself whatever the planner believes.
//!
//! PostgreSQL takes a shop or a campaign it has not counted yet for one row, and then reads *all* of its rows for a list
//! of keys within it: every new campaign is such a one, and 90 ms a look-up. A lateral join with a fence is planned per
//! key. SQLite, which counts nothing by itself either, takes the first columns of an index for a few rows and reads all of
//! a campaign for every key of the list; it is told the order by a cross join, which it never turns round.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement, ValueTuple};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
    Select, Value,
};

use super::INSERT_ROWS;
use super::columns::{Column, columns};

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
        let one = select.clone().filter(like.clone());
        let query = match db.get_database_backend() {
            DbBackend::Postgres => by_lateral_join(one, columns(part.concat(), &vec![false; first.len()])?),
            _ => {
                // Few sizes, so that each text is prepared once per connection; nothing stands anyhow to NULL.
                let nothing: Vec<Value> = first.iter().map(Value::as_null).collect();
                let spare = std::iter::repeat_n(nothing, part.len().next_power_of_two() - part.len());
                by_cross_join(one, part.iter().cloned().chain(spare).map(ValueTuple::Many))
            }
        };
        for row in &db.query_all(&query).await? {
            found.push(T::from_query_result(row, "")?);
        }
    }
    Ok(found)
}

/// `one` looks a key up; this looks all of them up, one after the other.
fn by_lateral_join<E: EntityTrait>(one: Select<E>, keys: Vec<Column>) -> SelectStatement {
    let mut asked = Query::select();
    for (key, number) in keys.into_iter().zip(1..) {
        let values = Expr::cust_with_values(format!("unnest({})", key.parameter(1)), [key.array]);
        asked.expr_as(values, format!("column{number}"));
    }
    // The offset is the fence: without it the planner would make one join of both.
    Query::select()
        .expr(Expr::cust("found.*"))
        .from_subquery(asked.take(), ASKED)
        .join_lateral(JoinType::InnerJoin, one.offset(0).into_query(), "found", Expr::cust("TRUE"))
        .to_owned()
}

/// [`by_lateral_join`] as SQLite knows it.
fn by_cross_join<E: EntityTrait>(one: Select<E>, keys: impl Iterator<Item = ValueTuple>) -> SelectStatement {
    one.into_query().from_clear().from_values(keys, ASKED).cross_join(E::default().table_ref()).to_owned()
}

/// A value of the key that is looked up.
pub fn asked(column: &'static str) -> Expr {
    Expr::col((ASKED, column))
}

#[cfg(test)]
mod tests {
    use sea_orm::entity::prelude::*;
    use sea_orm::{ConnectOptions, Database, DatabaseConnection};

    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "drawn")]
    struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        id: i64,
        shop: i64,
        campaign: i64,
        key: String,
    }

    impl ActiveModelBehavior for ActiveModel {}

    async fn uncounted() -> DatabaseConnection {
        let db = Database::connect(ConnectOptions::new("sqlite::memory:").max_connections(1).to_owned()).await.unwrap();
        for sql in [
            "CREATE TABLE drawn (id BIGINT PRIMARY KEY, shop BIGINT, campaign BIGINT, key TEXT)",
            "CREATE UNIQUE INDEX uq_drawn ON drawn (shop, campaign, key)",
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999)
             INSERT INTO drawn SELECT i, 7, 1 + i % 2, 'k' || i FROM n",
        ] {
            db.execute_unprepared(sql).await.unwrap();
        }
        db
    }

    fn of_campaign() -> Select<Entity> {
        Entity::find().filter(COLUMN.shop.eq(7)).filter(COLUMN.campaign.eq(1))
    }

    #[tokio::test]
    async fn sqlite_finds_each_key_by_the_whole_index_before_anybody_counted() {
        let db = uncounted().await;
        for keys in [1, 8, 512] {
            let keys = (0..keys).map(|n| ValueTuple::Many(vec![format!("k{n}").into()]));
            let one = of_campaign().filter(Expr::col(Column::Key.as_column_ref()).eq(asked("column1")));
            let query = by_cross_join(one, keys);
            let (sql, values) = query.build(sea_orm::sea_query::SqliteQueryBuilder);
            let explain =
                sea_orm::Statement::from_sql_and_values(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"), values);
            let rows = db.query_all_raw(explain).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
            let by_all = "SEARCH drawn USING INDEX uq_drawn (shop=? AND campaign=? AND key=?)";
            assert!(plan.iter().any(|step| step == by_all), "{plan:?}");
        }
    }

    #[tokio::test]
    async fn whatever_stands_there_is_found_once_and_nothing_else() {
        let db = uncounted().await;
        let asked = (0..2_500).map(|n| format!("k{n}")).chain(["nobody".to_owned()]);
        let mut found: Vec<Model> = each(&db, of_campaign(), Column::Key, asked).await.unwrap();
        found.sort_by_key(|row| row.id);
        assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), (0..2_500).step_by(2).collect::<Vec<_>>());
        assert!(each::<_, Model, String>(&db, of_campaign(), Column::Key, []).await.unwrap().is_empty());
    }
}
