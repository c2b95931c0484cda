//! What hits count as by when they came, beside [`super::counted`], which counts them by when their link was made: in one
//! book by the quarter of an hour, in two by the shop's day, of all campaigns together and of each.
//!
//! What was counted of a link is kept in short words beside it: quarter, whose, why, how many, with the code, too late.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::{Reason, Signs};
use crate::campaigns::CampaignId;
use crate::db::counts::{self, Changes, QUARTER, at_day};
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};
use crate::links::click::{Column, Entity, with_sign};
use crate::links::link;

/// The book of hits by when they came: a line for each [`Judged`].
pub const HIT_TIMES: &str = "hit_times";

/// Hits by the shop's day: one line.
pub const HIT_DAYS: &str = "hit_days";

/// The same by campaign: a line for each.
pub const CAMPAIGN_HIT_DAYS: &str = "campaign_hit_days";

const HITS: &str = "hits";
const WITH_CODE: &str = "with_code";
const EXPIRED: &str = "expired";
const TAPS: &str = "taps";
const MACHINES: &str = "machines";
const HEADS: &str = "heads";

/// Hits on one campaign's links that were judged alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Judged {
    /// Whose link.
    pub campaign: CampaignId,
    /// Whether they were people's.
    pub human: bool,
    /// The strongest reason's word.
    pub word: String,
}

impl Judged {
    fn line(&self) -> String {
        format!("{} {} {}", self.campaign, u8::from(self.human), self.word)
    }

    fn read(line: &str) -> Option<Self> {
        let (campaign, rest) = line.split_once(' ')?;
        let (human, word) = rest.split_once(' ')?;
        Some(Self { campaign: CampaignId::parse(campaign)?, human: human == "1", word: word.to_owned() })
    }
}

/// The strongest reason of those that are kept; what they say themselves, where none is known any more.
pub fn strongest(kept: &str) -> &str {
    Reason::read_all(kept).first().map_or(kept, |reason| reason.word())
}

/// How many hits, and how many of them were people's with the code applied, and too late for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// All.
    pub hits: i64,
    /// People's that were sent on with the code.
    pub with_code: i64,
    /// People's that came when the code had run out.
    pub expired: i64,
}

impl Hits {
    fn add(&mut self, other: Self) {
        self.hits += other.hits;
        self.with_code += other.with_code;
        self.expired += other.expired;
    }
}

/// The hits on one link: by the quarter of an hour, whether they were people's, and the reasons as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Times(BTreeMap<(i64, bool, String), Hits>);

impl Times {
    pub(super) fn read(kept: &str) -> Self {
        let one = |text: &str| {
            let [quarter, human, reason, hits, with_code, expired] = text.split('|').collect::<Vec<_>>()[..] else {
                return None;
            };
            let hits =
                Hits { hits: hits.parse().ok()?, with_code: with_code.parse().ok()?, expired: expired.parse().ok()? };
            Some(((quarter.parse().ok()?, human == "1", reason.to_owned()), hits))
        };
        Self(kept.split(';').filter_map(one).collect())
    }

    pub(super) fn kept(&self) -> String {
        let one = |((quarter, human, reason), of): (&(i64, bool, String), &Hits)| {
            format!("{quarter}|{}|{reason}|{}|{}|{}", u8::from(*human), of.hits, of.with_code, of.expired)
        };
        self.0.iter().map(one).collect::<Vec<_>>().join(";")
    }

    pub(super) fn count(&self, changes: &mut Changes, campaign: CampaignId, zone: Tz, by: i64) {
        for ((quarter, human, reason), hits) in &self.0 {
            count(changes, (campaign, *quarter, *human, reason), *hits, zone, by);
        }
    }
}

