//! A page of links, the latest hit first: read along the hits, from the newest back, until it is full. The period is never
//! grouped.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use sea_orm::sea_query::{Cond, Condition};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::hits::HitDay;
use crate::campaigns::CampaignId;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::links::{CLICK, ClickColumn, ClickId, Clicks, LINK, LinkColumn, Links};
use crate::reports::period::Period;
use crate::shops::Shop;

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

/// Hits read at a time.
const HITS: u64 = 500;

/// Links in the order of the page.
pub struct Page {
    /// Their names, and whose they are.
    pub links: Vec<(String, CampaignId)>,
    /// Where the next one begins.
    pub next: Option<String>,
}

/// Reads it. Of one campaign only its days with hits are read.
pub async fn page(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    after: Option<LinkCursor>,
    days: &[HitDay],
) -> Result<Page, DbErr> {
    let of_day = |day: &HitDay| (day.day.start(shop.zone()), day.day.next().start(shop.zone()));
    let stretches: Vec<(Timestamp, Timestamp)> = match period.campaign {
        None => vec![period.instants],
        Some(_) => days.iter().rev().filter(|day| day.busy()).map(of_day).collect(),
    };
    let (seen, found) = (BTreeSet::new(), Vec::new());
    let mut walk = Walk { shop: shop.shop_id, until: period.instants.1, campaign: period.campaign, after, seen, found };
    for stretch in stretches {
        if walk.back(db, stretch).await?.is_break() {
            break;
        }
    }
    Ok(walk.page())
}

struct Walk {
    shop: ShopId,
    until: Timestamp,
    campaign: Option<CampaignId>,
    after: Option<LinkCursor>,
    seen: BTreeSet<String>,
    found: Vec<(Timestamp, String, CampaignId)>,
}

impl Walk {
    /// Goes back over the hits between two instants; breaks off when the page is full.
    async fn back(
        &mut self,
        db: &impl ConnectionTrait,
        (from, until): (Timestamp, Timestamp),
    ) -> Result<ControlFlow<()>, DbErr> {
        let mut before: Option<(Timestamp, ClickId)> = None;
        loop {
            let mut hits = Clicks::of(self.shop).filter(CLICK.at.gte(from)).filter(CLICK.at.lt(until));
            if let Some(LinkCursor(at, _)) = &self.after {
                hits = hits.filter(CLICK.at.lte(Timestamp::from_micros(*at)));
            }
            if let Some(before) = before {
                hits = hits.filter(earlier(before));
            }
            let hits: Vec<(Timestamp, ClickId, String)> = hits
                .order_by_desc(CLICK.at)
                .order_by_desc(CLICK.id)
                .limit(HITS)
                .select_only()
                .columns([ClickColumn::At, ClickColumn::Id, ClickColumn::Slug])
                .into_tuple()
                .all(db)
                .await?;
            let last = hits.last().map(|(at, id, _)| (*at, *id));
            let whole = (hits.len() as u64) < HITS;
            self.take(db, hits).await?;
            match last {
                // Links that were hit at the same instant are in the order of their names: all of them are needed.
                Some((at, _)) if self.found.get(PAGE).is_some_and(|(of, ..)| at < *of) => {
                    return Ok(ControlFlow::Break(()));
                }
                Some(_) if !whole => before = last,
                _ => return Ok(ControlFlow::Continue(())),
            }
        }
    }

    /// Takes the links of some hits, newest first, that are on this page or a later one.
    async fn take(&mut self, db: &impl ConnectionTrait, hits: Vec<(Timestamp, ClickId, String)>) -> Result<(), DbErr> {
        let mut new: Vec<(Timestamp, String)> = Vec::new();
        for (at, _, slug) in hits {
            if self.seen.insert(slug.clone()) {
                new.push((at, slug));
            }
        }
        let slugs = || new.iter().map(|(_, slug)| slug.as_str());
        let mut links = Links::find().filter(LINK.shop_id.eq(self.shop)).filter(LINK.slug.is_in(slugs()));
        if let Some(campaign) = self.campaign {
            links = links.filter(LINK.campaign_id.eq(campaign));
        }
        let links = links.select_only().columns([LinkColumn::Slug, LinkColumn::CampaignId]);
        let links: BTreeMap<String, CampaignId> =
            links.into_tuple::<(String, CampaignId)>().all(db).await?.into_iter().collect();
        let before = self.on_pages_before(db, slugs()).await?;
        let after = self.after.as_ref();
        for (at, slug) in new {
            let named = after.is_none_or(|LinkCursor(of, name)| at.micros() < *of || slug > *name);
            if let Some(campaign) = links.get(&slug).filter(|_| named && !before.contains(&slug)) {
                self.found.push((at, slug, *campaign));
            }
        }
        self.found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        Ok(())
    }

    /// Those that were hit later, and stand on a page before.
    async fn on_pages_before<'a>(
        &self,
        db: &impl ConnectionTrait,
        slugs: impl Iterator<Item = &'a str>,
    ) -> Result<BTreeSet<String>, DbErr> {
        let Some(LinkCursor(at, _)) = &self.after else { return Ok(BTreeSet::new()) };
        let later = Clicks::of(self.shop)
            .filter(CLICK.slug.is_in(slugs))
            .filter(CLICK.at.gt(Timestamp::from_micros(*at)))
            .filter(CLICK.at.lt(self.until));
        let later = later.select_only().column(ClickColumn::Slug).distinct();
        Ok(later.into_tuple::<String>().all(db).await?.into_iter().collect())
    }

    fn page(mut self) -> Page {
        let more = self.found.len() > PAGE;
        self.found.truncate(PAGE);
        let next = self.found.last().filter(|_| more).map(|(at, slug, _)| format!("{}.{slug}", at.micros()));
        Page { links: self.found.into_iter().map(|(_, slug, campaign)| (slug, campaign)).collect(), next }
    }
}

/// Hits that come after one, going back.
fn earlier((at, id): (Timestamp, ClickId)) -> Condition {
    Cond::all()
        .add(CLICK.at.lte(at))
        .add(Cond::any().add(CLICK.at.lt(at)).add(Cond::all().add(CLICK.at.eq(at)).add(CLICK.id.lt(id))))
}
