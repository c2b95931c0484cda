//! What each of several stretches of time came to that follow one another: the days of a shop, its months.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::cell::quarters;
use super::changes::Changes;
use super::counted::is_counted;
use super::line::Line;
use super::{DAY, QUARTER};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// The lines of a book in each of the stretches between instants that rise, as [`read`](super::read) answers them for one.
pub async fn read_each(
    db: &impl ConnectionTrait,
    shop: ShopId,
    book: &'static str,
    bounds: &[Timestamp],
) -> Result<Option<Vec<BTreeMap<String, Line>>>, DbErr> {
    if bounds.iter().any(|at| at.micros().rem_euclid(QUARTER) != 0) || !is_counted(db, shop, book).await? {
        return Ok(None);
    }
    let stretches = bounds.windows(2).enumerate();
    let pieces: Vec<String> = stretches.flat_map(|(n, two)| pieces(n, two[0].micros(), two[1].micros())).collect();
    if pieces.is_empty() {
        return Ok(Some(vec![BTreeMap::new(); bounds.len().saturating_sub(1)]));
    }
    // One statement, so that what is being added meanwhile is neither missed nor counted twice. The pieces come first:
    // each is a range of the key. Numbers of ours alone are written out.
    let sql = format!(
        "WITH pieces (n, spans, since, up_to, sign) AS (VALUES {}) \
         SELECT CAST(n AS BIGINT), line, measure, CAST(SUM(amount * sign) AS BIGINT), CAST(NULL AS VARCHAR) AS changes \
         FROM pieces CROSS JOIN counted_cells \
         WHERE shop_id = $1 AND book = $2 AND span = spans AND at >= since AND at < up_to GROUP BY n, line, measure \
         UNION ALL SELECT CAST(NULL AS BIGINT), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS BIGINT), \
         changes FROM count_changes WHERE shop_id = $3",
        pieces.join(", ")
    );
    let values = [shop.0.into(), book.into(), shop.0.into()];
    let mut lines = vec![BTreeMap::<String, Line>::new(); bounds.len() - 1];
    let mut waiting = Changes::default();
    for row in db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await? {
        if let Some(written) = row.try_get_by_index::<Option<String>>(4)? {
            waiting.take(&written)?;
            continue;
        }
        let n = usize::try_from(row.try_get_by_index::<i64>(0)?).ok();
        let Some(stretch) = n.and_then(|n| lines.get_mut(n)) else { continue };
        let line = stretch.entry(row.try_get_by_index(1)?).or_default();
        line.add(&row.try_get_by_index::<String>(2)?, row.try_get_by_index(3)?);
    }
    for (stretch, more) in lines.iter_mut().zip(waiting.lines_each(book, bounds)) {
        more.into_iter().for_each(|(line, of)| stretch.entry(line).or_default().extend(of));
    }
    lines.iter_mut().for_each(|stretch| stretch.retain(|_, line| !line.is_nothing()));
    Ok(Some(lines))
}

/// A stretch out of days of UTC, between the midnights nearest to its ends, and the quarters of an hour from each of these
/// to the end itself, added or taken away: a day of any zone is few cells, whole or not.
fn pieces(n: usize, from: i64, until: i64) -> Vec<String> {
    let nearest = |at: i64| (at + DAY / 2).div_euclid(DAY) * DAY;
    let piece = |span: i64, from: i64, until: i64, sign: i64| {
        (from < until).then(|| format!("({n}, {}, {from}, {until}, {sign})", quarters(span)))
    };
    let (first, last) = (nearest(from), nearest(until));
    let parts = [
        piece(DAY, first, last, 1),
        piece(QUARTER, from, first, 1),
        piece(QUARTER, first, from, -1),
        piece(QUARTER, last, until, 1),
        piece(QUARTER, until, last, -1),
    ];
    parts.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_any_zone_is_a_day_of_utc_and_what_lies_between() {
        let at = |quarters: i64| quarters * QUARTER;
        let of = |from: i64, until: i64| pieces(0, at(from), at(until));
        let piece =
            |span: i64, from: i64, until: i64, sign: i64| format!("(0, {span}, {}, {}, {sign})", at(from), at(until));
        assert_eq!(of(96, 192), [piece(96, 96, 192, 1)]);
        // East of Greenwich it begins before midnight, west of it after.
        assert_eq!(of(88, 184), [piece(96, 96, 192, 1), piece(1, 88, 96, 1), piece(1, 184, 192, -1)]);
        assert_eq!(of(116, 212), [piece(96, 96, 192, 1), piece(1, 96, 116, -1), piece(1, 192, 212, 1)]);
        // Within one day of UTC both ends are near the same midnight.
        assert_eq!(of(4, 8), [piece(1, 0, 4, -1), piece(1, 0, 8, 1)]);
    }
}
