//! The signs of a hit, as the door sees them, in a few bits.

use super::agents::who;
use super::reason::Reason;

/// What was seen, one bit each. `HEAD` is the lowest, so that reports can leave such hits out of the raw count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs(pub i32);

impl Signs {
    /// Asked with HEAD.
    pub const HEAD: i32 = 1;
    /// A header says that it is fetched in advance or for a preview.
    pub const PREFETCH: i32 = 2;
    /// `Sec-Fetch-…` says that no window was opened with it.
    pub const NOT_NAVIGATION: i32 = 4;
    /// No `User-Agent`.
    pub const NO_AGENT: i32 = 8;
    /// The signs were let go: the verdict stands as it was.
    pub const GONE: i32 = 16;
    /// Sent on with the code applied.
    pub const WITH_CODE: i32 = 32;
    /// The code had run out.
    pub const EXPIRED: i32 = 64;
    /// Came from a network of a data centre, by the lists this node was given.
    pub const DATA_CENTRE: i32 = 128;
    /// Its source opened many links of the shop.
    pub const MANY_LINKS: i32 = 256;

    /// Whether a bit is set.
    pub const fn has(self, bit: i32) -> bool {
        self.0 & bit != 0
    }
}

/// What the door hands over: how it was asked, and how it answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Asked with HEAD.
    pub head: bool,
    /// Sent on with the code applied.
    pub with_code: bool,
    /// The link's code had run out.
    pub expired: bool,
    /// From a network of a data centre.
    pub data_centre: bool,
    /// Its source opened many links of the shop.
    pub many_links: bool,
}

/// The headers that announce a fetch nobody asked for. `Sec-Purpose` is the standard's; the others came before it.
const PURPOSE: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// Every header a verdict reads.
pub const HEADERS: [&str; 7] =
    [PURPOSE[0], PURPOSE[1], PURPOSE[2], PURPOSE[3], "sec-fetch-mode", "sec-fetch-dest", "user-agent"];

impl Signs {
    /// Reads a request's headers, which are among [`HEADERS`].
    pub fn read<'a>(seen: Seen, header: impl Fn(&str) -> Option<&'a str>) -> Self {
        let early = |value: &str| {
            let value = value.to_ascii_lowercase();
            ["prefetch", "prerender", "preview"].iter().any(|word| value.contains(word))
        };
        let not =
            |name: &str, wanted: &str| header(name).is_some_and(|value| !value.trim().eq_ignore_ascii_case(wanted));
        let bits = [
            (seen.head, Self::HEAD),
            (PURPOSE.into_iter().filter_map(&header).any(early), Self::PREFETCH),
            (not("sec-fetch-mode", "navigate") || not("sec-fetch-dest", "document"), Self::NOT_NAVIGATION),
            (header("user-agent").is_none_or(|agent| agent.trim().is_empty()), Self::NO_AGENT),
            (seen.with_code, Self::WITH_CODE),
            (seen.expired, Self::EXPIRED),
            (seen.data_centre, Self::DATA_CENTRE),
            (seen.many_links, Self::MANY_LINKS),
        ];
        Self(bits.into_iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum())
    }
}

/// Browsers that fetch pages through their maker's data centre, though a person taps: Amazon's Silk, Opera Mini, UC Browser
/// and Puffin say so in their own help pages.
const CLOUD_BROWSERS: [&str; 4] = ["Silk/", "Opera Mini", "UCBrowser", "Puffin/"];

/// What the signs alone speak against a person, strongest first.
pub(super) fn reasons(signs: Signs, agent: Option<&str>) -> Vec<Reason> {
    let bits = [
        (Signs::HEAD, Reason::Head),
        (Signs::PREFETCH, Reason::Prefetch),
        (Signs::NO_AGENT, Reason::NoAgent),
        (Signs::NOT_NAVIGATION, Reason::NotNavigation),
        (Signs::MANY_LINKS, Reason::ManyLinks),
    ];
    let mut found: Vec<Reason> =
        bits.into_iter().filter(|(bit, _)| signs.has(*bit)).map(|(_, reason)| reason).collect();
    found.extend(agent.and_then(who).map(|agent| agent.reason));
    let by_cloud = |agent: &str| CLOUD_BROWSERS.iter().any(|name| agent.contains(name));
    if signs.has(Signs::DATA_CENTRE) && !agent.is_some_and(by_cloud) {
        found.push(Reason::DataCentre);
    }
    found.sort();
    found
}
