//! Differences, each at its place in a book.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};
use serde::{Deserialize, Serialize};

use super::line::Line;
use super::{change, quarter};
use crate::kernel::id::ShopId;
use crate::kernel::{Chance, Stream, Timestamp};

/// Where something is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place {
    /// Of what kind of fact.
    pub(super) book: Cow<'static, str>,
    /// When: the beginning of the quarter of an hour.
    pub(super) at: i64,
    /// Whose: a campaign, and whatever else the room tells apart.
    pub(super) line: String,
    /// What.
    pub(super) measure: Cow<'static, str>,
}

/// What changed: so much more, or less, at each place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<Place, i64>);

impl Changes {
    /// So much more of a measure, in a line of a book, at an instant.
    pub fn add(&mut self, book: &'static str, at: Timestamp, line: &str, measure: &'static str, by: i64) {
        let place = Place {
            book: Cow::Borrowed(book),
            at: quarter(at.micros()),
            line: line.to_owned(),
            measure: Cow::Borrowed(measure),
        };
        self.add_to(place, by);
    }

    pub(super) fn add_to(&mut self, place: Place, by: i64) {
        *self.0.entry(place).or_default() += by;
    }

    /// Those that are differences.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Place, i64)> {
        self.0.iter().filter(|(_, by)| **by != 0).map(|(place, by)| (place, *by))
    }

    /// All that another holds as well.
    pub fn extend(&mut self, other: Self) {
        other.0.into_iter().for_each(|(place, by)| self.add_to(place, by));
    }

    /// The lines of a book.
    pub fn lines(&self, book: &'static str) -> BTreeMap<String, Line> {
        self.lines_within(book, (Timestamp::from_micros(i64::MIN), Timestamp::FOREVER))
    }

    /// The lines of a book from one instant until another.
    pub fn lines_within(&self, book: &'static str, between: (Timestamp, Timestamp)) -> BTreeMap<String, Line> {
        let mut lines: BTreeMap<String, Line> = BTreeMap::new();
        let within = between.0.micros()..between.1.micros();
        for (place, by) in self.iter().filter(|(place, _)| place.book == book && within.contains(&place.at)) {
            lines.entry(place.line.clone()).or_default().add(&place.measure, by);
        }
        lines
    }

    /// The lines of a book of days, each by its day.
    pub fn days(&self, book: &'static str) -> BTreeMap<(Timestamp, String), Line> {
        let mut lines: BTreeMap<(Timestamp, String), Line> = BTreeMap::new();
        for (place, by) in self.iter().filter(|(place, _)| place.book == book) {
            let at = Timestamp::from_micros(place.at);
            lines.entry((at, place.line.clone())).or_default().add(&place.measure, by);
        }
        lines
    }

    /// The lines of a book in each of the stretches between instants that rise.
    pub fn lines_each(&self, book: &'static str, bounds: &[Timestamp]) -> Vec<BTreeMap<String, Line>> {
        let mut lines = vec![BTreeMap::<String, Line>::new(); bounds.len().saturating_sub(1)];
        for (place, by) in self.iter().filter(|(place, _)| place.book == book) {
            let n = bounds.partition_point(|bound| bound.micros() <= place.at).checked_sub(1);
            if let Some(stretch) = n.and_then(|n| lines.get_mut(n)) {
                stretch.entry(place.line.clone()).or_default().add(&place.measure, by);
            }
        }
        lines
    }

    /// Appends what changed, in the transaction that changed it; nothing, if nothing did.
    pub async fn append(
        &self,
        txn: &impl ConnectionTrait,
        chance: &Chance,
        shop: ShopId,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        let written = self.write()?;
        if self.iter().next().is_none() {
            return Ok(());
        }
        let id = chance.uuid_of(Stream::Jitter, now);
        let row = change::ActiveModel { shop_id: Set(shop), id: Set(id), changes: Set(written) };
        change::Entity::insert(row).exec_without_returning(txn).await.map(drop)
    }

    fn write(&self) -> Result<String, DbErr> {
        let rows: Vec<(&Place, i64)> = self.iter().collect();
        serde_json::to_string(&rows).map_err(|error| DbErr::Json(error.to_string()))
    }

    /// Reads what was appended, and adds it.
    pub(super) fn take(&mut self, written: &str) -> Result<(), DbErr> {
        let rows: Vec<(Place, i64)> = serde_json::from_str(written).map_err(|error| DbErr::Json(error.to_string()))?;
        rows.into_iter().for_each(|(place, by)| self.add_to(place, by));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_what_evens_out_is_not_written() {
        let mut changes = Changes::default();
        let at = Timestamp::from_seconds(900 * 7 + 899);
        for (measure, by) in [("sent", 1), ("sent", 2), ("read", 1), ("read", -1)] {
            changes.add("messages", at, "a", measure, by);
        }
        let mut read = Changes::default();
        read.take(&changes.write().unwrap()).unwrap();
        let found: Vec<_> =
            read.iter().map(|(place, by)| (place.at, place.line.as_str(), place.measure.as_ref(), by)).collect();
        assert_eq!(found, [(7 * 900_000_000, "a", "sent", 3)]);
    }
}
