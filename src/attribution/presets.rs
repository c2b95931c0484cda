//! How others count, as policies: our reading of what their public pages say, with the page and the day it was read. What a
//! row leaves out is as in the standard policy.

use std::collections::BTreeMap;

use super::kind::Kind;
use super::policy::{Pick, Policy, Terms, Veto, WindowClock};

/// A named way of counting that is not ours.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name in the API.
    pub name: &'static str,
    /// Whose way it is.
    pub vendor: &'static str,
    /// What it says, in a sentence.
    pub says: &'static str,
    /// The pages it was read from.
    pub sources: &'static [&'static str],
    /// The day they were read.
    pub read_on: &'static str,
    pick: Pick,
    veto: Veto,
    kinds: &'static [(Kind, Terms)],
}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// The three kinds that rest on a click, within so many seconds.
const fn clicks(seconds: i64) -> [(Kind, Terms); 3] {
    let terms = Terms::within(seconds);
    [(Kind::ClickAttribute, terms), (Kind::ClickSession, terms), (Kind::PersonClick, terms)]
}

const DAY_OF_CLICKS: [(Kind, Terms); 3] = clicks(DAY);
const FIVE_DAYS: [(Kind, Terms); 3] = clicks(5 * DAY);
const WEEK: [(Kind, Terms); 3] = clicks(7 * DAY);

/// Every preset, by name.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "attentive",
        vendor: "Attentive",
        says: "A code counts however late, a click for five days, a delivered message for one day; the latest of them wins.",
        sources: &["https://help.attentivemobile.com/hc/en-us/articles/7050482152212"],
        read_on: "2026-11-29",
        pick: Pick::Latest,
        veto: Veto::None,
        kinds: &[
            (Kind::RedeemCode, Terms { clock: Some(WindowClock::Unlimited), window_seconds: None, credited: true }),
            FIVE_DAYS[0],
            FIVE_DAYS[1],
            FIVE_DAYS[2],
            (Kind::PersonDelivered, Terms::within(DAY)),
        ],
    },
    Preset {
        name: "charles",
        vendor: "charles",
        says: "The last action within five days wins; a code counts for five days.",
        sources: &[
            "https://help.hello-charles.com/en/articles/206584-understanding-charles-revenue-attribution",
            "https://help.hello-charles.com/en/articles/388733-attribution-configuration",
        ],
        read_on: "2026-11-29",
        pick: Pick::Latest,
        veto: Veto::None,
        kinds: &[
            (Kind::RedeemCode, Terms::within(5 * DAY).by(WindowClock::Issued)),
            FIVE_DAYS[0],
            FIVE_DAYS[1],
            FIVE_DAYS[2],
        ],
    },
    Preset {
        name: "chatarmin",
        vendor: "Chatarmin",
        says: "A code counts for 24 hours from sending, a click for 24 hours from the click.",
        sources: &["https://help.chatarmin.com/en/articles/153404-revenue-attribution-in-chatarmin"],
        read_on: "2026-11-29",
        pick: Pick::Strongest,
        veto: Veto::None,
        kinds: &[
            (Kind::RedeemCode, Terms::within(DAY).by(WindowClock::Sent)),
            DAY_OF_CLICKS[0],
            DAY_OF_CLICKS[1],
            DAY_OF_CLICKS[2],
        ],
    },
    Preset {
        name: "hellotext",
        vendor: "Hellotext",
        says: "A message counts for 24 hours from sending, a click for seven days; a later tracked click of another channel cancels it.",
        sources: &["https://help.hellotext.com/how-we-attribute-sales"],
        read_on: "2026-11-29",
        pick: Pick::Latest,
        veto: Veto::All,
        kinds: &[WEEK[0], WEEK[1], WEEK[2], (Kind::PersonDelivered, Terms::within(DAY).by(WindowClock::Sent))],
    },
    Preset {
        name: "klaviyo",
        vendor: "Klaviyo",
        says: "A WhatsApp click counts for five days, a read message for 12 hours; the latest of them wins.",
        sources: &[
            "https://help.klaviyo.com/hc/en-us/articles/28413442705435",
            "https://help.klaviyo.com/hc/en-us/articles/1260804504250-Understanding-Klaviyo-message-attribution",
        ],
        read_on: "2026-11-29",
        pick: Pick::Latest,
        veto: Veto::None,
        kinds: &[FIVE_DAYS[0], FIVE_DAYS[1], FIVE_DAYS[2], (Kind::PersonRead, Terms::within(12 * HOUR))],
    },
    Preset {
        name: "postscript",
        vendor: "Postscript",
        says: "A click counts for seven days, a received message for 24 hours.",
        sources: &["https://help.postscript.io/hc/en-us/articles/4402883425051-Customize-Your-Attribution-Windows"],
        read_on: "2026-11-29",
        pick: Pick::Latest,
        veto: Veto::None,
        kinds: &[WEEK[0], WEEK[1], WEEK[2], (Kind::PersonDelivered, Terms::within(DAY))],
    },
    Preset {
        name: "strict",
        vendor: "Recoup",
        says: "Only what names the message itself: its code, its checkout, a click id on the cart.",
        sources: &[],
        read_on: "2026-11-29",
        pick: Pick::Strongest,
        veto: Veto::Weak,
        kinds: &[
            (Kind::RedeemCode, Terms::within(DAY).by(WindowClock::CodeLife)),
            (Kind::Checkout, Terms::within(5 * DAY)),
            FIVE_DAYS[0],
        ],
    },
];

/// The preset of a name.
pub fn named(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

impl Preset {
    /// Its policy.
    pub fn policy(&self) -> Policy {
        let kinds: BTreeMap<Kind, Terms> = self.kinds.iter().copied().collect();
        Policy { name: self.name.to_owned(), version: 1, pick: self.pick, veto: self.veto, kinds, ..Policy::standard() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_sound_policies_under_names_of_their_own() {
        assert!(PRESETS.is_sorted_by(|one, next| one.name < next.name));
        for preset in PRESETS {
            let policy = preset.policy();
            assert_eq!(policy.problem(), None, "{}", preset.name);
            assert_eq!(policy.kinds.len(), preset.kinds.len());
            let text = serde_json::to_string(&policy).unwrap();
            assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), policy);
            assert!(preset.vendor == "Recoup" || !preset.sources.is_empty());
        }
        let strict = named("strict").unwrap().policy();
        assert!(strict.kinds.iter().all(|(kind, terms)| Policy::standard().kinds.get(kind) == Some(terms)));
    }
}
