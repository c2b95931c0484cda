//! Time as one integer, and the one place that may ask what time it is.
//!
//! 1. A [`Timestamp`] is microseconds since 1970-01-01 UTC: the same arithmetic in Rust, SQLite and PostgreSQL.
//! 2. Years 1 to 9999 are what a calendar shows here: whatever is told or computed beyond is shown as the end of them, and
//!    no text beyond is read. No arithmetic overflows.
//! 3. A [`Day`] is a day number in some zone, computed in the program, never by a database.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, TimeZone, Utc};
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

    /// The local day and time of this instant in a zone, to the minute.
    pub fn minute(self, zone: Tz) -> String {
        self.utc().with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
    }

    fn utc(self) -> DateTime<Utc> {
        let shown = self.0.clamp(FIRST_SHOWN.0, LAST_SHOWN.0);
        DateTime::from_timestamp_micros(shown).unwrap_or_default()
    }
}

/// The first and the last instant that a calendar shows: a day of other zones inside the years 1 to 9999.
const FIRST_SHOWN: Timestamp = Timestamp::from_seconds(-62_135_510_400);
const LAST_SHOWN: Timestamp = Timestamp::from_seconds(253_402_214_400);

/// The first and the last day that a calendar shows: 0001-01-01 and 9999-12-31.
const FIRST_DAY: i32 = -719_162;
const LAST_DAY: i32 = 2_932_896;

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

    /// Reads `YYYY-MM-DD`, with four digits of a year from 1 on.
    pub fn parse(text: &str) -> Option<Self> {
        let written = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let day = text.parse::<NaiveDate>().ok().filter(|_| written).map(Self::from_date)?;
        (FIRST_DAY..=LAST_DAY).contains(&day.0).then_some(day)
    }

    /// The first instant of this day in a zone (a day may be 23 or 25 hours long).
    pub fn start(self, zone: Tz) -> Timestamp {
        self.at_hour(zone, 0)
    }

    /// When an hour of this day begins in a zone. One that is skipped begins at the first minute that exists; one that
    /// comes twice is the first of the two.
    pub fn at_hour(self, zone: Tz, hour: u32) -> Timestamp {
        let hour = self.date().and_hms_opt(hour, 0, 0).unwrap_or_default();
        (0..180)
            .find_map(|m| zone.from_local_datetime(&(hour + chrono::Duration::minutes(m))).earliest())
            .map_or(Timestamp(hour.and_utc().timestamp_micros()), |t| Timestamp(t.timestamp_micros()))
    }

    /// The next day.
    pub const fn next(self) -> Self {
        self.plus(1)
    }

    /// This day moved by whole days (negative: back).
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The first day of its month.
    pub fn month(self) -> Self {
        let date = self.date();
        Self::from_date(date.with_day(1).unwrap_or(date))
    }

    /// How many months its month lies after the month of another day; negative: before.
    pub fn months_after(self, other: Self) -> i32 {
        let months = |day: Self| day.date().year() * 12 + day.date().month0() as i32;
        months(self) - months(other)
    }

    /// The first day of the month so many months later; negative: before.
    pub fn plus_months(self, months: i32) -> Self {
        let first = self.month().date();
        let span = chrono::Months::new(months.unsigned_abs());
        let moved = if months < 0 { first.checked_sub_months(span) } else { first.checked_add_months(span) };
        Self::from_date(moved.unwrap_or(first))
    }

    fn date(self) -> NaiveDate {
        // One beyond the last is the end of the last.
        let shown = self.0.clamp(FIRST_DAY, LAST_DAY + 1);
        NaiveDate::default() + chrono::Duration::days(shown.into())
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
    fn months_are_counted_by_the_calendar() {
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(day("2026-03-31").month(), day("2026-03-01"));
        assert_eq!(day("2026-01-01").months_after(day("2025-12-31")), 1);
        assert_eq!(day("2025-02-28").months_after(day("2026-02-01")), -12);
        assert_eq!(
            (day("2026-01-31").plus_months(-11), day("2026-12-31").plus_months(2)),
            (day("2025-02-01"), day("2027-02-01"))
        );
    }

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
    fn far_away_is_the_end_of_the_calendar_and_nothing_overflows() {
        for text in ["+262142-12-31", "-262143-01-01", "0000-01-01", "-001-01-01", "10000-01-01", "2026-1-01"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        let zones = [chrono_tz::Pacific::Kiritimati, chrono_tz::Etc::GMTPlus12, chrono_tz::Europe::Vienna];
        for zone in zones {
            for text in ["0001-01-01", "9999-12-31"] {
                let day = Day::parse(text).unwrap();
                assert!(day.start(zone) < day.next().start(zone) && day.plus(-1) < day, "{text}");
                assert_eq!(day.to_string(), text);
            }
            for at in [i64::MIN, i64::MIN + 1, 8_210_298_412_799_000_000, i64::MAX] {
                let at = Timestamp::from_micros(at);
                let day = at.day(zone);
                assert!(Timestamp::parse(&at.to_string()).is_some() && Day::parse(&day.to_string()).is_some(), "{at}");
            }
            for day in [i32::MIN, i32::MAX] {
                let day = Day(day);
                assert!(day.plus(i32::MIN).start(zone) <= day.plus(i32::MAX).next().start(zone), "{day}");
            }
        }
    }

    #[test]
    fn days_are_local_and_may_be_short() {
        let zone = chrono_tz::Europe::Vienna;
        let spring = Day::parse("2026-03-29").unwrap();
        assert_eq!(spring.next().start(zone).seconds_since(spring.start(zone)), 23 * 3600);
        assert_eq!(Timestamp::parse("2026-03-28T23:30:00Z").unwrap().day(zone), spring);
        assert_eq!(spring.to_string(), "2026-03-29");
        let autumn = Day::parse("2026-10-25").unwrap();
        let at = |day: Day, hour| day.at_hour(zone, hour).to_string();
        assert_eq!((at(spring, 2), at(spring, 3)), ("2026-03-29T01:00:00Z".into(), "2026-03-29T01:00:00Z".into()));
        assert_eq!((at(autumn, 2), at(autumn, 3)), ("2026-10-25T00:00:00Z".into(), "2026-10-25T02:00:00Z".into()));
    }
}
