//! The standard policy, and what a policy says by its kinds.

use super::evidence::KINDS;
use super::policy::{DEFAULT, Pick, Policy, Veto, an_hour};

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

#[cfg(test)]
mod tests {
    use super::super::policy::words;
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
