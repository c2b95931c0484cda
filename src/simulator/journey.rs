//! What the pretend Shopify sees of visits to the store, and what it makes of them after an order.
//!
//! 1. A visit begins with a browser's first page, with a page whose address names a channel the last visit's did not,
//!    with a page of somebody else before it, or after half an hour of nothing.
//! 2. It knows a browser again for thirty days, where the shopper allows it; of others it tells no visits.
//! 3. A journey is ready some while after its order: mostly within the hour, sometimes much later, rarely never.

use crate::kernel::Timestamp;

use super::dice::{Luck, dice};

/// A visit as Shopify saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub id: i64,
    pub at: Timestamp,
    /// Path and query of the page it began on.
    pub landing: String,
    pub referrer: Option<String>,
}

/// How long a browser may be quiet within one visit.
const QUIET_SECONDS: i64 = 1_800;

/// How far back a journey reaches.
const REACH_SECONDS: i64 = 30 * 86_400;

/// Parameters by which an address names a channel.
const NAMES_A_CHANNEL: [&str; 12] =
    ["rcp", "gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid", "_kx", "mc_eid", "ref", "source", "srsltid"];

fn channel_of(page: &str) -> Vec<(String, String)> {
    let query = page.split_once('?').map_or("", |(_, query)| query);
    let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned();
    let mut named: Vec<(String, String)> =
        pairs.filter(|(name, _)| name.starts_with("utm_") || NAMES_A_CHANNEL.contains(&name.as_str())).collect();
    named.sort();
    named
}

/// The visits of one browser.
#[derive(Clone, Debug, Default)]
pub(super) struct Visits {
    pub all: Vec<Seen>,
    last_page_at: Option<Timestamp>,
}

impl Visits {
    /// A page is opened.
    pub fn opens(&mut self, page: &str, referrer: Option<&str>, now: Timestamp) {
        let quiet = self.last_page_at.is_none_or(|at| now.seconds_since(at) > QUIET_SECONDS);
        let named = channel_of(page);
        let elsewhere = self.all.last().is_none_or(|last| !named.is_empty() && channel_of(&last.landing) != named);
        if quiet || elsewhere || referrer.is_some() {
            let id = now.micros() + i64::try_from(self.all.len()).unwrap_or(0);
            self.all.push(Seen { id, at: now, landing: page.to_owned(), referrer: referrer.map(str::to_owned) });
        }
        self.last_page_at = Some(now);
    }

    /// What the same browser did before, or meanwhile.
    pub fn join(&mut self, others: &[Seen]) {
        self.all.extend_from_slice(others);
        self.all.sort_by_key(|seen| (seen.at, seen.id));
        self.all.dedup_by_key(|seen| seen.id);
    }

    /// Those a journey at this instant reaches.
    pub fn within_reach(&self, now: Timestamp) -> Vec<Seen> {
        self.all.iter().filter(|seen| now.seconds_since(seen.at) <= REACH_SECONDS).cloned().collect()
    }
}

/// How long after an order its journey is ready.
pub(super) fn takes_seconds(seed: u64, order: i64) -> i64 {
    let mut luck = dice(seed, "journey", order.unsigned_abs());
    match luck.between(0, 99) {
        0..85 => luck.between(300, 3_000),
        85..98 => luck.between(2 * 3_600, 12 * 3_600),
        _ => 90 * 86_400,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_a_reload_and_a_click_around_are_one_visit() {
        let begin = Timestamp::from_seconds(1_795_000_000);
        let mut visits = Visits::default();
        for (seconds, page, referrer) in [
            (0, "/discount/A?redirect=/sale&rcp=1&utm_source=whatsapp", None),
            (0, "/sale?rcp=1&utm_source=whatsapp", None),
            (60, "/products/x", None),
            (120, "/?gclid=1", Some("https://www.google.com/")),
            (180, "/?gclid=1", None),
            (240, "/cart", None),
            (240 + 1_801, "/cart", None),
        ] {
            visits.opens(page, referrer, begin.plus_seconds(seconds));
        }
        let seen: Vec<i64> = visits.all.iter().map(|seen| seen.at.seconds_since(begin)).collect();
        assert_eq!(seen, [0, 120, 2_041]);
        let again = visits.all.clone();
        visits.join(&again);
        assert_eq!(visits.all, again);
        assert_eq!(visits.within_reach(begin.plus_seconds(REACH_SECONDS + 60)).len(), 2);
    }
}
