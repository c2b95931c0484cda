//! The links: every hit, which of them were people's, why the others were not, and what Meta counted beside us.
//!
//! 1. **Raw** is every GET; HEAD only asks whether a link is there. **Taps** are the raw hits that were people's, and
//!    taps of one device within half an hour are one **visit**.
//! 2. Raw = taps + machines, and the machines' reasons sum to the machines.

use std::collections::{BTreeMap, HashMap};

use sea_orm::sea_query::{CaseStatement, Cond, Condition, Expr, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType, Order, QueryFilter};
use serde::Serialize;

use super::campaigns::credited;
use super::orders::Named;
use super::period::Period;
use super::templates::{TemplateWitness, Templates, template_witness};
use super::totals::{bigint, count, rows};
use crate::campaigns::{CampaignId, Campaigns};
use crate::kernel::id::MessageId;
use crate::kernel::{Day, Money, Timestamp};
use crate::links::classify::{Reason, Signs};
use crate::links::{ClickColumn, Clicks, LinkColumn, Links, counts, with_sign};
use crate::messages::{Figure, MESSAGE, Messages, MetaClickColumn, MetaClicks};
use crate::shops::Shop;

/// Machines that hit for one reason.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct MachineCount {
    /// `preview`, `head`, `prefetch`, …
    reason: String,
    /// The same in a sentence.
    sentence: String,
    hits: i64,
}

/// Hits counted.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct HitCounts {
    /// Every GET.
    raw: i64,
    /// People's.
    taps: i64,
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
    #[schema(value_type = Option<String>, format = "date-time")]
    first_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    last_at: Option<Timestamp>,
}

/// One day's hits.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct HitDay {
    #[schema(value_type = String, format = "date")]
    day: Day,
    taps: i64,
    machines: i64,
}

/// What Meta counted in the same days, beside ours.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Witness {
    /// Clicks Meta told us of.
    meta_clicks: i64,
    /// Those of them that we saw ourselves, by Meta's click id.
    seen_by_us: i64,
    /// Our taps that carried a click id of Meta's.
    taps_with_meta_id: i64,
    /// Why the two differ.
    sentence: String,
    /// The third count: Meta's template analytics.
    templates: TemplateWitness,
}

/// A campaign's links.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignLinks {
    campaign: Named,
    hits: HitCounts,
    /// Clicks Meta told us of, as far as they lead to this campaign.
    meta_clicks: i64,
    /// Clicks on address buttons that Meta counts for the templates it sends, in its template analytics; `null`: not told.
    template_clicks: Option<i64>,
    /// Attributed orders placed in these days, with a tap or without one.
    orders: i64,
    attributed: Money,
}

/// One link.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LinkLine {
    message_id: Option<MessageId>,
    campaign: Named,
    hits: HitCounts,
    meta_clicks: i64,
}

/// The links report.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LinksReport {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    total: HitCounts,
    days: Vec<HitDay>,
    witness: Witness,
    /// Attributed orders placed in these days: what the overview counts, and what the campaigns below sum to.
    orders: i64,
    attributed: Money,
    campaigns: Vec<CampaignLinks>,
    /// A page of links, the latest hit first.
    links: Vec<LinkLine>,
    next_cursor: Option<String>,
}

/// Where a page begins: after this link, in descending order of its latest hit.
#[derive(Clone, Debug)]
pub struct LinkCursor(i64, String);

impl LinkCursor {
    /// Reads what a page handed out.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, slug) = text.split_once('.')?;
        (slug.len() <= 64).then_some(Self(at.parse().ok()?, slug.to_owned()))
    }
}

/// Links on one page.
const PAGE: usize = 50;

#[derive(FromQueryResult)]
struct Row {
    campaign_id: CampaignId,
    slug: Option<String>,
    human: bool,
    reason: String,
    hits: i64,
    with_code: i64,
    expired: i64,
    first_at: i64,
    last_at: i64,
}

