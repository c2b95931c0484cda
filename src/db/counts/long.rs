//! The longest cells, summed from the days they hold: they begin and end where no part that is counted anew does.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use super::cell::quarters;
use super::{DAY, LONG};
use crate::kernel::id::ShopId;

/// Where an amount stands, and how much it is.
type Amounts = BTreeMap<(i64, String, String), i64>;

/// Sums a book's longest cells from its days, in a moment that [`begin_recount`](super::begin_recount) opened; answers how
/// many came out different.
pub async fn recount_long(txn: &impl ConnectionTrait, shop: ShopId, book: &str) -> Result<usize, DbErr> {
    // Days before 1970 there are none.
    let known = "SELECT at, line, measure, amount FROM counted_cells \
                 WHERE shop_id = $1 AND book = $2 AND span = $3 AND amount <> 0";
    let wanted = format!(
        "SELECT at / {LONG} * {LONG} AS long, line, measure, CAST(SUM(amount) AS BIGINT) FROM counted_cells \
         WHERE shop_id = $1 AND book = $2 AND span = $3 GROUP BY at / {LONG} * {LONG}, line, measure"
    );
    let known = amounts(txn, known, [shop.0.into(), book.into(), quarters(LONG).into()]).await?;
    let mut days = amounts(txn, &wanted, [shop.0.into(), book.into(), quarters(DAY).into()]).await?;
    days.retain(|_, amount| *amount != 0);
    if known == days {
        return Ok(0);
    }
    let gone = known.keys().filter(|place| !days.contains_key(*place)).count();
    let different = days.iter().filter(|(place, amount)| known.get(*place) != Some(*amount)).count() + gone;
    let run = async |sql: &str, values: Vec<Value>| {
        txn.execute_raw(Statement::from_sql_and_values(txn.get_database_backend(), sql, values)).await
    };
    let of_book = vec![shop.0.into(), book.into(), quarters(LONG).into()];
    run("DELETE FROM counted_cells WHERE shop_id = $1 AND book = $2 AND span = $3", of_book).await?;
    let sums = format!(
        "INSERT INTO counted_cells (shop_id, book, span, at, line, measure, amount) \
         SELECT shop_id, book, {}, at / {LONG} * {LONG}, line, measure, CAST(SUM(amount) AS BIGINT) FROM counted_cells \
         WHERE shop_id = $1 AND book = $2 AND span = $3 GROUP BY shop_id, book, at / {LONG} * {LONG}, line, measure",
        quarters(LONG)
    );
    run(&sums, vec![shop.0.into(), book.into(), quarters(DAY).into()]).await?;
    Ok(different)
}

async fn amounts(txn: &impl ConnectionTrait, sql: &str, values: [Value; 3]) -> Result<Amounts, DbErr> {
    let select = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    let rows = txn.query_all_raw(select).await?;
    let row = |row: &sea_orm::QueryResult| {
        let place = (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        Ok((place, row.try_get_by_index(3)?))
    };
    rows.iter().map(row).collect()
}
