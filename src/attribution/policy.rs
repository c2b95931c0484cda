//! The rules by which evidence counts: versioned data, never code paths. The form is that of `recoup verify`.

use std::collections::BTreeMap;

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Deserializer, Serialize};

use super::kind::Kind;

/// Which kinds of evidence are looked at, how long each counts, and who wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name in the API.
    pub name: String,
    /// Raised by every change; receipts name it.
    pub version: i32,
    /// Which of the candidates that hold wins.
    #[serde(default)]
    pub pick: Pick,
    /// Which kinds give way to a later click of another channel.
    #[serde(default)]
    pub veto: Veto,
    /// Whether orders by somebody else than the code's recipient are credited.
    #[serde(default = "yes")]
    pub credit_shared: bool,
    /// A checkout is abandoned this long after its last activity.
    #[serde(default = "an_hour")]
    pub abandoned_after_seconds: i64,
    /// What each kind may; a kind that is not here is not looked at.
    pub kinds: BTreeMap<Kind, Terms>,
}

/// Which of the candidates that hold wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// The strongest kind, then the latest touch.
    #[default]
    Strongest,
    /// The latest touch, then the strongest kind.
    Latest,
}

/// Which kinds give way to a later click of another paid or owned channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Veto {
    /// Those that only name the person.
    #[default]
    Weak,
    /// Every kind.
    All,
    /// No kind.
    None,
}

/// What a kind of evidence may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// How long it counts from where its clock starts; `null`: without limit.
    #[serde(deserialize_with = "told")]
    pub window_seconds: Option<i64>,
}

/// A field that may be `null` but not left out.
fn told<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Option::deserialize(from)
}

const fn yes() -> bool {
    true
}

pub(super) const fn an_hour() -> i64 {
    3_600
}

/// The name of the policy that needs no choosing.
pub const DEFAULT: &str = "default";

/// A length of time in words: whole days, hours, minutes, else seconds.
pub(super) fn words(seconds: i64) -> String {
    let (count, unit) = match seconds {
        day if day % 86_400 == 0 => (day / 86_400, "day"),
        hours if hours % 3_600 == 0 => (hours / 3_600, "hour"),
        minutes if minutes % 60 == 0 => (minutes / 60, "minute"),
        seconds => (seconds, "second"),
    };
    match count {
        1 if unit == "hour" => "an hour".to_owned(),
        1 => format!("a {unit}"),
        count => format!("{count} {unit}s"),
    }
}