/// Reads the report.
pub async fn links_report(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    after: Option<LinkCursor>,
) -> Result<LinksReport, DbErr> {
    let by_campaign = counted(db, grouped(shop, period, false), |row| row.campaign_id).await?;
    let mut total = HitCounts::default();
    by_campaign.values().for_each(|counts| total.add(counts));
    total.sort();
    let page = page(db, shop, period, after).await?;
    let slugs: Vec<&str> = page.links.iter().map(|(slug, _)| slug.as_str()).collect();
    let of_page =
        grouped(shop, period, true).and_where(Expr::col((Clicks, ClickColumn::Slug)).is_in(slugs.clone())).to_owned();
    let by_link = counted(db, of_page, |row| row.slug.clone().unwrap_or_default()).await?;
    let met: Vec<Met> = rows(db, &matched(shop, period)).await?;
    let meta_of_campaign = |id| met.iter().filter(|row| row.campaign_id == id).map(|row| row.clicks).sum();
    let meta_of_link = |slug: &str| met.iter().filter(|row| row.slug == slug).map(|row| row.clicks).sum();
    let names = Campaigns::of(shop.shop_id).all(db).await?;
    let names: HashMap<CampaignId, String> = names.into_iter().map(|row| (row.id, row.name)).collect();
    let named = |id| Named { id, name: names.get(&id).cloned().unwrap_or_else(|| "a campaign that is gone".into()) };
    let messages = Messages::of(shop.shop_id).filter(MESSAGE.link_slug.is_in(slugs)).all(db).await?;
    let messages: HashMap<&str, MessageId> = messages.iter().map(|row| (row.link_slug.as_str(), row.id)).collect();
    let credited = credited(db, shop, period).await?;
    let told = Templates::read(db, shop, period).await?;
    let span = told.span(period);
    let in_span = match &span {
        Some(span) => counted(db, grouped(shop, span, false), |row| row.campaign_id).await?,
        None => BTreeMap::new(),
    };
    let hits_of = |id| in_span.get(&id).map_or((0, 0), |hits| (hits.raw, hits.taps));
    let templates = template_witness(db, shop, (period, span.as_ref()), &told, hits_of).await?;
    // A code may be typed in without a tap: a campaign whose links nobody opened can have orders all the same.
    let mut ids: Vec<CampaignId> = by_campaign.keys().chain(credited.keys()).copied().collect();
    ids.retain(|id| period.campaign.is_none_or(|only| only == *id));
    ids.sort();
    ids.dedup();
    let mut campaigns: Vec<CampaignLinks> = ids
        .into_iter()
        .map(|id| {
            let hits = by_campaign.get(&id).cloned().unwrap_or_default();
            let (orders, minor) = credited.get(&id).copied().unwrap_or_default();
            let attributed = Money::new(minor, shop.money());
            let (meta_clicks, template_clicks) = (meta_of_campaign(id), told.of(id, Figure::UrlClicks));
            CampaignLinks { campaign: named(id), hits, meta_clicks, template_clicks, orders, attributed }
        })
        .collect();
    campaigns.sort_by_key(|line| (std::cmp::Reverse(line.hits.taps), line.campaign.id));
    let links = page.links.iter().map(|(slug, campaign)| LinkLine {
        message_id: messages.get(slug.as_str()).copied(),
        campaign: named(*campaign),
        hits: by_link.get(slug).cloned().unwrap_or_default(),
        meta_clicks: meta_of_link(slug),
    });
    Ok(LinksReport {
        from: period.from,
        to: period.to,
        days: days(db, shop, period).await?,
        witness: witness(db, shop, period, met.iter().map(|row| row.clicks).sum(), templates).await?,
        total,
        orders: campaigns.iter().map(|line| line.orders).sum(),
        attributed: Money::new(campaigns.iter().map(|line| line.attributed.minor).sum(), shop.money()),
        campaigns,
        links: links.collect(),
        next_cursor: page.next,
    })
}