/// Counts hits of one quarter of an hour that were judged alike.
fn count(
    changes: &mut Changes,
    (campaign, quarter, human, reason): (CampaignId, i64, bool, &str),
    of: Hits,
    zone: Tz,
    by: i64,
) {
    let (at, word) = (Timestamp::from_micros(quarter * QUARTER), strongest(reason));
    let line = Judged { campaign, human, word: word.to_owned() }.line();
    for (measure, count) in [(HITS, of.hits), (WITH_CODE, of.with_code), (EXPIRED, of.expired)] {
        changes.add(HIT_TIMES, at, &line, measure, count * by);
    }
    let measure = match human {
        true => TAPS,
        false if word == Reason::Head.word() => HEADS,
        false => MACHINES,
    };
    let day = at_day(at.day(zone));
    changes.add(HIT_DAYS, day, "", measure, of.hits * by);
    changes.add(CAMPAIGN_HIT_DAYS, day, &campaign.to_string(), measure, of.hits * by);
}

#[derive(FromQueryResult)]
struct OfLink {
    slug: String,
    quarter: i64,
    human: bool,
    reason: String,
    hits: i64,
    with_code: i64,
    expired: i64,
}

/// The hits on some links.
pub(super) async fn times_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    slugs: &[String],
) -> Result<BTreeMap<String, Times>, DbErr> {
    let slug = || Expr::col((Entity, Column::Slug));
    let select = alike(shop)
        .expr_as(slug(), "slug")
        .and_where(slug().is_in(slugs.iter().map(String::as_str)))
        .add_group_by([slug()])
        .to_owned();
    let mut found: BTreeMap<String, Times> = BTreeMap::new();
    for row in db.query_all(&select).await? {
        let OfLink { slug, quarter, human, reason, hits, with_code, expired } = OfLink::from_query_result(&row, "")?;
        found.entry(slug).or_default().0.insert((quarter, human, reason), Hits { hits, with_code, expired });
    }
    Ok(found)
}

fn alike(shop: ShopId) -> SelectStatement {
    let hit = |column: Column| Expr::col((Entity, column));
    let quarter = || hit(Column::At).div(Expr::cust(QUARTER.to_string()));
    let persons = |bit: i32| -> Expr {
        let one: Expr = CaseStatement::new().case(hit(Column::Human).eq(true).and(with_sign(bit)), 1).finally(0).into();
        Func::cast_as(one.sum(), "BIGINT").into()
    };
    Query::select()
        .expr_as(quarter(), "quarter")
        .expr_as(hit(Column::Human), "human")
        .expr_as(hit(Column::Reason), "reason")
        .expr_as(Expr::cust("CAST(COUNT(*) AS BIGINT)"), "hits")
        .expr_as(persons(Signs::WITH_CODE), "with_code")
        .expr_as(persons(Signs::EXPIRED), "expired")
        .from(Entity)
        .and_where(hit(Column::ShopId).eq(shop))
        .add_group_by([quarter(), hit(Column::Human), hit(Column::Reason)])
        .to_owned()
}

#[derive(FromQueryResult)]
struct OfCampaign {
    campaign_id: CampaignId,
    quarter: i64,
    human: bool,
    reason: String,
    hits: i64,
    with_code: i64,
    expired: i64,
}

/// Counts hits from their rows.
pub(super) async fn recount_times(db: &impl ConnectionTrait, shop: ShopId, zone: Tz) -> Result<Changes, DbErr> {
    let on = Expr::col((link::Entity, link::Column::ShopId))
        .equals((Entity, Column::ShopId))
        .and(Expr::col((link::Entity, link::Column::Slug)).equals((Entity, Column::Slug)));
    let campaign = || Expr::col((link::Entity, link::Column::CampaignId));
    let select = alike(shop)
        .expr_as(campaign(), "campaign_id")
        .inner_join(link::Entity, on)
        .add_group_by([campaign()])
        .to_owned();
    let mut changes = Changes::default();
    for row in db.query_all(&select).await? {
        let row = OfCampaign::from_query_result(&row, "")?;
        let OfCampaign { hits, with_code, expired, .. } = row;
        let of = (row.campaign_id, row.quarter, row.human, row.reason.as_str());
        count(&mut changes, of, Hits { hits, with_code, expired }, zone, 1);
    }
    Ok(changes)
}

