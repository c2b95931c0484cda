//! The rules by which evidence counts: versioned data, never code paths. The form is that of `recoup verify`.

use std::collections::BTreeMap;

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Deserializer, Serialize};

use super::evidence::{KINDS, Kind};

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

const fn an_hour() -> i64 {
    3_600
}

/// The name of the policy that needs no choosing.
pub const DEFAULT: &str = "default";

impl Policy {
    /// The defaults of `measurement.md` §3.
    pub fn standard() -> Self {
        Self {
            name: DEFAULT.to_owned(),
            version: 3,
            pick: Pick::Strongest,
            veto: Veto::Weak,
            credit_shared: true,
            abandoned_after_seconds: an_hour(),
            kinds: KINDS.iter().map(|rule| (rule.kind, rule.terms)).collect(),
        }
    }

    /// How far before an order taps on links may lie that touch it: the longest window of a kind that rests on taps.
    /// `None`: without limit.
    pub fn taps_count_seconds(&self) -> Option<i64> {
        let of_taps = KINDS.iter().filter(|rule| rule.of_taps).filter_map(|rule| self.kinds.get(&rule.kind));
        of_taps.map(|terms| terms.window_seconds).try_fold(0, |longest, window| Some(window?.max(longest)))
    }

    /// What ties an order to a message under it, after "The order": the clauses of its kinds.
    pub fn ties(&self) -> String {
        let clauses = KINDS.iter().filter_map(|rule| Some((rule.clause)(self.kinds.get(&rule.kind)?)));
        let mut clauses: Vec<String> = clauses.collect();
        let last = clauses.pop().unwrap_or_else(|| "is never tied to a message".to_owned());
        if clauses.is_empty() { last } else { format!("{}, or {last}", clauses.join(", ")) }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_a_document_and_says_what_it_looks_at() {
        let standard = Policy::standard();
        let text = serde_json::to_string(&standard).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), standard);
        assert!(standard.ties().ends_with("or was placed by a recipient within a day of tapping it"));
        assert_eq!(standard.taps_count_seconds(), Some(5 * 86_400));

        let short = r#"{"name": "clicks", "version": 1, "kinds": {"click_session": {"window_seconds": null}}}"#;
        let clicks: Policy = serde_json::from_str(short).unwrap();
        assert_eq!((clicks.taps_count_seconds(), clicks.veto, clicks.credit_shared), (None, Veto::Weak, true));
        for wrong in [
            r#"{"name": "x", "version": 1, "kinds": {"click_session": {}}}"#,
            r#"{"name": "x", "version": 1, "kinds": {"hearsay": {"window_seconds": 1}}}"#,
            r#"{"name": "x", "version": 1, "kinds": {}, "windows": 3}"#,
        ] {
            assert!(serde_json::from_str::<Policy>(wrong).is_err(), "{wrong}");
        }
        assert_eq!((words(86_400), words(7_200), words(90)), ("a day".into(), "2 hours".into(), "90 seconds".into()));
    }
}
