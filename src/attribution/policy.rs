//! The rules by which evidence counts: versioned data, never code paths. The form is that of `recoup verify`.

use std::collections::BTreeMap;

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Deserializer, Serialize};

use super::kind::Kind;

/// Which kinds of evidence are looked at, how long each counts, and who wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name in the API: letters, digits, `-` and `_`.
    pub name: String,
    /// Raised by every change; receipts name it.
    #[serde(default = "first")]
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
    /// What an order is worth.
    #[serde(default)]
    pub basis: Basis,
    /// A checkout is abandoned this long after its last activity.
    #[serde(default = "an_hour")]
    pub abandoned_after_seconds: i64,
    /// What each kind may; a kind that is not here is not looked at.
    #[schema(value_type = std::collections::HashMap<String, Terms>)]
    pub kinds: BTreeMap<Kind, Terms>,
}

/// Which of the candidates that hold wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// The strongest kind, then the latest touch.
    #[default]
    Strongest,
    /// The latest touch, then the strongest kind.
    Latest,
}

/// Which kinds give way to a later click of another paid or owned channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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

/// What an order is worth (`measurement.md` §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Goods after discounts and returns; no tax, no shipping.
    #[default]
    NetSales,
    /// Net sales with shipping, taxes and duties.
    TotalSales,
}

/// Where the window of a kind begins, for the kinds that leave a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowClock {
    /// A code, from issue to its own end: the window is a grace after that.
    CodeLife,
    /// A code, from issue.
    Issued,
    /// From when the message was sent, else issued.
    Sent,
    /// A code, from issue and for ever: its window is ignored.
    Unlimited,
    /// From when the message was delivered.
    Delivered,
}

impl WindowClock {
    /// Its name, as policies write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CodeLife => "code_life",
            Self::Issued => "issued",
            Self::Sent => "sent",
            Self::Unlimited => "unlimited",
            Self::Delivered => "delivered",
        }
    }
}

/// What a kind of evidence may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "Told")]
pub struct Terms {
    /// Where its window begins, if not where that kind's usually does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<WindowClock>,
    /// How long it counts from where its clock starts; `null`: without limit.
    pub window_seconds: Option<i64>,
    /// Whether orders are credited to it; otherwise it is only told.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub credited: bool,
}

impl Terms {
    /// Credited for so long, from where its clock usually starts.
    pub const fn within(seconds: i64) -> Self {
        Self { clock: None, window_seconds: Some(seconds), credited: true }
    }

    /// The same, only told.
    pub const fn told(self) -> Self {
        Self { credited: false, ..self }
    }

    /// The same by another clock.
    pub const fn by(self, clock: WindowClock) -> Self {
        Self { clock: Some(clock), ..self }
    }
}

/// Terms as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    clock: Option<WindowClock>,
    #[serde(default, deserialize_with = "told")]
    window_seconds: Option<Option<i64>>,
    #[serde(default = "yes")]
    credited: bool,
}

/// A field that may be `null`, and is something else when it is left out.
fn told<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl TryFrom<Told> for Terms {
    type Error = &'static str;

    fn try_from(told: Told) -> Result<Self, Self::Error> {
        let Told { clock, window_seconds, credited } = told;
        match (window_seconds, clock) {
            (Some(window_seconds), _) => Ok(Self { clock, window_seconds, credited }),
            (None, Some(WindowClock::Unlimited)) => Ok(Self { clock, window_seconds: None, credited }),
            (None, _) => Err("`window_seconds` is missing; null says: without limit"),
        }
    }
}

const fn first() -> i32 {
    1
}

const fn yes() -> bool {
    true
}

pub(super) const fn an_hour() -> i64 {
    3_600
}

/// The name of the policy that needs no choosing.
pub const DEFAULT: &str = "default";

/// The longest window that is a number.
const LONGEST_WINDOW: i64 = 90 * 86_400;

/// A checkout is not called abandoned sooner; a longer wait than the window is no reminder.
const ABANDONED_AFTER: std::ops::RangeInclusive<i64> = 600..=LONGEST_WINDOW;

impl Policy {
    /// What is wrong with it, if anything: the field, and a sentence that says what to do.
    pub fn problem(&self) -> Option<(String, String)> {
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if self.name.is_empty() || self.name.len() > 60 || !self.name.chars().all(named) {
            return Some(("name".to_owned(), "Use 1 to 60 letters, digits, - and _.".to_owned()));
        }
        if !ABANDONED_AFTER.contains(&self.abandoned_after_seconds) {
            let problem = "A checkout is abandoned after 600 seconds at least, and 90 days at most.";
            return Some(("abandoned_after_seconds".to_owned(), problem.to_owned()));
        }
        self.kinds.iter().find_map(|(kind, terms)| {
            let field = |name: &str| format!("kinds.{}.{name}", kind.word());
            if terms.window_seconds.is_some_and(|window| !(0..=LONGEST_WINDOW).contains(&window)) {
                let problem = "Write 0 to 7776000 seconds (90 days), or null: without limit.";
                return Some((field("window_seconds"), problem.to_owned()));
            }
            let clocks = kind.rule().clocks;
            if terms.clock.is_some_and(|clock| !clocks.contains(&clock)) {
                let may = if clocks.is_empty() { "none".to_owned() } else { clock_words(clocks) };
                return Some((field("clock"), format!("Clocks of this kind: {may}.")));
            }
            None
        })
    }
}

fn clock_words(clocks: &[WindowClock]) -> String {
    let word = |clock: &WindowClock| serde_json::to_value(clock).ok().and_then(|word| Some(word.as_str()?.to_owned()));
    clocks.iter().filter_map(word).collect::<Vec<_>>().join(", ")
}

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
