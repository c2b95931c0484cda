//! What a stretch of time came to.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use super::cell::{SPANS, quarters};
use super::changes::{Changes, Place};
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
    read_days_of(db, shop, book, between, None).await
}

/// The same of one line only, if one is named.
pub async fn read_days_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    book: &'static str,
    between: (Timestamp, Timestamp),
    only: Option<&str>,
) -> Result<Option<Vec<(Timestamp, String, Line)>>, DbErr> {
    if !is_counted(db, shop, book).await? {
        return Ok(None);
    }
    let (from, until) = (between.0.micros(), between.1.micros());
    let of_line = if only.is_some() { "AND line = $7" } else { "" };
    let sql = format!(
        "SELECT at, line, measure, amount, CAST(NULL AS VARCHAR) AS changes FROM counted_cells \
         WHERE shop_id = $1 AND book = $2 AND span = $3 AND at >= $4 AND at < $5 AND amount <> 0 {of_line} UNION ALL \
         SELECT CAST(NULL AS BIGINT), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS BIGINT), changes \
         FROM count_changes WHERE shop_id = $6"
    );
    let mut values =
        vec![shop.0.into(), book.into(), quarters(DAY).into(), from.into(), until.into(), Value::from(shop.0)];
    values.extend(only.map(Value::from));
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
    let asked = |place: &Place| place.book == book && (from..until).contains(&place.at);
    for (place, by) in waiting.iter().filter(|(place, _)| asked(place) && only.is_none_or(|only| only == place.line)) {
        lines.entry((place.at, place.line.clone())).or_default().add(&place.measure, by);
    }
    lines.retain(|_, line| !line.is_nothing());
    Ok(Some(lines.into_iter().map(|((at, line), of)| (Timestamp::from_micros(at), line, of)).collect()))
}

/// A stretch in as few pieces as there are: `(length, from, until)`, the long ones in the middle.
fn pieces(from: i64, until: i64, spans: &[i64]) -> Vec<(i64, i64, i64)> {
    let Some((span, shorter)) = spans.split_last() else { return Vec::new() };
    let (first, last) = (from.div_euclid(*span) + i64::from(from.rem_euclid(*span) != 0), until.div_euclid(*span));
    if first >= last {
        return pieces(from, until, shorter);
    }
    let mut all = pieces(from, first * span, shorter);
    all.push((*span, first * span, last * span));
    all.extend(pieces(last * span, until, shorter));
    all
}

/// The longest cells that fit, the shorter ones before and after them, and what nobody has added yet.
fn statement(shop: ShopId, book: &'static str, from: i64, until: i64) -> (String, Vec<Value>) {
    let (mut parts, mut values) = (Vec::new(), Vec::<Value>::new());
    for (span, from, until) in pieces(from, until, &SPANS) {
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
        let spans = [1, 96, 3_072];
        assert_eq!(pieces(8, 96 * 3 + 8, &spans), [(1, 8, 96), (96, 96, 288), (1, 288, 296)]);
        assert_eq!(pieces(96, 192, &spans), [(96, 96, 192)]);
        assert_eq!(pieces(90, 100, &spans), [(1, 90, 100)]);
        assert_eq!(pieces(-4, 96, &spans), [(1, -4, 0), (96, 0, 96)]);
        assert_eq!(
            pieces(3_000, 3 * 3_072 + 100, &spans),
            [(1, 3_000, 3_072), (3_072, 3_072, 9_216), (96, 9_216, 9_312), (1, 9_312, 9_316)]
        );
        assert_eq!(pieces(5, 5, &spans), []);
    }

    #[test]
    fn every_instant_of_a_stretch_lies_in_one_piece() {
        for (from, until) in [(0, 1), (-7_000, 9_999), (95, 3_073), (3_071, 6_145), (1, 96 * 365)] {
            let mut at = from;
            for (span, begins, ends) in pieces(from, until, &[1, 96, 3_072]) {
                assert_eq!((begins, begins.rem_euclid(span), ends.rem_euclid(span)), (at, 0, 0));
                at = ends;
            }
            assert_eq!(at, until);
        }
    }
}