/// Hits of the period.
fn within(shop: &Shop, period: &Period) -> Condition {
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
fn hits() -> SelectStatement {
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

async fn counted<K: Ord>(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    key: impl Fn(&Row) -> K,
) -> Result<BTreeMap<K, HitCounts>, DbErr> {
    let mut found: BTreeMap<K, HitCounts> = BTreeMap::new();
    for row in rows::<Row>(db, &select).await? {
        found.entry(key(&row)).or_default().take(&row);
    }
    found.values_mut().for_each(HitCounts::sort);
    Ok(found)
}

impl HitCounts {
    fn take(&mut self, row: &Row) {
        let first = Reason::read_all(&row.reason).first().copied();
        let (from, to) = (Timestamp::from_micros(row.first_at), Timestamp::from_micros(row.last_at));
        self.first_at = Some(self.first_at.map_or(from, |at| std::cmp::min(at, from)));
        self.last_at = Some(self.last_at.map_or(to, |at| std::cmp::max(at, to)));
        match (row.human, first) {
            (false, Some(Reason::Head)) => self.heads += row.hits,
            (false, reason) => {
                self.raw += row.hits;
                let word = reason.map_or(row.reason.as_str(), |reason| reason.word());
                let sentence = reason.map_or("Judged by rules that are gone.", Reason::sentence);
                self.machine(word, sentence, row.hits);
            }
            (true, reason) => {
                self.raw += row.hits;
                self.taps += row.hits;
                self.visits += if reason == Some(Reason::Again) { 0 } else { row.hits };
                self.with_code += row.with_code;
                self.expired += row.expired;
            }
        }
    }

    fn machine(&mut self, word: &str, sentence: &str, hits: i64) {
        match self.machines.iter_mut().find(|line| line.reason == word) {
            Some(line) => line.hits += hits,
            None => self.machines.push(MachineCount { reason: word.into(), sentence: sentence.into(), hits }),
        }
    }

    fn add(&mut self, other: &Self) {
        self.raw += other.raw;
        self.taps += other.taps;
        self.visits += other.visits;
        self.heads += other.heads;
        self.with_code += other.with_code;
        self.expired += other.expired;
        self.first_at = [self.first_at, other.first_at].into_iter().flatten().min();
        self.last_at = std::cmp::max(self.last_at, other.last_at);
        other.machines.iter().for_each(|line| self.machine(&line.reason, &line.sentence, line.hits));
    }

    fn sort(&mut self) {
        self.machines.sort_by(|a, b| b.hits.cmp(&a.hits).then_with(|| a.reason.cmp(&b.reason)));
    }
}

struct Page {
    links: Vec<(String, CampaignId)>,
    next: Option<String>,
}

#[derive(FromQueryResult)]
struct LinkRow {
    slug: String,
    campaign_id: CampaignId,
    last_at: i64,
}

async fn page(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    after: Option<LinkCursor>,
) -> Result<Page, DbErr> {
    let last = || Expr::col((Clicks, ClickColumn::At)).max();
    let slug = || Expr::col((Clicks, ClickColumn::Slug));
    let mut select = hits();
    select
        .expr_as(slug(), "slug")
        .expr_as(Expr::col((Links, LinkColumn::CampaignId)), "campaign_id")
        .expr_as(last(), "last_at")
        .cond_where(within(shop, period))
        .add_group_by([slug(), Expr::col((Links, LinkColumn::CampaignId))])
        .order_by_expr(last(), Order::Desc)
        .order_by_expr(slug(), Order::Asc)
        .limit(PAGE as u64 + 1);
    if let Some(LinkCursor(at, name)) = after {
        let same = Cond::all().add(last().eq(at)).add(slug().gt(name));
        select.cond_having(Cond::any().add(last().lt(at)).add(same));
    }
    let mut found: Vec<LinkRow> = rows(db, &select).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|row| format!("{}.{}", row.last_at, row.slug));
    Ok(Page { links: found.into_iter().map(|row| (row.slug, row.campaign_id)).collect(), next })
}

#[derive(FromQueryResult)]
struct Quarter {
    quarter: i64,
    human: bool,
    hits: i64,
}

/// Days begin on a quarter of an hour in every zone there is.
const QUARTER_MICROS: i64 = 900_000_000;

async fn days(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<Vec<HitDay>, DbErr> {
    let quarter = || Expr::col((Clicks, ClickColumn::At)).div(Expr::cust(QUARTER_MICROS.to_string()));
    let select = hits()
        .expr_as(quarter(), "quarter")
        .expr_as(Expr::col((Clicks, ClickColumn::Human)), "human")
        .expr_as(count(), "hits")
        .cond_where(within(shop, period))
        .and_where(counts())
        .add_group_by([quarter(), Expr::col((Clicks, ClickColumn::Human))])
        .to_owned();
    let mut days: BTreeMap<Day, (i64, i64)> = (period.from.0..=period.to.0).map(|day| (Day(day), (0, 0))).collect();
    for row in rows::<Quarter>(db, &select).await? {
        let day = Timestamp::from_micros(row.quarter * QUARTER_MICROS).day(shop.zone());
        let counts = days.entry(day).or_default();
        *(if row.human { &mut counts.0 } else { &mut counts.1 }) += row.hits;
    }
    Ok(days.into_iter().map(|(day, (taps, machines))| HitDay { day, taps, machines }).collect())
}

#[derive(FromQueryResult)]
struct Met {
    campaign_id: CampaignId,
    slug: String,
    clicks: i64,
}

/// Meta's clicks that we saw ourselves, by link.
fn matched(shop: &Shop, period: &Period) -> SelectStatement {
    let on = Cond::all()
        .add(Expr::col((MetaClicks, MetaClickColumn::ShopId)).equals((Clicks, ClickColumn::ShopId)))
        .add(Expr::col((MetaClicks, MetaClickColumn::MetaClick)).equals((Clicks, ClickColumn::MetaClick)));
    hits()
        .join(JoinType::InnerJoin, MetaClicks, on)
        .columns([(Links, LinkColumn::CampaignId), (Links, LinkColumn::Slug)])
        .expr_as(bigint(Expr::col((MetaClicks, MetaClickColumn::MetaClick)).count_distinct()), "clicks")
        .cond_where(within(shop, period))
        .group_by_columns([(Links, LinkColumn::CampaignId), (Links, LinkColumn::Slug)])
        .to_owned()
}

#[derive(FromQueryResult)]
struct One {
    clicks: i64,
}

async fn witness(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    seen_by_us: i64,
    templates: TemplateWitness,
) -> Result<Witness, DbErr> {
    let theirs = Query::select()
        .expr_as(bigint(Expr::col(MetaClickColumn::MetaClick).count_distinct()), "clicks")
        .from(MetaClicks)
        .and_where(Expr::col(MetaClickColumn::ShopId).eq(shop.shop_id))
        .and_where(Expr::col(MetaClickColumn::At).gte(period.instants.0))
        .and_where(Expr::col(MetaClickColumn::At).lt(period.instants.1))
        .to_owned();
    let ours = hits()
        .expr_as(count(), "clicks")
        .cond_where(within(shop, period))
        .and_where(Expr::col((Clicks, ClickColumn::Human)).eq(true))
        .and_where(Expr::col((Clicks, ClickColumn::MetaClick)).is_not_null())
        .to_owned();
    let one = async |select: &SelectStatement| {
        let found: Vec<One> = rows(db, select).await?;
        Ok::<i64, DbErr>(found.first().map_or(0, |row| row.clicks))
    };
    let meta_clicks = one(&theirs).await?;
    let taps_with_meta_id = one(&ours).await?;
    let sentence = explained(meta_clicks, seen_by_us, period.campaign.is_some()).to_owned();
    Ok(Witness { meta_clicks, seen_by_us, taps_with_meta_id, sentence, templates })
}

fn explained(theirs: i64, both: i64, one_campaign: bool) -> &'static str {
    match (theirs, both) {
        (0, _) => {
            "Meta told of no clicks in these days. It does so only for some accounts, for messages sent through its Marketing Messages API, and not in the EU, the UK and Japan; our own count does not depend on it."
        }
        (_, _) if one_campaign => {
            "Meta does not say to which campaign a click belongs; its total here is of all campaigns. Where a link was opened with Meta's click id, the two counts of one click are known to be the same."
        }
        (theirs, both) if both == theirs => {
            "Every click Meta told of was seen by us too. Ours are usually more: Meta tells only of messages of the last seven days sent through its Marketing Messages API."
        }
        _ => {
            "Meta also counts clicks on links that are not ours, and taps that never reached us because the phone was offline. We also count taps on forwarded messages, and on messages Meta does not report."
        }
    }
}
