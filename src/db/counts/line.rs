//! One line of a book, over the time that was asked about.

use std::collections::BTreeMap;

/// The measures of one line of a book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(BTreeMap<String, i64>);

impl Line {
    /// What a measure came to.
    pub fn of(&self, measure: &str) -> i64 {
        self.0.get(measure).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, measure: &str, by: i64) {
        match self.0.get_mut(measure) {
            Some(amount) => *amount += by,
            None => drop(self.0.insert(measure.to_owned(), by)),
        }
    }

    /// What another holds as well.
    pub fn extend(&mut self, other: Self) {
        other.0.into_iter().for_each(|(measure, by)| self.add(&measure, by));
    }

    /// Whether nothing is counted in it.
    pub(super) fn is_nothing(&self) -> bool {
        self.0.values().all(|amount| *amount == 0)
    }
}
