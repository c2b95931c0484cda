//! The standard policy, and what a policy says by its kinds.

use super::evidence::{KINDS, Kind, Rule};
use super::policy::{Basis, DEFAULT, Pick, Policy, Veto, an_hour};

impl Policy {
    /// The defaults of `measurement.md` §3.
    pub fn standard() -> Self {
        Self {
            name: DEFAULT.to_owned(),
            version: 4,
            pick: Pick::Strongest,
            veto: Veto::Weak,
            credit_shared: true,
            basis: Basis::NetSales,
            abandoned_after_seconds: an_hour(),
            kinds: KINDS.iter().map(|rule| (rule.kind, rule.terms)).collect(),
        }
    }

    /// The standard as it was: reports can still be asked for what it said.
    pub fn earlier_standard(version: i32) -> Option<Self> {
        if version == Self::standard().version {
            return Some(Self::standard());
        }
        let before = [Kind::RedeemCode, Kind::ClickAttribute, Kind::ClickSession, Kind::PersonClick];
        let mut policy = Self { version, ..Self::standard() };
        policy.kinds.retain(|kind, _| before.contains(kind));
        (version == 3).then_some(policy)
    }

    /// What ties an order to a message under it, after "The order": the clauses of its kinds.
    pub fn ties(&self) -> String {
        let credited = |rule: &&&Rule| self.kinds.get(&rule.kind).is_some_and(|terms| terms.credited);
        let clauses = KINDS.iter().filter(credited).filter_map(|rule| Some((rule.clause)(self.kinds.get(&rule.kind)?)));
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
        assert_eq!(standard.problem(), None);

        let short = r#"{"name": "clicks", "version": 1, "kinds": {"click_session": {"window_seconds": null}}}"#;
        let clicks: Policy = serde_json::from_str(short).unwrap();
        assert_eq!((clicks.basis, clicks.veto, clicks.credit_shared), (Basis::NetSales, Veto::Weak, true));
        assert!(clicks.kinds.values().all(|terms| terms.credited && terms.window_seconds.is_none()));
        for (wrong, field) in [
            (r#"{"name": "a b", "version": 1, "kinds": {}}"#, "name"),
            (r#"{"name": "x", "kinds": {"checkout": {"window_seconds": 7776001}}}"#, "kinds.checkout.window_seconds"),
            (r#"{"name": "x", "kinds": {"checkout": {"window_seconds": 1, "clock": "sent"}}}"#, "kinds.checkout.clock"),
            (r#"{"name": "x", "kinds": {}, "abandoned_after_seconds": 599}"#, "abandoned_after_seconds"),
        ] {
            let problem = serde_json::from_str::<Policy>(wrong).unwrap().problem();
            assert_eq!(problem.map(|(field, _)| field).as_deref(), Some(field), "{wrong}");
        }
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
