//! What a stretch of time came to.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use super::cell::quarters;
use super::changes::Changes;
use super::counted::is_counted;
use super::line::Line;
use super::{DAY, QUARTER};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// The lines of a book from one instant until another, what nobody has added yet among them. `None`: the book has not
/// been counted, or these are no whole quarters of an hour.
pub async fn read(
    db: &impl ConnectionTrait,
    shop: ShopId,
    book: &'static str,
    between: (Timestamp, Timestamp),
) -> Result<Option<BTreeMap<String, Line>>, DbErr> {
    let (from, until) = (between.0.micros(), between.1.micros());
    if from.rem_euclid(QUARTER) != 0 || until.rem_euclid(QUARTER) != 0 || !is_counted(db, shop, book).await? {
        return Ok(None);
    }
    // One statement, so that what is being added meanwhile is neither missed nor counted twice.
    let (sql, values) = statement(shop, book, from, until);
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    let mut add = |line: String, measure: &str, by: i64| lines.entry(line).or_default().add(measure, by);
    let mut waiting = Changes::default();
    for row in db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await? {
        match row.try_get_by_index::<Option<String>>(3)? {
            Some(written) => waiting.take(&written)?,
            None => add(row.try_get_by_index(0)?, &row.try_get_by_index::<String>(1)?, row.try_get_by_index(2)?),
        }
    }
    for (place, by) in waiting.iter().filter(|(place, _)| place.book == book && (from..until).contains(&place.at)) {
        add(place.line.clone(), &place.measure, by);
    }
    lines.retain(|_, line| !line.is_nothing());
    Ok(Some(lines))
}

/// The lines of a book of days, each by its day, as [`read`]; `at` is the beginning of the day.
pub async fn read_days(
    db: &impl ConnectionTrait,
    shop: ShopId,
    book: &'static str,
    between: (Timestamp, Timestamp),
) -> Result<Option<Vec<(Timestamp, String, Line)>>, DbErr> {
    if !is_counted(db, shop, book).await? {
        return Ok(None);
    }
    let (from, until) = (between.0.micros(), between.1.micros());
    let sql = "SELECT at, line, measure, amount, CAST(NULL AS VARCHAR) AS changes FROM counted_cells \
               WHERE shop_id = $1 AND book = $2 AND span = $3 AND at >= $4 AND at < $5 AND amount <> 0 UNION ALL \
               SELECT CAST(NULL AS BIGINT), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS BIGINT), changes \
               FROM count_changes WHERE shop_id = $6";
    let values = [shop.0.into(), book.into(), quarters(DAY).into(), from.into(), until.into(), Value::from(shop.0)];
    let mut lines: BTreeMap<(i64, String), Line> = BTreeMap::new();
    let mut waiting = Changes::default();
    for row in db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await? {
        match row.try_get_by_index::<Option<String>>(4)? {
            Some(written) => waiting.take(&written)?,
            None => {
                let place = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                lines.entry(place).or_default().add(&row.try_get_by_index::<String>(2)?, row.try_get_by_index(3)?);
            }
        }
    }
    for (place, by) in waiting.iter().filter(|(place, _)| place.book == book && (from..until).contains(&place.at)) {
        lines.entry((place.at, place.line.clone())).or_default().add(&place.measure, by);
    }
    lines.retain(|_, line| !line.is_nothing());
    Ok(Some(lines.into_iter().map(|((at, line), of)| (Timestamp::from_micros(at), line, of)).collect()))
}

/// The whole days of UTC, the quarters of an hour before and after them, and what nobody has added yet.
fn statement(shop: ShopId, book: &'static str, from: i64, until: i64) -> (String, Vec<Value>) {
    let (first, last) = (from.div_euclid(DAY) + i64::from(from.rem_euclid(DAY) != 0), until.div_euclid(DAY));
    let stretches = match first < last {
        true => vec![(QUARTER, from, first * DAY), (DAY, first * DAY, last * DAY), (QUARTER, last * DAY, until)],
        false => vec![(QUARTER, from, until)],
    };
    let (mut parts, mut values) = (Vec::new(), Vec::<Value>::new());
    for (span, from, until) in stretches.into_iter().filter(|(_, from, until)| from < until) {
        let n = values.len();
        parts.push(format!(
            "SELECT line, measure, CAST(SUM(amount) AS BIGINT) AS amount, CAST(NULL AS VARCHAR) AS changes \
             FROM counted_cells WHERE shop_id = ${} AND book = ${} AND span = ${} AND at >= ${} AND at < ${} \
             GROUP BY line, measure",
            n + 1,
            n + 2,
            n + 3,
            n + 4,
            n + 5
        ));
        values.extend([shop.0.into(), book.into(), quarters(span).into(), from.into(), until.into()]);
    }
    parts.push(format!(
        "SELECT CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS BIGINT), changes FROM count_changes \
         WHERE shop_id = ${}",
        values.len() + 1
    ));
    values.push(shop.0.into());
    (parts.join(" UNION ALL "), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_few_long_cells_and_the_short_ones_around_them() {
        let stretches = |from: i64, until: i64| {
            let (_, values) = statement(ShopId(1), "b", from * QUARTER, until * QUARTER);
            let number = |value: &Value| match value {
                Value::BigInt(Some(number)) => number / QUARTER,
                Value::Int(Some(number)) => i64::from(*number),
                _ => unreachable!(),
            };
            let parts = values[..values.len() - 1].chunks(5);
            parts.map(|part| (number(&part[2]), number(&part[3]), number(&part[4]))).collect::<Vec<_>>()
        };
        assert_eq!(stretches(8, 96 * 3 + 8), [(1, 8, 96), (96, 96, 288), (1, 288, 296)]);
        assert_eq!(stretches(96, 192), [(96, 96, 192)]);
        assert_eq!(stretches(90, 100), [(1, 90, 96), (1, 96, 100)].map(|(a, _, _)| (a, 90, 100))[..1]);
        assert_eq!(stretches(-4, 96), [(1, -4, 0), (96, 0, 96)]);
    }
}
