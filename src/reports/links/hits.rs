//! Hits of some days: from the counts kept beside them, or from their rows where those are not counted.

use std::collections::BTreeMap;

use sea_orm::sea_query::{CaseStatement, Cond, Condition, Expr, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType};
use serde::Serialize;

use crate::campaigns::CampaignId;
use crate::db::counts::{Changes, QUARTER, quarter};
use crate::kernel::{Day, Timestamp};
use crate::links::classify::{Hits, OfDay, Reason, Signs, hit_days, hit_times, hits_since, strongest};
use crate::links::{ClickColumn, Clicks, LinkColumn, Links, with_sign};
use crate::reports::period::Period;
use crate::reports::totals::{bigint, count, rows};
use crate::shops::Shop;

/// Machines that hit for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MachineCount {
    /// `preview`, `head`, `prefetch`, …
    reason: String,
    /// The same in a sentence.
    sentence: String,
    hits: i64,
}

/// Hits counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HitCounts {
    /// Every GET.
    pub raw: i64,
    /// People's.
    pub taps: i64,
    /// People's, those of one device within half an hour taken together.
    visits: i64,
    /// Machines', by their strongest reason.
    machines: Vec<MachineCount>,
    /// HEAD: asked whether the link is there; in no other count.
    heads: i64,
    /// Taps sent on with the code applied.
    with_code: i64,
    /// Taps that came when the code had run out.
    expired: i64,
    /// The first hit, of one link; `null` of many together.
    #[schema(value_type = Option<String>, format = "date-time")]
    first_at: Option<Timestamp>,
    /// The latest hit, of one link; `null` of many together.
    #[schema(value_type = Option<String>, format = "date-time")]
    last_at: Option<Timestamp>,
}

impl HitCounts {
    fn take(&mut self, human: bool, word: &str, of: Hits) {
        match (human, Reason::read(word)) {
            (false, Some(Reason::Head)) => self.heads += of.hits,
            (false, reason) => {
                self.raw += of.hits;
                self.machine(word, reason.map_or("Judged by rules that are gone.", Reason::sentence), of.hits);
            }
            (true, reason) => {
                self.raw += of.hits;
                self.taps += of.hits;
                self.visits += if reason == Some(Reason::Again) { 0 } else { of.hits };
                self.with_code += of.with_code;
                self.expired += of.expired;
            }
        }
    }

    fn came(&mut self, (first, last): (Timestamp, Timestamp)) {
        self.first_at = Some(self.first_at.map_or(first, |at| Ord::min(at, first)));
        self.last_at = Ord::max(self.last_at, Some(last));
    }

    fn machine(&mut self, word: &str, sentence: &str, hits: i64) {
        match self.machines.iter_mut().find(|line| line.reason == word) {
            Some(line) => line.hits += hits,
            None => self.machines.push(MachineCount { reason: word.into(), sentence: sentence.into(), hits }),
        }
    }

    /// The sum of several.
    pub fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for one in all {
            sum.raw += one.raw;
            sum.taps += one.taps;
            sum.visits += one.visits;
            sum.heads += one.heads;
            sum.with_code += one.with_code;
            sum.expired += one.expired;
            one.machines.iter().for_each(|line| sum.machine(&line.reason, &line.sentence, line.hits));
        }
        sum.sort();
        sum
    }

    fn sort(&mut self) {
        self.machines.sort_by(|a, b| b.hits.cmp(&a.hits).then_with(|| a.reason.cmp(&b.reason)));
    }
}

/// What came since hits were counted, as [`hits_since`] answers it.
pub type Since = Option<Changes>;

/// What is not counted yet; asked once for a report.
pub async fn since(db: &impl ConnectionTrait, shop: &Shop) -> Result<Since, DbErr> {
    hits_since(db, shop).await
}

/// The hits of a period on each campaign's links.
pub async fn by_campaign(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    since: &Since,
) -> Result<BTreeMap<CampaignId, HitCounts>, DbErr> {
    let (from, until) = period.instants;
    // Meta's template analytics may end in the middle of a quarter of an hour.
    let whole = Timestamp::from_micros(quarter(until.micros()));
    let counted = match since {
        Some(since) if from < whole => hit_times(db, shop.shop_id, (from, whole), since).await?,
        _ => None,
    };
    let Some(counted) = counted else { return of_rows(db, grouped(shop, period, false), |row| row.campaign_id).await };
    let mut found: BTreeMap<CampaignId, HitCounts> = BTreeMap::new();
    let only = |campaign: CampaignId| period.campaign.is_none_or(|only| only == campaign);
    for (judged, of) in counted.into_iter().filter(|(judged, _)| only(judged.campaign)) {
        found.entry(judged.campaign).or_default().take(judged.human, &judged.word, of);
    }
    if whole < until {
        let rest = Period { instants: (whole, until), ..period.clone() };
        for (campaign, of) in of_rows(db, grouped(shop, &rest, false), |row| row.campaign_id).await? {
            let sum = found.entry(campaign).or_default();
            *sum = HitCounts::sum([&*sum, &of]);
        }
    }
    found.values_mut().for_each(HitCounts::sort);
    Ok(found)
}

/// The hits of a period on some links, with the first and the latest of each.
pub async fn by_link(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    slugs: &[&str],
) -> Result<BTreeMap<String, HitCounts>, DbErr> {
    let slug = Expr::col((Clicks, ClickColumn::Slug));
    let select = grouped(shop, period, true).and_where(slug.is_in(slugs.iter().copied())).to_owned();
    of_rows(db, select, |row| row.slug.clone().unwrap_or_default()).await
}

/// One day's hits.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct HitDay {
    #[schema(value_type = String, format = "date")]
    pub day: Day,
    taps: i64,
    machines: i64,
    #[serde(skip)]
    heads: i64,
}