/// The hits that came between two instants, by what they were judged as: from what is counted, and what is not yet
/// (`since`, [`super::hits_since`]). `None`: they are not counted, or these are no whole quarters of an hour.
pub async fn hit_times(
    db: &impl ConnectionTrait,
    shop: ShopId,
    between: (Timestamp, Timestamp),
    since: &Changes,
) -> Result<Option<BTreeMap<Judged, Hits>>, DbErr> {
    let Some(lines) = counts::read(db, shop, HIT_TIMES, between).await? else { return Ok(None) };
    let mut found: BTreeMap<Judged, Hits> = BTreeMap::new();
    for (line, of) in lines.iter().chain(&since.lines_within(HIT_TIMES, between)) {
        let more = Hits { hits: of.of(HITS), with_code: of.of(WITH_CODE), expired: of.of(EXPIRED) };
        if let Some(judged) = Judged::read(line) {
            found.entry(judged).or_default().add(more);
        }
    }
    found.retain(|_, of| *of != Hits::default());
    Ok(Some(found))
}

/// A day's hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfDay {
    /// People's.
    pub taps: i64,
    /// Machines'.
    pub machines: i64,
    /// HEAD.
    pub heads: i64,
}

/// Hits by day, of one campaign if only it is asked for; days without any are left out.
pub async fn hit_days(
    db: &impl ConnectionTrait,
    shop: ShopId,
    campaign: Option<CampaignId>,
    (from, to): (Day, Day),
    since: &Changes,
) -> Result<Option<BTreeMap<Day, OfDay>>, DbErr> {
    let (book, line) = match campaign {
        Some(campaign) => (CAMPAIGN_HIT_DAYS, campaign.to_string()),
        None => (HIT_DAYS, String::new()),
    };
    let days = (at_day(from), at_day(to.next()));
    let Some(counted) = counts::read_days_of(db, shop, book, days, Some(&line)).await? else { return Ok(None) };
    let mut found: BTreeMap<Day, OfDay> = BTreeMap::new();
    let mut add = |at: Timestamp, of: &counts::Line| {
        let sum = found.entry(at.day(Tz::UTC)).or_default();
        sum.taps += of.of(TAPS);
        sum.machines += of.of(MACHINES);
        sum.heads += of.of(HEADS);
    };
    counted.iter().for_each(|(at, _, of)| add(*at, of));
    let since = since.days(book);
    let lately = since.iter().filter(|((at, of), _)| (days.0..days.1).contains(at) && *of == line);
    lately.for_each(|((at, _), of)| add(*at, of));
    found.retain(|_, sum| *sum != OfDay::default());
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_link_reads_back() {
        let hits = |hits, with_code, expired| Hits { hits, with_code, expired };
        let times = Times(BTreeMap::from([
            ((1_980_000, true, "browser".to_owned()), hits(2, 1, 1)),
            ((1_980_000, false, "preview,tool".to_owned()), hits(7, 0, 0)),
            ((1_980_001, true, "again".to_owned()), hits(1, 0, 0)),
        ]));
        assert_eq!(Times::read(&times.kept()), times);
        assert_eq!(Times::read(""), Times::default());
    }

    #[test]
    fn a_line_reads_back_and_says_the_strongest_reason() {
        let campaign = CampaignId::parse("0197a1f0-0000-7000-8000-000000000001").unwrap();
        for (human, kept, word) in
            [(false, "preview,tool", "preview"), (true, "browser", "browser"), (false, "old", "old")]
        {
            let judged = Judged { campaign, human, word: strongest(kept).to_owned() };
            assert_eq!((judged.word.as_str(), Judged::read(&judged.line())), (word, Some(judged.clone())));
        }
    }
}
