//! How a period's indicators are divided, and what each part is called.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr, QuerySelect};
use serde::{Deserialize, Serialize};

use super::sums::{Parts, Stretches, Sums};
use crate::campaigns::{CampaignColumn, CampaignId, Campaigns, LinkTerms, TO_CHECKOUT};
use crate::kernel::Day;
use crate::kernel::id::ShopId;
use crate::reports::period::Period;

/// How indicators are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KpiBy)]
pub enum By {
    /// Days.
    Day,
    /// The months in which messages were made.
    Month,
    /// Campaigns.
    Campaign,
    /// Campaigns with the same word for their message (`link.message`).
    Template,
    /// Steps of conversations (`link.step`).
    Step,
    /// Where links lead (`link.destination`).
    Link,
    /// The discounts of one campaign's codes: one for each expiry slot of its offer.
    Code,
}

impl By {
    /// What a group is of, in words.
    pub(super) const fn definition(self) -> &'static str {
        match self {
            Self::Day => "Messages by the day on which they were made, orders by the day on which they were placed.",
            Self::Month => {
                "Messages by the month in which they were made, and the period's orders by the month of the message they go back to; those that go back to a message made before the period, or to one that is gone, are in the group `earlier`."
            }
            Self::Campaign => "Messages by their campaign; orders by the campaign of the message they go back to.",
            Self::Template => {
                "Messages by their campaign's own word for its message; orders by that of the message they go back to. The empty key is of campaigns without one."
            }
            Self::Step => {
                "Messages by their campaign's own word for the step of a conversation; orders by that of the message they go back to. The empty key is of campaigns without one."
            }
            Self::Link => {
                "Messages by where their campaign's links lead today; orders by that of the message they go back to."
            }
            Self::Code => {
                "Messages by the discount of their code, of which there is one for each expiry slot of an offer; orders by that of the message they go back to. The empty key is of messages without a code."
            }
        }
    }

    /// Whether groups follow one another in time.
    const fn in_time(self) -> bool {
        matches!(self, Self::Day | Self::Month)
    }

    /// How many groups are told at once: a year of days, or as many as anybody reads.
    const fn page(self) -> usize {
        if self.in_time() { 366 } else { 100 }
    }

    /// The stretches it takes.
    pub(super) fn stretches(self, period: &Period) -> Stretches {
        let end = period.to.next();
        let firsts: Vec<Day> = match self {
            Self::Day => (period.from.0..end.0).map(Day).collect(),
            Self::Month => {
                let months = (1..=end.months_after(period.from.month())).map(|n| period.from.month().plus_months(n));
                [period.from].into_iter().chain(months.filter(|first| *first < end)).collect()
            }
            _ => return Stretches::whole(period),
        };
        Stretches { days: firsts.into_iter().chain([end]).collect(), by_message: self == Self::Month }
    }
}

/// What is known of campaigns, by which their messages are told apart.
pub(super) struct Words(BTreeMap<CampaignId, (String, LinkTerms)>);

impl Words {
    /// Of all of a shop's.
    pub(super) async fn read(db: &impl ConnectionTrait, shop: ShopId) -> Result<Self, DbErr> {
        use CampaignColumn::{Id, Link, Name};
        let select = Campaigns::of(shop).select_only().columns([Id, Name, Link]);
        let found: Vec<(CampaignId, String, LinkTerms)> = select.into_tuple().all(db).await?;
        Ok(Self(found.into_iter().map(|(id, name, link)| (id, (name, link))).collect()))
    }

    /// Campaigns with these words.
    pub(super) fn with(&self, template: Option<&str>, step: Option<&str>) -> BTreeSet<CampaignId> {
        let same = |asked: Option<&str>, word: &str| asked.is_none_or(|asked| asked == word);
        let with = |link: &LinkTerms| same(template, link.template_word()) && same(step, link.step_word());
        self.0.iter().filter(|(_, (_, link))| with(link)).map(|(id, _)| *id).collect()
    }