impl HitDay {
    /// Whether anything came.
    pub const fn busy(&self) -> bool {
        self.taps + self.machines + self.heads > 0
    }
}

/// Every day of the period, those without hits too.
pub async fn days(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    since: &Since,
) -> Result<Vec<HitDay>, DbErr> {
    let days = (period.from, period.to);
    let counted = match since {
        Some(since) => hit_days(db, shop.shop_id, period.campaign, days, since).await?,
        None => None,
    };
    let found = match counted {
        Some(counted) => counted,
        None => days_of_rows(db, shop, period).await?,
    };
    let all = (period.from.0..=period.to.0).map(Day);
    Ok(all
        .map(|day| {
            let OfDay { taps, machines, heads } = found.get(&day).copied().unwrap_or_default();
            HitDay { day, taps, machines, heads }
        })
        .collect())
}

/// Hits of the period.
pub fn within(shop: &Shop, period: &Period) -> Condition {
    let mut filter = Cond::all()
        .add(Expr::col((Clicks, ClickColumn::ShopId)).eq(shop.shop_id))
        .add(Expr::col((Clicks, ClickColumn::At)).gte(period.instants.0))
        .add(Expr::col((Clicks, ClickColumn::At)).lt(period.instants.1));
    if let Some(campaign) = period.campaign {
        filter = filter.add(Expr::col((Links, LinkColumn::CampaignId)).eq(campaign));
    }
    filter
}

/// `clicks` beside their links.
pub fn hits() -> SelectStatement {
    let on = Cond::all()
        .add(Expr::col((Links, LinkColumn::ShopId)).equals((Clicks, ClickColumn::ShopId)))
        .add(Expr::col((Links, LinkColumn::Slug)).equals((Clicks, ClickColumn::Slug)));
    Query::select().from(Clicks).join(JoinType::InnerJoin, Links, on).to_owned()
}

/// How many of a group's hits have a bit set.
fn with(bit: i32) -> Expr {
    let one: Expr = CaseStatement::new().case(with_sign(bit), 1).finally(0).into();
    bigint(one.sum())
}

/// Hits by campaign, or by link, and by verdict.
fn grouped(shop: &Shop, period: &Period, by_link: bool) -> SelectStatement {
    let campaign = || Expr::col((Links, LinkColumn::CampaignId));
    let slug = || Expr::col((Clicks, ClickColumn::Slug));
    let mut select = hits();
    if by_link {
        select.expr_as(slug(), "slug").add_group_by([slug()]);
    } else {
        select.expr_as(Expr::cust("CAST(NULL AS VARCHAR)"), "slug");
    }
    select
        .expr_as(campaign(), "campaign_id")
        .expr_as(Expr::col((Clicks, ClickColumn::Human)), "human")
        .expr_as(Expr::col((Clicks, ClickColumn::Reason)), "reason")
        .expr_as(count(), "hits")
        .expr_as(with(Signs::WITH_CODE), "with_code")
        .expr_as(with(Signs::EXPIRED), "expired")
        .expr_as(Expr::col((Clicks, ClickColumn::At)).min(), "first_at")
        .expr_as(Expr::col((Clicks, ClickColumn::At)).max(), "last_at")
        .cond_where(within(shop, period))
        .add_group_by([campaign(), Expr::col((Clicks, ClickColumn::Human)), Expr::col((Clicks, ClickColumn::Reason))])
        .to_owned()
}

#[derive(FromQueryResult)]
struct Row {
    campaign_id: CampaignId,
    slug: Option<String>,
    human: bool,
    reason: String,
    hits: i64,
    with_code: i64,
    expired: i64,
    first_at: Timestamp,
    last_at: Timestamp,
}

async fn of_rows<K: Ord>(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    key: impl Fn(&Row) -> K,
) -> Result<BTreeMap<K, HitCounts>, DbErr> {
    let mut found: BTreeMap<K, HitCounts> = BTreeMap::new();
    for row in rows::<Row>(db, &select).await? {
        let sum = found.entry(key(&row)).or_default();
        let of = Hits { hits: row.hits, with_code: row.with_code, expired: row.expired };
        sum.take(row.human, strongest(&row.reason), of);
        if row.slug.is_some() {
            sum.came((row.first_at, row.last_at));
        }
    }
    found.values_mut().for_each(HitCounts::sort);
    Ok(found)
}

#[derive(FromQueryResult)]
struct Quarter {
    quarter: i64,
    human: bool,
    head: bool,
    hits: i64,
}

async fn days_of_rows(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<BTreeMap<Day, OfDay>, DbErr> {
    // Days begin on a quarter of an hour in every zone there is.
    let quarter = || Expr::col((Clicks, ClickColumn::At)).div(Expr::cust(QUARTER.to_string()));
    let head = || with_sign(Signs::HEAD);
    let select = hits()
        .expr_as(quarter(), "quarter")
        .expr_as(head(), "head")
        .expr_as(Expr::col((Clicks, ClickColumn::Human)), "human")
        .expr_as(count(), "hits")
        .cond_where(within(shop, period))
        .add_group_by([quarter(), head(), Expr::col((Clicks, ClickColumn::Human))])
        .to_owned();
    let mut days: BTreeMap<Day, OfDay> = BTreeMap::new();
    for row in rows::<Quarter>(db, &select).await? {
        let sum = days.entry(Timestamp::from_micros(row.quarter * QUARTER).day(shop.zone())).or_default();
        *(match (row.head, row.human) {
            (true, _) => &mut sum.heads,
            (_, true) => &mut sum.taps,
            (_, false) => &mut sum.machines,
        }) += row.hits;
    }
    Ok(days)
}
