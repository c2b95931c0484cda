//! Time as one integer, and the one place that may ask what time it is.
//!
//! 1. A [`Timestamp`] is microseconds since 1970-01-01 UTC: the same arithmetic in Rust, SQLite and PostgreSQL.
//! 2. A [`Day`] is a day number in some zone, computed in the program, never by a database.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use sea_orm::DeriveValueType;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant: microseconds since the Unix epoch, UTC. In JSON an RFC 3339 string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Later than every instant that can happen: the open end of a validity.
    pub const FOREVER: Timestamp = Timestamp(i64::MAX);

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch (what WhatsApp and JWTs speak).
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This instant moved by whole seconds (negative: back).
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Seconds from `earlier` to this instant, rounded down; negative when `earlier` is later.
    pub const fn seconds_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(1_000_000)
    }

    /// Reads RFC 3339 with any offset and any number of sub-second digits (cut to microseconds).
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text.trim()).ok().map(|t| Self(t.timestamp_micros()))
    }

    /// The local day of this instant in a zone.
    pub fn day(self, zone: Tz) -> Day {
        let local = self.utc().with_timezone(&zone).date_naive();
        Day::from_date(local)
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }
}

// The entity macro takes any type called `Timestamp` for a date and asks for this of what it is compared with.
impl sea_orm::sea_query::DateTimeLikeValue for Timestamp {}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let form = if self.0 % 1_000_000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Micros };
        f.write_str(&self.utc().to_rfc3339_opts(form, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("expected an RFC 3339 instant such as 2026-11-22T10:00:00Z"))
    }
}

/// A calendar day as the number of days since 1970-01-01, in a zone the holder knows. In JSON `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Day(pub i32);

impl Day {
    /// From a calendar date.
    pub fn from_date(date: NaiveDate) -> Self {
        Self((date - NaiveDate::default()).num_days() as i32)
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<NaiveDate>().ok().map(Self::from_date)
    }

    /// The first instant of this day in a zone (a day may be 23 or 25 hours long).
    pub fn start(self, zone: Tz) -> Timestamp {
        let midnight = self.date().and_hms_opt(0, 0, 0).unwrap_or_default();
        // A zone may skip midnight itself; then the day begins at the first minute that exists.
        (0..180)
            .find_map(|m| zone.from_local_datetime(&(midnight + chrono::Duration::minutes(m))).earliest())
            .map_or(Timestamp(midnight.and_utc().timestamp_micros()), |t| Timestamp(t.timestamp_micros()))
    }

    /// The next day.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    fn date(self) -> NaiveDate {
        NaiveDate::default() + chrono::Duration::days(self.0.into())
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.date())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// Where `now` comes from. Read once at the edge and handed down as a plain value.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until somebody moves it; clones share the hand.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows `at` until it is moved.
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.0)))
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one lawful place that asks the machine")]
            Self::System => Timestamp(Utc::now().timestamp_micros()),
            Self::Manual(hand) => Timestamp(hand.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock forward to `at`; never back. The machine's clock is left alone.
    pub fn advance_to(&self, at: Timestamp) {
        if let Self::Manual(hand) = self {
            hand.fetch_max(at.0, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_offset_and_prints_utc() {
        let t = Timestamp::parse("2021-12-31T19:00:00-05:00").unwrap();
        assert_eq!(t.to_string(), "2022-01-01T00:00:00Z");
        assert_eq!(
            Timestamp::parse("2026-11-21T23:59:58.123456789Z").unwrap().to_string(),
            "2026-11-21T23:59:58.123456Z"
        );
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn days_are_local_and_may_be_short() {
        let zone = chrono_tz::Europe::Vienna;
        let spring = Day::parse("2026-03-29").unwrap();
        assert_eq!(spring.next().start(zone).seconds_since(spring.start(zone)), 23 * 3600);
        assert_eq!(Timestamp::parse("2026-03-28T23:30:00Z").unwrap().day(zone), spring);
        assert_eq!(spring.to_string(), "2026-03-29");
    }
}