    /// The key of a campaign's group, and its name.
    fn of(&self, by: By, campaign: CampaignId) -> (String, String) {
        let Some((name, link)) = self.0.get(&campaign) else {
            let key = if by == By::Campaign { campaign.to_string() } else { String::new() };
            return (key, "A campaign that is gone".to_owned());
        };
        let word = |word: &str, none: &str| (word.to_owned(), if word.is_empty() { none } else { word }.to_owned());
        match by {
            By::Template => word(link.template_word(), "Without a word for the message"),
            By::Step => word(link.step_word(), "Without a step"),
            By::Link if link.destination == TO_CHECKOUT => (TO_CHECKOUT.to_owned(), "Back to the checkout".to_owned()),
            By::Link => word(&link.destination, "Without a destination"),
            By::Day | By::Month | By::Campaign | By::Code => (campaign.to_string(), name.clone()),
        }
    }
}

/// Where a group stands among the others: in time, or those with the most messages first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(Reverse<i64>, String);

impl Position {
    /// Reads a `next_cursor`.
    pub fn parse(text: &str) -> Option<Self> {
        let (messages, key) = text.split_once('.')?;
        Some(Self(Reverse(messages.parse().ok()?), key.to_owned()))
    }

    pub(super) fn written(&self) -> String {
        format!("{}.{}", self.0.0, self.1)
    }
}

/// A group.
pub(super) struct Group {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) sums: Sums,
    pub(super) position: Position,
}

/// Groups by their keys, each with its name.
pub(super) type Groups = BTreeMap<String, (String, Sums)>;

/// Gathers what was read by campaign and stretch.
pub(super) fn gather((by, stretches): (By, &Stretches), parts: &Parts, words: &Words) -> Groups {
    let firsts = &stretches.days[..stretches.days.len() - 1];
    let mut groups = Groups::new();
    if by.in_time() {
        // Those in which nothing happened too.
        for first in firsts {
            let (key, name) = in_time(by, Some(*first));
            groups.insert(key, (name, Sums::default()));
        }
    }
    for ((n, campaign), sums) in parts {
        let (key, name) = if by.in_time() { in_time(by, firsts.get(*n).copied()) } else { words.of(by, *campaign) };
        groups.entry(key).or_insert_with(|| (name, Sums::default())).1.add(sums);
    }
    groups
}

/// A page of groups after a position, and the position of its last if there are more.
pub(super) fn page(by: By, groups: Groups, after: Option<&Position>) -> (Vec<Group>, Option<Position>) {
    let mut groups: Vec<Group> = groups
        .into_iter()
        .map(|(key, (name, sums))| {
            let place = if key == EARLIER { String::new() } else { key.clone() };
            let position = Position(Reverse(if by.in_time() { 0 } else { sums.messages }), place);
            Group { key, name, sums, position }
        })
        .filter(|group| after.is_none_or(|after| group.position > *after))
        .collect();
    groups.sort_by(|one, other| one.position.cmp(&other.position));
    let more = groups.len() > by.page();
    groups.truncate(by.page());
    let next = groups.last().filter(|_| more).map(|last| last.position.clone());
    (groups, next)
}

/// The key of what goes back to messages made before the period.
const EARLIER: &str = "earlier";

fn in_time(by: By, first: Option<Day>) -> (String, String) {
    let Some(first) = first else { return (EARLIER.to_owned(), "Messages made before".to_owned()) };
    let key: String = first.to_string().chars().take(if by == By::Month { 7 } else { 10 }).collect();
    (key.clone(), key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        for key in ["", "/collections/sale?a=1.5", "2026-11"] {
            let position = Position(Reverse(12), key.to_owned());
            assert_eq!(Position::parse(&position.written()), Some(position));
        }
        assert_eq!(Position::parse("x.y"), None);
    }

    #[test]
    fn more_messages_come_first_and_days_in_their_order() {
        let at = |messages, key: &str| Position(Reverse(messages), key.to_owned());
        assert!(at(5, "b") < at(4, "a") && at(4, "a") < at(4, "b") && at(0, "") < at(0, "2026-11"));
    }
}
