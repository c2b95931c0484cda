//! Counting a stretch of time anew, from the raw rows, beside those who write.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, IsolationLevel, QueryFilter,
    RuntimeErr, SqliteTransactionMode, SqlxError, TransactionOptions,
};

use super::cell::{self, quarters};
use super::changes::{Changes, Place};
use super::fold::fold_visible;
use super::{DAY, QUARTER};
use crate::db::{Db, begin};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// The lengths a part holds whole; longer ones are summed afterwards ([`recount_long`](super::recount_long)).
const PARTS: [i64; 2] = [QUARTER, DAY];

/// How long a statement may take that counts anew.
const PATIENCE: &str = "SET LOCAL statement_timeout = '10min'";

/// What is counted anew: some books, from one midnight of UTC until another; of one line only, if one is named.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Which books.
    pub books: &'a [&'static str],
    /// From when until when.
    pub between: (Timestamp, Timestamp),
    /// Only this line.
    pub line: Option<&'a str>,
}

/// Opens the moment in which a part is counted anew: raw rows and what was appended are seen as they stood together, and
/// the latter is added. What a transaction changes that is not seen here stays appended and is added later; what is seen
/// is not added once more.
pub async fn begin_recount(db: &Db, shop: ShopId) -> Result<DatabaseTransaction, DbErr> {
    let options = match db.is_sqlite() {
        true => {
            TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() }
        }
        // SQLite has one writer at a time; here every statement has to see the same moment.
        false => TransactionOptions { isolation_level: Some(IsolationLevel::RepeatableRead), ..Default::default() },
    };
    let txn = begin::begin(&db.write, options).await?;
    if !db.is_sqlite() {
        // Nobody waits for it, and a large shop's rows take longer than a statement may.
        txn.execute_unprepared(PATIENCE).await?;
    }
    fold_visible(&txn, shop).await?;
    Ok(txn)
}

/// Puts what was counted in the place of a part's cells; answers how many came out different.
pub async fn replace(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    Part { books, between: (from, until), line }: Part<'_>,
    counted: &Changes,
) -> Result<usize, DbErr> {
    let within = |span: i64| {
        let condition = cell::COLUMN.shop_id.eq(shop).and(cell::COLUMN.book.is_in(books.iter().copied()));
        let condition = condition.and(cell::COLUMN.span.eq(quarters(span)));
        let condition = condition.and(cell::COLUMN.at.gte(from.micros())).and(cell::COLUMN.at.lt(until.micros()));
        match line {
            Some(line) => condition.and(cell::COLUMN.line.eq(line)),
            None => condition,
        }
    };
    let mut different = 0;
    for span in PARTS {
        let known = cell::Entity::find().filter(within(span)).all(txn).await?;
        let known: BTreeMap<Place, i64> = known
            .into_iter()
            .map(|cell| {
                let place =
                    Place { book: cell.book.into(), at: cell.at, line: cell.line, measure: cell.measure.into() };
                (place, cell.amount)
            })
            .collect();
        let mut sums = Changes::default();
        for (place, by) in counted.iter() {
            sums.add_to(Place { at: place.at.div_euclid(span) * span, ..place.clone() }, by);
        }
        let wanted: BTreeMap<&Place, i64> = sums.iter().collect();
        let places = known.keys().chain(wanted.keys().copied()).collect::<BTreeSet<_>>();
        let differ =
            |place: &&&Place| known.get(**place).copied().unwrap_or(0) != wanted.get(**place).copied().unwrap_or(0);
        different += places.iter().filter(differ).count();
    }
    if different > 0 {
        for span in PARTS {
            cell::Entity::delete_many().filter(within(span)).exec(txn).await?;
        }
        cell::add(txn, shop, counted, &PARTS).await?;
    }
    Ok(different)
}

/// Whether somebody else changed what a transaction changes, so that the same again may come through.
pub fn raced(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return false;
    };
    let SqlxError::Database(error) = error.as_ref() else { return false };
    // What another wrote meanwhile may be there already, unseen.
    error.code().is_some_and(|code| ["40001", "40P01", "23505"].contains(&code.as_ref()))
}
